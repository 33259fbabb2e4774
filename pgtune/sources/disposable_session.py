"""The connection string of a disposable database in, a session that may build there out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from pgtune.errors import StatementRefused
from pgtune.model.pool_settings import PoolSettings
from pgtune.sources.connect import ServerConnection, connect, prepare_conninfo
from pgtune.sources.connection_parameters import connection_parameters
from pgtune.sources.server_errors import Sent, translate
from pgtune.sources.session_pooling import refuse_shared_sessions

LOCK_TIMEOUT_MS = 5_000  # chosen: nobody else should be working on a disposable database


@contextmanager
def open_session(conninfo: str) -> Iterator[ServerConnection]:
    """Yield a connection in autocommit mode that waits for no lock long, and for a build as long as it takes.

    Raises:
        UsageError: *conninfo* is no connection string.
        ConnectError: unreachable, refused, wrong password, unknown database.
        StatementRefused: a standby, a read-only server, or a pooler that shares sessions.
    """
    with connect(prepare_conninfo(conninfo, PoolSettings()), on_notice=lambda _notice: None) as connection:
        with translated("session", connection):
            _refuse_read_only(connection)
            connection.execute(
                "SELECT pg_catalog.set_config('lock_timeout', %s, false),"
                " pg_catalog.set_config('statement_timeout', '0', false)",
                [str(LOCK_TIMEOUT_MS)],
            )
        yield connection


@contextmanager
def translated(about: str, connection: ServerConnection) -> Iterator[None]:
    """Turn the body's psycopg errors into pgtune's, which begin with *about*."""
    try:
        yield
    except psycopg.Error as error:
        told = translate(error, Sent(target_of(connection), "", 0, 0, LOCK_TIMEOUT_MS, 0.0))
        raise type(told)(f"{about}: {told}") from error


def target_of(connection: ServerConnection) -> str:
    """Where the connection leads, as ``host:port``."""
    return f"{connection.info.host}:{connection.info.port}"


def run(connection: ServerConnection, statement: str) -> None:
    """Run one statement that pgtune wrote."""
    connection.execute(statement.encode())


def _refuse_read_only(connection: ServerConnection) -> None:
    row = connection.execute(
        "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only') = 'on',"
        " pg_catalog.pg_backend_pid()"
    ).fetchone()
    assert row is not None
    is_standby, is_read_only, backend_pid = row
    if is_standby or is_read_only:
        state = "it is a standby" if is_standby else "its transactions are read-only"
        raise StatementRefused(
            f"database at {target_of(connection)}: {state}, so nothing can be built; "
            "name a disposable database that can be written to"
        )
    refuse_shared_sessions(connection.info.backend_pid, backend_pid, connection_parameters(connection))
