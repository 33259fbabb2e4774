"""A user's server in, its Snapshot out: catalogs are read and pg_dump writes the schema; no table is read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import IsolationLevel

from pgtune import __version__
from pgtune.errors import StatementCancelled, StatementRefused
from pgtune.model.buffers import BLOCK_BYTES
from pgtune.model.snapshot import Snapshot
from pgtune.sources.connect import ServerConnection
from pgtune.sources.connection_parameters import connection_parameters
from pgtune.sources.schema_dump import dump_schema, require_pg_dump
from pgtune.sources.server_errors import Sent, translate
from pgtune.sources.session_pooling import refuse_shared_sessions
from pgtune.sources.snapshot_catalog import (
    read_database,
    read_relations,
    read_settings,
    read_statistics,
    read_usage,
)
from pgtune.sources.snapshot_statements import read_statements
from pgtune.sources.snapshot_unseen import read_unseen, unreadable_tables
from pgtune.sources.transaction import Timeouts, rolled_back

OLDEST_VERSION_NUM = 120000
_TIMEOUTS = Timeouts(statement_ms=60_000, lock_ms=5_000)  # chosen: 100,000 columns are read in less
# How values are written, so that any server reads them back as they were.
_OUTPUT_SETTINGS = {
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",  # shortest text that is the same number
    "bytea_output": "hex",
    "lc_monetary": "C",
    "search_path": "",  # names of relations among values come with their schema
}


def take_snapshot(connection: ServerConnection, programs: Path) -> Snapshot:
    """Return the snapshot of the database behind *connection*; *programs* holds the pg_dump to use.

    Raises:
        UsageError: *programs* has no pg_dump.
        StatementRefused: no privilege, a shared session, an unknown version or block size.
        StatementCancelled: a lock was not to be had, or the catalog took too long.
        ConnectError: pg_dump could not connect.
        ConnectionLost: the server went away.
    """
    _refuse_old_server(connection)
    require_pg_dump(programs, connection.info.server_version)
    with _translated_errors(connection), _repeatable_read(connection):
        backend_pid, snapshot = _read(connection)
    parameters = connection_parameters(connection)
    refuse_shared_sessions(connection.info.backend_pid, backend_pid, parameters)
    ddl = dump_schema(programs, parameters, unreadable_tables(snapshot.unseen))
    return replace(snapshot, ddl=ddl)


def _read(connection: ServerConnection) -> tuple[int, Snapshot]:
    """The server process that answers, and everything but the DDL."""
    settings = read_settings(connection)
    _write_values_portably(connection)  # times, too: psycopg reads ISO only
    database = read_database(connection)
    if database.block_bytes != BLOCK_BYTES:
        raise StatementRefused(
            f"server at {_target(connection)}: its blocks have {database.block_bytes} bytes, and snapshots "
            f"are taken of servers with {BLOCK_BYTES}; pgtune explain works without one"
        )
    statements = read_statements(connection, database.role)
    snapshot = Snapshot(
        pgtune_version=__version__,
        taken_at=datetime.now(UTC),
        version_num=connection.info.server_version,
        database=database.name,
        settings=settings,
        extensions=database.extensions,
        ddl=(),
        **read_relations(connection, database),
        **read_statistics(connection),
        **read_usage(connection),
        counted_since=database.counted_since,
        standbys=database.standbys,
        in_recovery=database.in_recovery,
        statements=statements.statements,
        statements_since=statements.since,
        statements_missing=statements.missing,
        unseen=(*read_unseen(connection, database.role), *statements.unseen),
        locale=database.locale,
    )
    return database.backend_pid, snapshot


def _write_values_portably(connection: ServerConnection) -> None:
    calls = ", ".join(["pg_catalog.set_config(%s, %s, true)"] * len(_OUTPUT_SETTINGS))
    values = [text for pair in _OUTPUT_SETTINGS.items() for text in pair]
    connection.execute(f"SELECT {calls}".encode(), values)


def _refuse_old_server(connection: ServerConnection) -> None:
    if connection.info.server_version < OLDEST_VERSION_NUM:
        raise StatementRefused(
            f"server at {_target(connection)}: PostgreSQL {connection.info.server_version // 10000} is too "
            f"old; snapshots are taken of {OLDEST_VERSION_NUM // 10000} and later"
        )


@contextmanager
def _repeatable_read(connection: ServerConnection) -> Iterator[None]:
    """A READ ONLY transaction in which all queries see one state; the connection is left as it was."""
    before = connection.isolation_level
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        with rolled_back(connection, "READ ONLY", _TIMEOUTS, settings={}):
            yield
    finally:
        connection.isolation_level = before


@contextmanager
def _translated_errors(connection: ServerConnection) -> Iterator[None]:
    started_s = time.perf_counter()
    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        raise StatementCancelled(
            f"snapshot of {_target(connection)}: cancelled, or a catalog query took more than "
            f"{_TIMEOUTS.statement_ms // 1000} s; try again when the server is less busy"
        ) from error
    except psycopg.errors.CharacterNotInRepertoire as error:
        raise StatementRefused(
            f"snapshot of {_target(connection)}: the database has encoding SQL_ASCII and values that are "
            "no UTF-8; convert it, or drop their statistics: ALTER TABLE ... SET STATISTICS 0, then ANALYZE"
        ) from error
    except psycopg.Error as error:
        sent = Sent(
            target=_target(connection),
            text="",
            prefix_chars=0,
            timeout_ms=_TIMEOUTS.statement_ms,
            lock_timeout_ms=_TIMEOUTS.lock_ms,
            elapsed_ms=(time.perf_counter() - started_s) * 1000,
        )
        raise translate(error, sent) from error


def _target(connection: ServerConnection) -> str:
    return f"{connection.info.host}:{connection.info.port}"
