"""What really happens to sessions behind PgBouncer: how they are recognized, and what breaks in them."""

from __future__ import annotations

import psycopg
import pytest

from pgtune.model.pools.server_facts import Route
from pgtune.sources.pools.pgbouncer import read_pooler
from tests.conftest import Database
from tests.pgbouncer_server import PgBouncer, pgbouncer
from tests.sources.pools.seen import observation, one

PREPARED_STATEMENTS_ARE_TRACKED = (1, 21, 0)


@pytest.mark.parametrize(("mode", "shared"), [("transaction", True), ("session", False)])
def test_a_pooler_on_the_route_is_recognized(database: Database, mode: str, shared: bool) -> None:
    with pgbouncer(database.conninfo, mode=mode, ignore_startup_parameters="options") as bouncer:
        route = one(observation(bouncer.conninfo()), Route)
    assert route.is_pooled
    assert route.is_shared_by_transaction is shared


def test_a_direct_route_is_no_pooler(database: Database) -> None:
    route = one(observation(database.conninfo), Route)
    assert not route.is_pooled
    assert route.is_shared_by_transaction is None


def _connect(bouncer: PgBouncer, prepare_threshold: int | None) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(bouncer.conninfo(), autocommit=True, prepare_threshold=prepare_threshold)


def test_prepared_statements_of_two_clients_collide(database: Database) -> None:
    with pgbouncer(database.conninfo, default_pool_size=1) as bouncer:
        if read_pooler(None, bouncer.stats_dsn).version >= PREPARED_STATEMENTS_ARE_TRACKED:
            pytest.skip("this PgBouncer keeps prepared statements apart")
        with _connect(bouncer, 0) as first, _connect(bouncer, 0) as second:
            first.execute("SELECT email FROM users WHERE id = %s", [1])
            with pytest.raises(psycopg.errors.DuplicatePreparedStatement, match="already exists"):
                second.execute("SELECT status FROM orders WHERE id = %s", [1])


def test_a_prepared_statement_is_not_on_every_server_connection(database: Database) -> None:
    with pgbouncer(database.conninfo, default_pool_size=2) as bouncer:
        if read_pooler(None, bouncer.stats_dsn).version >= PREPARED_STATEMENTS_ARE_TRACKED:
            pytest.skip("this PgBouncer prepares statements again where they are missing")
        with _connect(bouncer, 0) as first, _connect(bouncer, None) as other:
            first.execute("SELECT email FROM users WHERE id = %s", [1])
            other.execute("BEGIN")  # takes the server connection that knows the statement
            with pytest.raises(psycopg.errors.InvalidSqlStatementName, match="does not exist"):
                first.execute("SELECT email FROM users WHERE id = %s", [2])
            other.execute("ROLLBACK")


def test_without_prepared_statements_two_clients_share_a_server_connection(database: Database) -> None:
    with (
        pgbouncer(database.conninfo, default_pool_size=1) as bouncer,
        _connect(bouncer, None) as first,
        _connect(bouncer, None) as second,
    ):
        for number in range(10):
            assert first.execute("SELECT id FROM users WHERE id = %s", [1 + number]).fetchone()
            assert second.execute("SELECT id FROM orders WHERE id = %s", [1 + number]).fetchone()


def test_a_setting_leaks_to_the_next_client_in_transaction_mode(database: Database) -> None:
    with (
        pgbouncer(database.conninfo, default_pool_size=1) as bouncer,
        _connect(bouncer, None) as first,
        _connect(bouncer, None) as second,
    ):
        first.execute("SET work_mem = '77kB'")
        assert second.execute("SHOW work_mem").fetchone() == ("77kB",)


def test_a_setting_ends_with_its_client_in_session_mode(database: Database) -> None:
    with pgbouncer(database.conninfo, mode="session", default_pool_size=1) as bouncer:
        with _connect(bouncer, None) as first:
            first.execute("SET work_mem = '77kB'")
            pid = first.execute("SELECT pg_backend_pid()").fetchone()
        with _connect(bouncer, None) as second:
            assert second.execute("SELECT pg_backend_pid()").fetchone() == pid
            assert second.execute("SHOW work_mem").fetchone() == ("4MB",)
