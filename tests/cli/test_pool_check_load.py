"""pool-check while something happens: sessions are killed, a pool is opened, the tool itself is counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from tests.cli.pool_checked import counted, pool_check, role, sessions
from tests.cli.program import pgtune
from tests.postgres_server import server_of, wait_for

FLEET = """
[fleet.services.api]
replicas = 2
pool = {kind = "psycopg_pool", max_size = 5, min_size = 2, check = true, role = "api"}
"""
# As PostgreSQL comes: the other tests' servers are tuned.
DEFAULTS = {
    "max_connections": "100",
    "max_parallel_workers_per_gather": "2",
    "autovacuum": "on",
    "jit": "on",
}
_OURS = """
SELECT count(*) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name LIKE 'pgtune%'
"""
_KILL = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'doomed'"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Connection string of a superuser on a server whose settings are PostgreSQL's."""
    with server_of(DEFAULTS) as conninfo:
        yield conninfo


@pytest.fixture
def api(server: str) -> Iterator[str]:
    with role(server, "api") as conninfo:
        yield conninfo


def scalar(conninfo: str, query: str) -> object:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


@contextmanager
def busy_pools(conninfo: str) -> Iterator[None]:
    """Two replicas of the service at work: each a pool of five, and four workers."""
    stop = threading.Event()

    def work(pool: ConnectionPool) -> None:
        while not stop.is_set():
            with pool.connection() as connection:
                connection.execute("SELECT pg_sleep(0.005)")
            stop.wait(0.05)

    with (
        ConnectionPool(conninfo, min_size=2, max_size=5, check=ConnectionPool.check_connection) as first,
        ConnectionPool(conninfo, min_size=2, max_size=5, check=ConnectionPool.check_connection) as second,
        ThreadPoolExecutor(8) as executor,
    ):
        working = [executor.submit(work, pool) for pool in (first, second) for _ in range(4)]
        try:
            yield
        finally:
            stop.set()
            for each in working:
                each.result()


@pytest.mark.parametrize("options", [("--watch", "3s"), ("--exercise", "3s")], ids=lambda each: each[0])
def test_nothing_is_found_where_nothing_is_wrong(
    server: str, api: str, tmp_path: Path, options: tuple[str, str]
) -> None:
    with busy_pools(api):
        checked = pool_check(tmp_path, FLEET, *options, conninfo=server)
    assert checked.findings == {}
    assert checked.code == 0
    expected = {"undeclared-connections", "idle-in-transaction", "no-keepalives", "memory-overcommit"}
    assert {checked.statuses[rule] for rule in expected} == {"ok"}


def test_sessions_that_somebody_kills(server: str, api: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as executor:
        checking = executor.submit(pool_check, tmp_path, FLEET, "--watch", "3s", conninfo=server)
        assert wait_for(lambda: scalar(server, _OURS) == 1, timeout_s=10)
        time.sleep(0.5)  # the first sample is taken
        with sessions(api, 25, "doomed"):
            assert scalar(server, _KILL) == 25
        checked = checking.result()
    assert checked.code == 1
    assert checked.findings["abandoned-sessions:killed"] == "error"
    assert checked.finding("abandoned-sessions")["message"].startswith("25 of ")
    quiet = pool_check(tmp_path, FLEET, "--watch", "1s", conninfo=server)
    assert (quiet.code, quiet.statuses["abandoned-sessions"]) == (0, "ok")


def test_a_dead_connection_that_nobody_checks(server: str, tmp_path: Path) -> None:
    unchecked = FLEET.replace("check = true", "check = false").replace(', role = "api"', "")
    checked = pool_check(tmp_path, unchecked, "--exercise", "2s", conninfo=server)
    assert checked.code == 1
    assert checked.findings["dead-connection-handed-out:api.main"] == "error"
    assert checked.finding("dead-connection-handed-out")["place"] == {"file": "pgtune.toml", "line": 4}
    mended = pool_check(
        tmp_path, unchecked.replace("check = false", "check = true"), "--exercise", "2s", conninfo=server
    )
    assert (mended.code, mended.statuses["dead-connection-handed-out"]) == (0, "ok")


@pytest.mark.parametrize("options", [(), ("--watch", "2s"), ("--history", "pool.jsonl")], ids=str)
def test_one_connection_is_used_and_none_left(server: str, tmp_path: Path, options: tuple[str, ...]) -> None:
    with counted(server) as seen:
        pool_check(tmp_path, FLEET, *options, conninfo=server)
    assert seen.samples > 20
    assert seen.most == 1
    assert wait_for(lambda: scalar(server, _OURS) == 0, timeout_s=2)


def test_the_exercise_stays_within_a_third_of_the_free_slots(server: str, tmp_path: Path) -> None:
    greedy = FLEET.replace("max_size = 5", "max_size = 40").replace(', role = "api"', "")
    with sessions(server, 40), counted(server) as seen:
        free = 97 - 40 - 1  # less the session that counts
        checked = pool_check(tmp_path, greedy, "--exercise", "2s", "--fail-on", "never", conninfo=server)
    assert 5 < seen.most - 40 <= free / 3
    assert checked.report["exercise"]["max_size"] < 40
    assert wait_for(lambda: scalar(server, _OURS) == 0, timeout_s=2)


def test_no_exercise_where_slots_are_scarce(server: str, tmp_path: Path) -> None:
    (tmp_path / "pgtune.toml").write_text(FLEET)
    with sessions(server, 85), counted(server) as seen:
        done = pgtune("pool-check", "--dsn", server, "--exercise", "2s", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "not enough free slots to exercise" in done.err
    assert seen.most - 85 <= 2
