"""The workload of a snapshot: pg_stat_statements as far as the role may read it, and why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from pgtune.model.snapshot import Snapshot
from pgtune.sources.postgres import open_server
from tests.conftest import Database
from tests.postgres_server import PostgresServer, embedded_binaries, running_server


@pytest.fixture(scope="module")
def counting() -> Iterator[PostgresServer]:
    """A server with pg_stat_statements loaded, not yet installed."""
    with running_server({"shared_preload_libraries": "'pg_stat_statements'"}) as own:
        yield own


@pytest.fixture
def counted(counting: PostgresServer) -> Iterator[PostgresServer]:
    """The same, installed in a schema of its own, with all counts at zero."""
    execute(
        counting, "CREATE SCHEMA mon; CREATE EXTENSION pg_stat_statements SCHEMA mon; CREATE TABLE t (n int)"
    )
    execute(counting, "SELECT mon.pg_stat_statements_reset()")
    yield counting
    execute(counting, "DROP TABLE t; DROP SCHEMA mon CASCADE")


def execute(server: PostgresServer, statement: str, user: str = "postgres") -> None:
    with psycopg.connect(server.conninfo(user=user), autocommit=True) as connection:
        connection.execute(statement.encode())


def take(conninfo: str) -> Snapshot:
    with open_server(conninfo) as server:
        return server.snapshot(embedded_binaries())


def test_it_is_said_how_to_install_it(counting: PostgresServer) -> None:
    snapshot = take(counting.conninfo())
    assert snapshot.statements == ()
    assert snapshot.statements_missing is not None
    assert "is not installed in this database; set shared_preload_libraries" in snapshot.statements_missing


def test_it_is_said_that_it_is_not_loaded(database: Database) -> None:
    database.execute("CREATE EXTENSION pg_stat_statements")
    missing = take(database.conninfo).statements_missing
    assert missing is not None
    assert missing.startswith("pg_stat_statements is installed but not loaded; ")


def test_statements_are_added_up_over_roles(counted: PostgresServer) -> None:
    execute(counted, "DROP ROLE IF EXISTS second; CREATE ROLE second LOGIN; GRANT SELECT ON t TO second")
    try:
        for user in ("postgres", "second", "second"):
            execute(counted, "SELECT count(*) FROM t WHERE n > 17", user)
        snapshot = take(counted.conninfo())
    finally:
        execute(counted, "DROP OWNED BY second; DROP ROLE second")
    (found,) = [one for one in snapshot.statements if "FROM t WHERE" in one.text]
    assert (found.text, found.calls, found.rows) == ("SELECT count(*) FROM t WHERE n > $1", 3, 3)
    assert found.total_ms > 0
    assert isinstance(found.query_id, int)
    times = [one.total_ms for one in snapshot.statements]
    assert times == sorted(times, reverse=True)
    assert snapshot.statements_missing is None
    assert snapshot.statements_since is not None
    assert snapshot.statements_since < datetime.now(UTC)


def test_statements_of_other_databases_are_not_ours(counted: PostgresServer) -> None:
    with psycopg.connect(counted.conninfo("template1"), autocommit=True) as connection:
        connection.execute("SELECT 'elsewhere' AS elsewhere")
    assert not any("elsewhere" in one.text for one in take(counted.conninfo()).statements)


def test_a_password_in_a_utility_statement_does_not_travel(counted: PostgresServer) -> None:
    execute(counted, "CREATE ROLE brief PASSWORD 's3cr3t' CONNECTION LIMIT 3 /* s3cr3t */")
    execute(counted, "DROP ROLE brief")
    texts = [one.text for one in take(counted.conninfo()).statements]
    assert "CREATE ROLE brief PASSWORD '***' CONNECTION LIMIT 0" in texts
    assert not any("s3cr3t" in text for text in texts)


def test_statements_of_other_roles_are_counted_when_hidden(counted: PostgresServer) -> None:
    execute(counted, "SELECT n FROM t")
    execute(
        counted, "CREATE ROLE plain LOGIN; GRANT USAGE ON SCHEMA mon TO plain; GRANT SELECT ON t TO plain"
    )
    try:
        execute(counted, "SELECT n + 1 FROM t", "plain")
        snapshot = take(counted.conninfo(user="plain"))
    finally:
        execute(counted, "DROP OWNED BY plain; DROP ROLE plain")
    texts = [one.text for one in snapshot.statements]
    assert "SELECT n + $1 FROM t" in texts
    assert "SELECT n FROM t" not in texts
    (hidden,) = [one for one in snapshot.unseen if one.object == "pg_stat_statements"]
    assert hidden.reason.startswith("other roles' statements are hidden (")
    assert hidden.reason.endswith("GRANT pg_read_all_stats TO plain")


def test_a_view_that_may_not_be_read_is_said(counted: PostgresServer) -> None:
    execute(counted, "CREATE ROLE plain LOGIN; GRANT SELECT ON t TO plain")
    try:
        missing = take(counted.conninfo(user="plain")).statements_missing
    finally:
        execute(counted, "DROP OWNED BY plain; DROP ROLE plain")
    assert missing is not None
    assert missing.startswith("the role may not read pg_stat_statements; ")
