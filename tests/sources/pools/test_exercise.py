"""A pool that is opened for real: what is seen of it, what it may take, and that nothing stays behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgtune.errors import ConnectError, UsageError
from pgtune.model.pools.exercise import Exercise
from pgtune.sources.pools.exercise import APPLICATION_NAME, exercise
from pgtune.sources.pools.exercise_plan import ExercisePlan
from tests.conftest import Database
from tests.postgres_server import PostgresServer, wait_for

PLAN = ExercisePlan(
    name="api.main",
    min_size=2,
    max_size=5,
    max_idle_s=30.0,
    connect_timeout_s=5.0,
    acquire_timeout_s=10.0,
    max_lifetime_s=3600.0,
    check=True,
    seconds=1.0,
    free_slots=30,
)
OURS = f"SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '{APPLICATION_NAME}%'"


def exercised(conninfo: str, plan: ExercisePlan) -> Exercise:
    return exercise(conninfo, plan, lambda _doing, _fraction: None)


@contextmanager
def login_role(database: Database, name: str, limit: int) -> Iterator[str]:
    """Connection string of a role that is no superuser."""
    database.execute(f"DROP ROLE IF EXISTS {name}")
    database.execute(f"CREATE ROLE {name} LOGIN CONNECTION LIMIT {limit}")
    try:
        yield make_conninfo(database.conninfo, user=name)
    finally:
        database.execute(f"DROP ROLE {name}")


def test_a_healthy_pool_shows_all_its_parts(database: Database) -> None:
    seen = exercised(database.conninfo, PLAN)
    assert 0 < seen.first_connection_ms <= seen.min_size_ms
    assert [load.workers for load in seen.loads] == [5, 10]
    for load in seen.loads:
        assert load.acquired > load.workers
        assert load.timeouts == 0
        assert 0 <= load.p50_ms <= load.p95_ms <= load.p99_ms
    assert seen.exhausted_after_s is not None
    assert seen.exhausted_after_s >= seen.acquire_timeout_s
    assert seen.dead_handed_out is False
    assert seen.recovered_ms is not None
    assert (seen.shrunk_to, seen.left_open, seen.most_used) == (2, 0, 5)
    assert any(
        sentence.startswith("The acquire timeout was shortened from 10 s") for sentence in seen.left_out
    )
    assert any(sentence.startswith("max_idle was shortened from 30 s") for sentence in seen.left_out)


@pytest.mark.parametrize("max_size", [1, 3])
def test_without_a_check_the_dead_connection_is_handed_out(database: Database, max_size: int) -> None:
    seen = exercised(database.conninfo, replace(PLAN, check=False, min_size=1, max_size=max_size))
    assert seen.dead_handed_out is True
    assert seen.recovered_ms is not None


def test_an_acquire_timeout_that_fits_is_kept(database: Database) -> None:
    seen = exercised(database.conninfo, replace(PLAN, acquire_timeout_s=0.05, max_size=2))
    assert seen.acquire_timeout_s == 0.05
    assert seen.exhausted_after_s is not None
    assert seen.exhausted_after_s >= 0.05
    assert seen.left_out == ("The pool has a fixed size, so it does not shrink.",)


def test_nothing_stays_behind_and_only_its_own_backends_end(database: Database) -> None:
    threads = set(threading.enumerate())
    with (
        database.connect() as bystander,
        psycopg.connect(database.conninfo, application_name=APPLICATION_NAME) as namesake,
    ):
        exercised(database.conninfo, PLAN)
        assert bystander.execute("SELECT 1").fetchone() == (1,)
        assert namesake.execute("SELECT 1").fetchone() == (1,)
        assert database.scalar(OURS) == 1  # the namesake
    assert set(threading.enumerate()) == threads


def test_the_pool_takes_a_third_of_the_free_slots_with_its_own_session(
    private_server: PostgresServer,
) -> None:
    conninfo = private_server.conninfo()
    with psycopg.connect(conninfo, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET max_connections = 20")
    private_server.shut_down()
    private_server.start()
    seen = exercised(conninfo, replace(PLAN, max_size=20, free_slots=17))
    assert (seen.max_size, seen.declared_max_size, seen.most_used) == (4, 20, 4)
    assert "4 of 20 connections were opened: 17 slots of the server are free." in seen.left_out


def test_too_few_free_slots_are_refused_before_anything_is_opened(database: Database) -> None:
    with pytest.raises(UsageError, match=r"^not enough free slots to exercise: 12 are free"):
        exercised(f"{database.conninfo} port=1", replace(PLAN, free_slots=12))


def test_a_role_that_is_no_superuser_ends_its_own_backend(database: Database) -> None:
    with login_role(database, "exercise_plain", limit=10) as conninfo:
        seen = exercised(conninfo, replace(PLAN, check=False))
    assert seen.dead_handed_out is True
    assert seen.left_open == 0


def test_a_pool_that_cannot_grow_is_told_and_not_cut(database: Database) -> None:
    with login_role(database, "exercise_limited", limit=4) as conninfo:
        seen = exercised(conninfo, PLAN)
    assert (seen.most_used, seen.exhausted_after_s, seen.dead_handed_out, seen.shrunk_to) == (
        3,
        None,
        None,
        None,
    )
    assert "The pool gave 3 of 5 connections, so it was not exhausted and none was cut." in seen.left_out


def test_a_pool_that_does_not_fill_is_an_error(database: Database) -> None:
    with (
        login_role(database, "exercise_tight", limit=2) as conninfo,
        pytest.raises(ConnectError, match=r"had no 2 connections after .* s; see the connection limits"),
    ):
        exercised(conninfo, PLAN)


def test_the_cause_is_named_where_there_is_no_connection(database: Database) -> None:
    with pytest.raises(ConnectError, match='database "no_such" does not exist'):
        exercised(make_conninfo(database.conninfo, dbname="no_such"), PLAN)


SCRIPT = """
import sys
from pgtune.sources.interrupt import cancel_on_signal
from pgtune.sources.pools.exercise import exercise
from pgtune.sources.pools.exercise_plan import ExercisePlan

plan = ExercisePlan("api.main", 2, 5, 30.0, 5.0, 10.0, 3600.0, True, 4.0, 30)
with cancel_on_signal():
    exercise(sys.argv[1], plan, lambda doing, _: print(doing, flush=True))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
@pytest.mark.parametrize("step", ["10 workers on 5 connections", "taking all connections"])
def test_a_signal_closes_the_pool(database: Database, step: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SCRIPT, database.conninfo],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert any(line.strip() == step for line in process.stdout)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=10)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, stderr) == (130, "")
    assert wait_for(lambda: database.scalar(OURS) == 0, timeout_s=2)
