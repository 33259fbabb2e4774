"""A real PgBouncer between pgtune, the pools and the server: what pool-check finds there."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from tests.cli.pool_checked import counted, pool_check, role, sessions
from tests.cli.program import pgtune
from tests.pgbouncer_server import STRANGER, PgBouncer, pgbouncer, pgbouncer_program
from tests.postgres_server import server_of

FLEET = """
[fleet.services.api]
replicas = 2
surge = 0
terminating = 0
processes = 1
listeners = 0
pool = {kind = "psycopg_pool", max_size = 5, check = true, pooler = "front"}
[fleet.poolers.front]
mode = "transaction"
default_pool_size = 10
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Connection string of a superuser on a server with the slots of its defaults."""
    with server_of({"max_connections": "100"}) as conninfo:
        yield conninfo


@pytest.fixture
def bouncer(server: str) -> Iterator[PgBouncer]:
    """By transaction, with one server connection for each user and database."""
    with pgbouncer(server, default_pool_size=1) as running:
        yield running


def _version() -> tuple[int, ...]:
    program = pgbouncer_program()
    told = subprocess.run(
        [program.path, "--version"], check=True, capture_output=True, text=True, env=dict(program.environment)
    )
    return tuple(int(part) for part in told.stdout.split()[1].split("."))


def test_clients_that_wait_at_the_pooler(server: str, bouncer: PgBouncer, tmp_path: Path) -> None:
    with ExitStack() as stack:
        holder, *waiting = stack.enter_context(sessions(bouncer.conninfo(), 3))
        holder.execute("BEGIN")
        for session in waiting:
            session.pgconn.send_query(b"SELECT 1")
        time.sleep(1.1)  # from a wait of a second on it is told
        checked = pool_check(tmp_path, FLEET, "--pgbouncer", bouncer.admin_dsn, conninfo=server)
        holder.execute("COMMIT")
        for session in waiting:
            session.pgconn.get_result()
    key = f"clients-waiting:front/{bouncer.database}/{bouncer.user}"
    # Beside the queue, averages of SHOW STATS may tell of the wait: they are of the pooler's last minute.
    (queue,) = [each for each in checked.check("clients-waiting")["findings"] if each["key"] == key]
    assert (queue["severity"], queue["place"]) == ("warning", {"file": "pgtune.toml", "line": 11})
    assert queue["message"].startswith("2 clients waiting")
    mended = pool_check(tmp_path, FLEET, "--pgbouncer", bouncer.admin_dsn, conninfo=server)
    assert key not in mended.findings


def test_prepared_statements_through_an_old_pooler(server: str, bouncer: PgBouncer, tmp_path: Path) -> None:
    if _version() >= (1, 21):
        pytest.skip("this PgBouncer follows prepared statements")
    fleet = f'{FLEET}admin_dsn = "{bouncer.admin_dsn}"'
    checked = pool_check(tmp_path, fleet, conninfo=server)
    assert checked.code == 1
    assert checked.findings["prepared-statements-through-pooler:api.main"] == "error"
    mended = pool_check(
        tmp_path, fleet.replace("check = true", "check = true, prepares = false"), conninfo=server
    )
    assert (mended.code, mended.statuses["prepared-statements-through-pooler"]) == (0, "ok")


def test_that_fault_is_one_of_postgresql_too(bouncer: PgBouncer) -> None:
    if _version() >= (1, 21):
        pytest.skip("this PgBouncer follows prepared statements")
    with sessions(bouncer.conninfo(), 2) as (first, second):
        for session in (first, second):
            session.prepare_threshold = 0
        first.execute("SELECT 1")
        with pytest.raises(psycopg.errors.DuplicatePreparedStatement):
            second.execute("SELECT 1")


def test_vulnerabilities_of_an_old_version(bouncer: PgBouncer, tmp_path: Path) -> None:
    if _version() >= (1, 19):
        pytest.skip("another version has other vulnerabilities")
    checked = pool_check(tmp_path, FLEET, "--pgbouncer", bouncer.admin_dsn)
    finding = checked.finding("vulnerable-pgbouncer")
    assert finding["severity"] == "warning"
    assert finding["message"].startswith("PgBouncer 1.18.0 has")
    assert "CVE-2021-3935" not in finding["detail"]  # mended in 1.16.1
    assert "CVE-2026-6664 (anybody can crash it by SCRAM, fixed in 1.25.2)" in finding["detail"]


def test_what_the_console_says_wins_over_the_declaration(server: str, tmp_path: Path) -> None:
    with pgbouncer(server, mode="session", default_pool_size=4) as running:
        fleet = f'{FLEET}admin_dsn = "{running.admin_dsn}"'
        checked = pool_check(tmp_path, fleet, conninfo=server)
        alone = pool_check(tmp_path, fleet)
    assert checked.findings["double-pooling:front sharing"] == "warning"  # 10 clients, 4 server connections
    assert alone.statuses["double-pooling"] == "ok"  # as declared: --no-database asks nobody


def test_as_many_server_connections_as_clients(server: str, tmp_path: Path) -> None:
    with (
        pgbouncer(server, mode="session", default_pool_size=60, max_client_conn=100) as running,
        sessions(running.conninfo(), 52) as clients,
    ):
        for client in clients:
            client.execute("SELECT 1")
        checked = pool_check(tmp_path, FLEET, "--pgbouncer", running.admin_dsn)
    finding = next(
        each for each in checked.check("double-pooling")["findings"] if "52 clients" in each["message"]
    )
    assert finding["severity"] == "warning"
    assert finding["message"].startswith("52 clients share 52 server connections")


def test_the_way_through_a_pooler_is_noticed(server: str, bouncer: PgBouncer, tmp_path: Path) -> None:
    undeclared = FLEET.partition("[fleet.poolers")[0].replace(', pooler = "front"', "")
    with sessions(bouncer.conninfo(), 1) as (client,):
        client.execute("SELECT 1")  # the server connection is there before pgtune is
        checked = pool_check(tmp_path, undeclared, "--watch", "1s", conninfo=bouncer.conninfo())
        declared = pool_check(tmp_path, FLEET, conninfo=bouncer.conninfo())
    direct = pool_check(tmp_path, undeclared, "--watch", "1s", conninfo=server)
    assert set(checked.findings) - set(direct.findings) == {"undeclared-pooler:server"}
    assert {rule for rule, status in checked.statuses.items() if status == "unknown"} == {
        rule for rule, status in direct.statuses.items() if status == "unknown"
    }
    assert declared.statuses["undeclared-pooler"] == "ok"


def test_two_connections_at_most_through_a_pooler(server: str, tmp_path: Path) -> None:
    with pgbouncer(server) as running, counted(server) as seen:
        pool_check(tmp_path, FLEET, "--watch", "1s", conninfo=running.conninfo())
    assert seen.samples > 20
    assert 1 <= seen.most <= 2


def test_a_full_pooler_is_a_finding(server: str, tmp_path: Path) -> None:
    with (
        pgbouncer(server, max_client_conn=2) as running,
        sessions(running.conninfo(), 2),
    ):
        checked = pool_check(tmp_path, FLEET, conninfo=running.conninfo())
    assert (checked.code, checked.findings["slots-exhausted:pooler"]) == (1, "error")


def test_a_pooler_without_a_free_server_connection_is_a_finding(server: str, tmp_path: Path) -> None:
    with (
        pgbouncer(server, mode="session", default_pool_size=1, query_wait_timeout=1) as running,
        sessions(running.conninfo(), 1) as (client,),
    ):
        client.execute("SELECT 1")
        checked = pool_check(tmp_path, FLEET, conninfo=running.conninfo())
    assert (checked.code, checked.findings["slots-exhausted:pooler"]) == (1, "error")


def test_pooling_by_statement_cannot_be_looked_through(server: str, tmp_path: Path) -> None:
    (tmp_path / "pgtune.toml").write_text(FLEET)
    with pgbouncer(server, mode="statement") as running:
        done = pgtune("pool-check", "--dsn", running.conninfo(), cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    (line,) = done.err.splitlines()
    assert line.endswith("connect to the server itself where a pooler is in between")


def test_a_console_that_refuses(bouncer: PgBouncer, tmp_path: Path) -> None:
    (tmp_path / "pgtune.toml").write_text(FLEET)
    dsn = bouncer.conninfo(database="pgbouncer", user=STRANGER)
    done = pgtune("pool-check", "--no-database", "--pgbouncer", dsn, cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert len(done.err.splitlines()) == 1
    assert "stats_users in pgbouncer.ini" in done.err


def test_postgresql_is_no_console(server: str, tmp_path: Path) -> None:
    (tmp_path / "pgtune.toml").write_text(FLEET)
    done = pgtune("pool-check", "--no-database", "--pgbouncer", server, cwd=tmp_path)
    assert (done.code, len(done.err.splitlines())) == (3, 1), done.err


def test_role_behind_the_pooler_without_pg_monitor(server: str, tmp_path: Path) -> None:
    with role(server, "guest"), pgbouncer(server, roles=["guest"]) as running:
        checked = pool_check(tmp_path, FLEET, conninfo=running.conninfo(user="guest"))
    assert checked.statuses["idle-in-transaction"] == "unknown"
