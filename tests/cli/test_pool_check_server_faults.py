"""Each fault of sessions and settings is produced on a server, found, and gone once it is mended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from tests.cli.pool_checked import Checked, pool_check, role, sessions
from tests.postgres_server import server_of, wait_for

FLEET = """
[fleet]
reserve = 2
[fleet.services.api]
replicas = 2
surge = 0
terminating = 0
processes = 1
listeners = 0
pool = {kind = "psycopg_pool", max_size = 5, min_size = 2, check = true, role = "api"}
"""
SLOTS = 17  # that are not for superusers


@pytest.fixture(scope="module")
def small() -> Iterator[str]:
    """Connection string of a superuser on a server of few slots, otherwise configured as it comes."""
    settings = {
        "max_connections": "20",
        "autovacuum": "on",
        "jit": "on",
        "max_parallel_workers_per_gather": "2",
    }
    with server_of(settings) as conninfo:
        yield conninfo


@pytest.fixture
def api(small: str) -> Iterator[str]:
    with role(small, "api") as conninfo:
        yield conninfo


def execute(conninfo: str, statement: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(statement.encode())


def gone(conninfo: str, application_name: str) -> bool:
    """True once no session of that name is left."""
    with psycopg.connect(conninfo) as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
        return connection.execute(query, [application_name]).fetchone() == (0,)


def test_connections_that_a_worker_never_gives_back(small: str, api: str, tmp_path: Path) -> None:
    def run() -> Checked:
        return pool_check(tmp_path, FLEET, "--history", "pool.jsonl", conninfo=small)

    with ExitStack() as leaked:
        for _ in range(4):
            leaked.enter_context(sessions(api, 2, "worker"))
            checked = run()
    assert checked.findings == {"leaking-connections:api/worker": "warning"}
    assert "grew from 2 to 8 in 4 runs" in checked.finding("leaking-connections")["message"]
    assert wait_for(lambda: gone(small, "worker"), timeout_s=5)
    assert run().findings == {}


def test_sessions_idle_in_a_transaction(small: str, api: str, tmp_path: Path) -> None:
    fleet = f"{FLEET}\n[rules.idle-in-transaction]\nwarn_s = 0.1\nerror_s = 60"
    with sessions(api, 2, "worker") as opened:
        for session in opened:
            session.execute("BEGIN")
        opened[0].execute("SELECT pg_sleep(0.2)")
        checked = pool_check(tmp_path, fleet, "--fail-on", "warning", conninfo=small)
        assert checked.code == 1
        assert checked.complaints == {"idle-in-transaction:api/worker": "warning"}
        for session in opened:
            session.execute("COMMIT")
        mended = pool_check(tmp_path, fleet, "--fail-on", "warning", conninfo=small)
    assert (mended.code, mended.complaints) == (0, {})


def test_no_slot_left_is_a_finding(small: str, api: str, tmp_path: Path) -> None:
    with sessions(api, SLOTS):
        checked = pool_check(tmp_path, FLEET, "--watch", "60s", "--exercise", "10s", conninfo=api)
    assert checked.code == 1
    assert checked.findings == {"slots-exhausted:reserved": "error"}
    assert checked.statuses["slots-nearly-used"] == "unknown"
    assert checked.statuses["fleet-over-budget"] == "unknown"


def test_not_even_a_superuser_gets_in(small: str, api: str, tmp_path: Path) -> None:
    with sessions(api, SLOTS), sessions(small, 3):
        checked = pool_check(tmp_path, FLEET, conninfo=small)
    assert (checked.code, checked.findings) == (1, {"slots-exhausted:server": "error"})


def test_slots_that_are_nearly_used(small: str, api: str, tmp_path: Path) -> None:
    fleet = FLEET.replace("max_size = 5", "max_size = 7")
    with sessions(api, 13):
        checked = pool_check(tmp_path, fleet, conninfo=small)
    assert checked.findings["slots-nearly-used:server"] == "warning"
    with sessions(api, 3):
        checked = pool_check(tmp_path, fleet, conninfo=small)
    assert checked.statuses["slots-nearly-used"] == "ok"


def test_the_limit_of_a_role(small: str, api: str, tmp_path: Path) -> None:
    execute(small, "ALTER ROLE api CONNECTION LIMIT 5")
    with sessions(api, 5):
        seen = pool_check(tmp_path, FLEET, conninfo=small)
        refused = pool_check(tmp_path, FLEET, conninfo=api)
    assert seen.code == 1
    assert seen.findings == {
        "connection-limit-near:role api": "error",
        "fleet-over-connection-limit:role api": "error",
    }
    assert "10 connections at the peak" in seen.finding("fleet-over-connection-limit")["message"]
    assert (refused.code, refused.findings) == (1, {"slots-exhausted:role": "error"})
    execute(small, "ALTER ROLE api CONNECTION LIMIT 10")
    assert pool_check(tmp_path, FLEET, conninfo=small).findings == {}


def test_the_limit_of_a_database(small: str, api: str, tmp_path: Path) -> None:
    execute(small, "CREATE DATABASE shop CONNECTION LIMIT 2")
    shop = f"{api} dbname=shop"
    with sessions(shop, 2):
        seen = pool_check(tmp_path, FLEET, conninfo=small)
        refused = pool_check(tmp_path, FLEET, conninfo=shop)
    execute(small, "DROP DATABASE shop WITH (FORCE)")
    assert seen.findings == {"connection-limit-near:database shop": "error"}
    assert (refused.code, refused.findings) == (1, {"slots-exhausted:database": "error"})


def test_network_that_drops_connections_without_keepalives(small: str, api: str, tmp_path: Path) -> None:
    fleet = f'{FLEET}\n[fleet.network]\nidle_timeout = "350s"'
    checked = pool_check(tmp_path, fleet, conninfo=small)
    assert checked.complaints == {
        "no-keepalives:tcp_keepalives_idle": "warning",
        "timeout-inversion:api.main idle against the network": "warning",
    }
    assert checked.finding("no-keepalives")["place"] == {"file": "pgtune.toml", "line": 13}
    alive = fleet.replace("check = true", "check = true, keepalives_idle = 60")
    assert pool_check(tmp_path, alive, conninfo=small).complaints == {}


def test_server_that_closes_sessions_before_the_pool_does(small: str, api: str, tmp_path: Path) -> None:
    execute(small, "ALTER ROLE api SET idle_session_timeout = '2min'")
    unchecked = FLEET.replace("check = true", "check = false")
    checked = pool_check(tmp_path, unchecked, conninfo=small)
    key = "timeout-inversion:api.main idle against idle_session_timeout"
    assert (checked.code, checked.findings[key]) == (1, "error")
    execute(small, "ALTER ROLE api RESET idle_session_timeout")
    mended = pool_check(tmp_path, FLEET, conninfo=small)
    assert (mended.code, mended.complaints) == (0, {})


def test_memory_that_the_machine_does_not_have(small: str, api: str, tmp_path: Path) -> None:
    fleet = f'{FLEET}\n[fleet.server]\nmemory = "2GB"'
    execute(small, "ALTER SYSTEM SET work_mem = '512MB'")
    execute(small, "SELECT pg_reload_conf()")
    try:
        checked = pool_check(tmp_path, fleet, conninfo=small)
        with sessions(api, 3) as busy:
            for session in busy:
                session.pgconn.send_query(b"SELECT pg_sleep(60)")
            loaded = pool_check(tmp_path, fleet, conninfo=small)
            for session in busy:
                session.cancel_safe()
                session.pgconn.get_result()
    finally:
        execute(small, "ALTER SYSTEM RESET work_mem")
        execute(small, "SELECT pg_reload_conf()")
    assert (checked.code, checked.findings) == (0, {"memory-overcommit:memory": "warning"})
    assert (loaded.code, loaded.findings) == (1, {"memory-overcommit:memory": "error"})
    assert pool_check(tmp_path, fleet, conninfo=small).findings == {}
