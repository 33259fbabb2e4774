"""The sample server through starts, ends and accidents."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sample_process import User, cluster_in, count_rows, is_gone, postmaster_in, quietly

from pgtune.embedded.postmaster import wait_until
from pgtune.embedded.sample import reset_sample, running_sample, sample_dsn, start_sample, stop_sample
from pgtune.errors import EmbeddedError

UseSample = Callable[..., User]


def test_the_sample_answers_and_its_server_is_gone_afterwards(cache: Path, schema: Path) -> None:
    with running_sample(quietly, schema) as conninfo:
        assert count_rows(conninfo) == 100
    assert is_gone(cache)
    assert sample_dsn() is None


def test_the_second_start_loads_nothing(cache: Path, schema: Path) -> None:
    doings: list[str] = []
    for _ in range(2):
        doings.clear()
        with running_sample(lambda doing, _done: doings.append(doing), schema) as conninfo:
            assert count_rows(conninfo) == 100
    assert doings == []


def test_progress_rises_to_one_and_names_the_tables(cache: Path, schema: Path) -> None:
    seen: list[tuple[str, float]] = []
    with running_sample(lambda doing, done: seen.append((doing, done)), schema):
        pass
    fractions = [done for _, done in seen]
    assert fractions == sorted(fractions)
    assert seen[0] == ("creating the sample database", 0.0)
    assert seen[-1] == ("loading t", 1.0)


def test_two_processes_that_start_at_once_share_one_server(cache: Path, use_sample: UseSample) -> None:
    first, second = use_sample(), use_sample()
    assert first.conninfo() == second.conninfo()
    pid = postmaster_in(cache).pid
    first.leave()
    assert postmaster_in(cache).pid == pid
    second.leave()
    assert is_gone(cache)


def test_two_threads_share_one_server(cache: Path, schema: Path) -> None:
    counts: list[int] = []

    def use() -> None:
        with running_sample(quietly, schema) as conninfo:
            counts.append(count_rows(conninfo))

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [100, 100]
    assert is_gone(cache)


def test_the_server_of_a_killed_process_is_used_and_then_stopped(
    cache: Path, schema: Path, use_sample: UseSample
) -> None:
    killed = use_sample()
    killed.conninfo()
    pid = postmaster_in(cache).pid
    killed.process.kill()
    killed.process.wait()
    with running_sample(quietly, schema) as conninfo:
        assert count_rows(conninfo) == 100
        assert postmaster_in(cache).pid == pid
    assert is_gone(cache)


def test_a_killed_server_is_started_again_with_its_data(cache: Path, schema: Path) -> None:
    start_sample(quietly, schema)
    os.kill(postmaster_in(cache).pid, signal.SIGKILL)
    assert wait_until(lambda: not cluster_in(cache).is_ready(), 5)
    doings: list[str] = []
    with running_sample(lambda doing, _done: doings.append(doing), schema) as conninfo:
        assert count_rows(conninfo) == 100
    assert doings == []
    assert is_gone(cache)  # a server that crashed is not the one that was asked to stay


def test_a_pid_file_whose_number_is_another_process_does_not_stop_the_start(
    cache: Path, schema: Path
) -> None:
    with running_sample(quietly, schema):
        pid_file = cluster_in(cache).data / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
    assert is_gone(cache)
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
    with running_sample(quietly, schema) as conninfo:
        assert count_rows(conninfo) == 100


def test_a_load_that_was_killed_is_made_anew(
    cache: Path, schema: Path, tmp_path: Path, use_sample: UseSample
) -> None:
    slow = tmp_path / "slow"
    slow.mkdir()
    (slow / "1_t.sql").write_text(
        "CREATE TABLE t (id int);\nINSERT INTO t VALUES (1);\nSELECT pg_sleep(60);\n"
    )
    killed = use_sample(slow)
    assert killed.process.stderr is not None
    assert "loading t\n" in killed.process.stderr  # reads up to that line
    killed.process.kill()
    killed.process.wait()
    assert cluster_in(cache, "unfinished").is_ready()
    with running_sample(quietly, schema) as conninfo:
        assert count_rows(conninfo) == 100
    assert not cluster_in(cache, "unfinished").exists()


def test_a_changed_schema_is_loaded_anew(cache: Path, schema: Path) -> None:
    with running_sample(quietly, schema) as conninfo:
        assert count_rows(conninfo) == 100
    with (schema / "1_t.sql").open("a") as file:
        file.write("INSERT INTO t VALUES (0);\n")
    with running_sample(quietly, schema) as conninfo:
        assert count_rows(conninfo) == 101


def test_a_damaged_data_directory_is_made_anew(cache: Path, schema: Path) -> None:
    with running_sample(quietly, schema):
        pass
    assert is_gone(cache)
    (cluster_in(cache).data / "global" / "pg_control").unlink()
    with running_sample(quietly, schema) as conninfo:
        assert count_rows(conninfo) == 100


def test_a_started_sample_stays_until_it_is_stopped(cache: Path, schema: Path) -> None:
    conninfo = start_sample(quietly, schema)
    with running_sample(quietly, schema) as same:
        assert same == conninfo
    assert sample_dsn() == conninfo
    assert stop_sample()
    assert sample_dsn() is None
    assert not cluster_in(cache).is_alive()
    assert not stop_sample()


def test_reset_undoes_what_was_changed(cache: Path, schema: Path) -> None:
    with psycopg.connect(start_sample(quietly, schema)) as connection:
        connection.execute("DELETE FROM t")
    assert count_rows(reset_sample(quietly, schema)) == 100


def test_ctrl_c_ends_one_process_and_leaves_the_server_to_the_other(
    cache: Path, use_sample: UseSample
) -> None:
    interrupted, other = use_sample(), use_sample()
    interrupted.conninfo()
    conninfo = other.conninfo()
    os.killpg(interrupted.process.pid, signal.SIGINT)
    interrupted.process.wait(10)
    assert count_rows(conninfo) == 100
    other.leave()
    assert is_gone(cache)


def test_ctrl_c_while_loading_leaves_no_server(cache: Path, tmp_path: Path, use_sample: UseSample) -> None:
    slow = tmp_path / "slow"
    slow.mkdir()
    (slow / "1_t.sql").write_text(
        "CREATE TABLE t (id int);\nINSERT INTO t VALUES (1);\nSELECT pg_sleep(60);\n"
    )
    interrupted = use_sample(slow)
    assert interrupted.process.stderr is not None
    assert "loading t\n" in interrupted.process.stderr  # reads up to that line
    interrupted.process.send_signal(signal.SIGINT)
    interrupted.process.wait(10)
    assert not cluster_in(cache, "unfinished").is_alive()
    assert not cluster_in(cache).is_alive()


def test_an_error_in_the_schema_names_the_file_and_the_line(cache: Path, schema: Path) -> None:
    (schema / "2_u.sql").write_text("SELECT 1;\nSELECT nothing;\n")
    with pytest.raises(EmbeddedError, match=r'2_u\.sql:2: ERROR:  column "nothing" does not exist$'):
        start_sample(quietly, schema)
    assert not cluster_in(cache, "unfinished").is_alive()


def test_the_process_works_with_its_standard_input_closed(cache: Path, use_sample: UseSample) -> None:
    user = use_sample()
    user.conninfo()
    assert user.process.stdin is not None
    user.process.stdin.close()
    assert user.process.wait(10) == 0
    assert is_gone(cache)
