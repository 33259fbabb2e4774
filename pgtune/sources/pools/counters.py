"""One transaction in, the server's session counters out; two of them in, the window between them out."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime

from pgtune.model.pools.counters import CounterWindow, SessionCounters
from pgtune.sources.connect import ServerConnection
from pgtune.sources.snapshot_queries import fetch_row

_SINCE = 140000  # pg_stat_database.session_time and its neighbours
BEFORE_14 = "needs PostgreSQL 14 or later"
_RESET = "the server's counters were reset in between, or a database was dropped"
_MOMENTS = frozenset({"taken_at", "reset_at"})
_ROUNDING = -0.001  # ms: floats of several databases are added up in any order


def read_counters(connection: ServerConnection) -> SessionCounters | None:
    """Return the totals of all databases; None before PostgreSQL 14.

    Raises:
        psycopg.Error: the server refused.
    """
    if connection.info.server_version < _SINCE:
        return None
    row = fetch_row(connection, "pools/session_counters")
    assert row is not None  # an aggregate
    reset_at_s = row["reset_at_s"]
    totals = {field.name: row[field.name] for field in fields(SessionCounters) if field.name not in _MOMENTS}
    return SessionCounters(
        taken_at=datetime.fromtimestamp(row["taken_at_s"], UTC),
        reset_at=None if reset_at_s is None else datetime.fromtimestamp(reset_at_s, UTC),
        **totals,
    )


def window(before: SessionCounters, after: SessionCounters) -> CounterWindow | str:
    """Return what was counted between the two, or why that is not known."""
    deltas = {
        field.name: getattr(after, field.name) - getattr(before, field.name)
        for field in fields(SessionCounters)
        if field.name not in _MOMENTS
    }
    if before.reset_at != after.reset_at or min(deltas.values()) < _ROUNDING:
        return _RESET
    seconds = (after.taken_at - before.taken_at).total_seconds()
    known = {
        field.name: max(0, deltas[field.name]) for field in fields(CounterWindow) if field.name != "seconds"
    }
    return CounterWindow(seconds=seconds, **known)
