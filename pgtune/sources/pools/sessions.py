"""One transaction in; the sessions of others, and the limits they live under, out."""

from __future__ import annotations

from datetime import UTC, datetime

from pgtune.model.pools.sessions import (
    ConnectionLimit,
    ConnectionLimits,
    Limited,
    Session,
    Sessions,
    SessionState,
)
from pgtune.model.pools.slots import ReservedSlotUsers
from pgtune.sources.connect import ServerConnection
from pgtune.sources.snapshot_queries import Row, fetch_row, fetch_rows

_STATES = {state.value: state for state in SessionState}
RESERVED_SINCE = 160000  # reserved_connections


def read_sessions(connection: ServerConnection) -> Sessions:
    """Return all client backends but our own; only for a role that sees those of others.

    Raises:
        psycopg.Error: the server refused.
    """
    sessions = tuple(_session(row) for row in fetch_rows(connection, "pools/sessions"))
    moment = fetch_row(connection, "pools/moment")
    assert moment is not None
    return Sessions(datetime.fromtimestamp(moment["now_s"], UTC), sessions)


def read_limits(connection: ServerConnection) -> ConnectionLimits:
    """Return the connection limits of roles and databases; anyone may.

    Raises:
        psycopg.Error: the server refused.
    """
    rows = fetch_rows(connection, "pools/connection_limits")
    return ConnectionLimits(
        tuple(ConnectionLimit(Limited(row["limited"]), row["name"], row["connections"]) for row in rows)
    )


def read_reserved_slot_users(connection: ServerConnection) -> ReservedSlotUsers | str:
    """Return who may take the reserved slots, or why there are none.

    Raises:
        psycopg.Error: the server refused.
    """
    if connection.info.server_version < RESERVED_SINCE:
        return "reserved_connections came with PostgreSQL 16"
    rows = fetch_rows(connection, "pools/reserved_slot_users")
    return ReservedSlotUsers(tuple(row["role"] for row in rows))


def _session(row: Row) -> Session:
    return Session(
        pid=row["pid"],
        role=row["role"],
        database=row["database"],
        application_name=row["application_name"],
        client_address=row["client_address"],
        state=_STATES.get(row["state"]),
        age_s=row["age_s"],
        state_age_s=row["state_age_s"],
        transaction_age_s=row["transaction_age_s"],
        waits_for=row["waits_for"],
        holds_locks=row["holds_locks"],
        is_superuser=row["is_superuser"],
    )
