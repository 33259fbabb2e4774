"""One line for each thing that goes wrong under a statement."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from pgtune.errors import (
    ConnectError,
    ConnectionLost,
    PgtuneError,
    StatementCancelled,
    StatementError,
    StatementRefused,
)
from pgtune.model.pool_settings import PoolSettings
from pgtune.sources.explain_options import ExplainOptions
from pgtune.sources.postgres import Server, open_server
from pgtune.sources.server_errors import caret
from tests.conftest import Database
from tests.postgres_server import PostgresServer

SLEEP = "SELECT pg_sleep(30)"
OUR_BACKENDS = """
    FROM pg_stat_activity
    WHERE application_name = 'pgtune' AND state = 'active' AND query LIKE '%ANALYZE%pg_sleep%'
"""


@contextmanager
def meanwhile(conninfo: str, statement: str) -> Iterator[None]:
    """Run *statement* in another session as soon as pgtune sleeps in the server."""

    def act() -> None:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            for _ in range(500):
                row = connection.execute(f"SELECT count(*) {OUR_BACKENDS}".encode()).fetchone()
                if row is not None and row[0]:
                    break
                time.sleep(0.01)
            connection.execute(statement.encode())

    thread = threading.Thread(target=act)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def assert_one_line(error: PgtuneError) -> None:
    assert "\n" not in str(error)
    assert "; " in str(error)  # the next step


def test_a_syntax_error_is_shown_where_psql_shows_it(opened: Server) -> None:
    with pytest.raises(StatementError, match='syntax error at or near "FORM"') as caught:
        opened.explain("SELECT *\n  FORM orders\n WHERE id = 1")
    assert caught.value.context == "LINE 2:   FORM orders\n          ^"


def test_an_unknown_column_is_shown_with_the_servers_hint(opened: Server) -> None:
    with pytest.raises(
        StatementRefused, match=r'column "statuss" does not exist; Perhaps you meant'
    ) as caught:
        opened.explain("SELECT statuss FROM orders")
    assert caught.value.context == "LINE 1: SELECT statuss FROM orders\n               ^"


def test_a_command_that_cannot_be_explained_is_pointed_at_without_our_prefix(opened: Server) -> None:
    with pytest.raises(StatementError) as caught:
        opened.explain("VACUUM orders")
    assert caught.value.context == "LINE 1: VACUUM orders\n        ^"


def test_an_unknown_relation_is_named(opened: Server) -> None:
    with pytest.raises(StatementRefused, match='relation "no_such" does not exist'):
        opened.explain("SELECT * FROM no_such")


def test_a_value_of_the_wrong_type_is_named(opened: Server) -> None:
    with pytest.raises(StatementError, match='invalid input syntax for type integer: "many"'):
        opened.explain("SELECT * FROM orders WHERE id = $1", ["many"])


def test_a_missing_privilege_names_the_table(database: Database, opened: Server) -> None:
    database.execute("DROP ROLE IF EXISTS pgtune_stranger; CREATE ROLE pgtune_stranger")
    try:
        with pytest.raises(StatementRefused, match="permission denied for table orders") as caught:
            opened.explain(
                "SELECT * FROM orders", options=ExplainOptions(settings={"role": "pgtune_stranger"})
            )
        assert_one_line(caught.value)
    finally:
        database.execute("DROP ROLE pgtune_stranger")


def test_the_statement_timeout_names_the_option(opened: Server) -> None:
    with pytest.raises(StatementCancelled, match="timeout of 100 ms; allow more with --timeout"):
        opened.explain(SLEEP, options=ExplainOptions(timeout_ms=100))


def test_settings_cannot_lift_the_timeout(opened: Server) -> None:
    with pytest.raises(StatementCancelled, match="timeout of 100 ms"):
        opened.explain(SLEEP, options=ExplainOptions(timeout_ms=100, settings={"statement_timeout": "0"}))


def test_the_lock_timeout_is_told_apart(database: Database, opened: Server) -> None:
    with database.connect() as connection, connection.transaction():
        connection.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(
            StatementCancelled, match="no lock within 100 ms: another session holds it"
        ) as caught:
            opened.explain("SELECT * FROM orders", options=ExplainOptions(lock_timeout_ms=100))
    assert_one_line(caught.value)


def test_a_cancel_request_is_no_timeout(database: Database, opened: Server) -> None:
    with (
        meanwhile(database.conninfo, f"SELECT pg_cancel_backend(pid) {OUR_BACKENDS}"),
        pytest.raises(StatementCancelled, match="another session asked for it"),
    ):
        opened.explain(SLEEP)
    assert opened.explain("SELECT 1").executed


def test_a_terminated_backend_is_a_lost_connection_and_the_next_statement_gets_another(
    database: Database, opened: Server
) -> None:
    with (
        meanwhile(database.conninfo, f"SELECT pg_terminate_backend(pid) {OUR_BACKENDS}"),
        pytest.raises(
            ConnectionLost, match="closed the connection: terminating connection due to administrator"
        ) as caught,
    ):
        opened.explain(SLEEP)
    assert_one_line(caught.value)
    assert opened.explain("SELECT 1").executed


def test_a_server_stopped_under_the_query_is_lost_and_then_named_as_gone(
    private_server: PostgresServer,
) -> None:
    with open_server(private_server.conninfo(), PoolSettings(connect_timeout_s=2)) as server:
        stopper = threading.Timer(0.3, private_server.shut_down)
        stopper.start()
        with pytest.raises(ConnectionLost):
            server.explain(SLEEP)
        stopper.join()
        for _ in range(2):  # by then the pool waits longer for its next attempt than we wait for the pool
            with pytest.raises(ConnectError, match="does not accept connections"):
                server.explain("SELECT 1")
        private_server.start()
        assert server.explain("SELECT 1").executed


def test_the_caret_points_at_wide_characters_and_cuts_long_lines() -> None:
    assert caret("漢字 x", 3) == "LINE 1: 漢字 x\n             ^"
    context = caret("SELECT 1,\n" + "a" * 300 + "!" + "b" * 300, 310)
    line, below = context.split("\n")
    assert line[len(below) - 1] == "!"
    assert len(line) < 120
