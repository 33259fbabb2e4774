"""The shadow's server through starts, ends and accidents."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psycopg
import pytest

from pgtune.embedded import directories
from pgtune.embedded.postmaster import LifeLine, wait_until
from pgtune.errors import InputError
from pgtune.shadow.server import open_shadow
from tests.shadow.shadow_process import shadow_process
from tests.shadow.snapshots import quietly, schema_snapshot

SNAPSHOT = schema_snapshot("CREATE TABLE public.t (id int)")


def runs_in(cache: Path) -> list[Path]:
    return list((cache / "shadow").glob("run-*"))


def claims_in(cache: Path) -> list[Path]:
    return list((cache / "shadow" / "users").iterdir())


def count_tables(conninfo: str) -> int:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE tablename = 't'").fetchone()
    assert row is not None
    return int(row[0])


def test_it_answers_and_nothing_is_left_afterwards(empty_cache: Path) -> None:
    with open_shadow(SNAPSHOT, None, 3, quietly) as shadow:
        assert len(shadow.databases) == 3
        for database in shadow.databases:
            assert count_tables(database.conninfo) == 1
            assert count_tables(database.planner_conninfo) == 1
        (run,) = runs_in(empty_cache)
        with psycopg.connect(shadow.databases[0].conninfo) as connection:
            sockets = Path(connection.info.host)
        alive = run / "data.alive"
        assert LifeLine(alive).is_held()
    assert runs_in(empty_cache) == []
    assert claims_in(empty_cache) == []
    assert not sockets.exists()


def test_nothing_is_left_after_an_exception(empty_cache: Path) -> None:
    with pytest.raises(ZeroDivisionError), open_shadow(SNAPSHOT, None, 1, quietly):
        raise ZeroDivisionError
    assert runs_in(empty_cache) == []


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_after_a_signal(empty_cache: Path, signum: signal.Signals) -> None:
    with shadow_process() as interrupted:
        assert interrupted.has_server()
        interrupted.process.send_signal(signum)
        assert interrupted.process.wait(10) == 128 + signum
        assert not interrupted.has_server()
    assert runs_in(empty_cache) == []


def test_what_a_killed_process_left_is_removed_by_the_next(empty_cache: Path) -> None:
    with shadow_process() as killed:
        killed.process.kill()
        killed.process.wait()
        assert killed.has_server()
        with open_shadow(SNAPSHOT, None, 1, quietly):
            assert not killed.has_server()
            assert not killed.data.parent.exists()
    assert runs_in(empty_cache) == []


def test_what_a_killed_server_left_is_removed(empty_cache: Path) -> None:
    with open_shadow(SNAPSHOT, None, 1, quietly) as shadow:
        pid = int((shadow.databases[0].data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)
        alive = LifeLine(shadow.databases[0].data.with_name("data.alive"))
        assert wait_until(lambda: not alive.is_held(), 5)
    assert runs_in(empty_cache) == []


def test_two_processes_do_not_disturb_each_other(empty_cache: Path) -> None:
    with shadow_process() as first, shadow_process() as second:
        assert first.data != second.data
        assert first.leave() == 0
        assert second.has_server()
        assert second.leave() == 0
    assert runs_in(empty_cache) == []


def test_the_second_start_runs_no_initdb(empty_cache: Path) -> None:
    doings: list[str] = []
    for _ in range(2):
        doings.clear()
        with open_shadow(SNAPSHOT, None, 1, lambda doing, _done: doings.append(doing)):
            pass
    assert "restoring the schema" in doings
    assert "creating an empty PostgreSQL" not in doings


def test_a_directory_without_postgresql_is_refused(empty_cache: Path, tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match=f'^"{tmp_path}": no PostgreSQL server in it; name the directory'),
        open_shadow(SNAPSHOT, tmp_path, 1, quietly),
    ):
        pass


def test_the_planner_role_can_do_nothing_outside_its_database(empty_cache: Path) -> None:
    with (
        open_shadow(SNAPSHOT, None, 1, quietly) as shadow,
        psycopg.connect(shadow.databases[0].planner_conninfo, autocommit=True) as planner,
    ):
        for attempt in ("CREATE ROLE other", "CREATE DATABASE other", "COPY pg_class TO PROGRAM 'true'"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                planner.execute(attempt.encode())


def test_without_sockets_it_asks_for_a_password(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directories, "MAX_SOCKET_PATH_BYTES", 1)
    with open_shadow(SNAPSHOT, None, 1, quietly) as shadow:
        conninfo = shadow.databases[0].planner_conninfo
        assert count_tables(conninfo) == 1
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(conninfo, password="wrong")
