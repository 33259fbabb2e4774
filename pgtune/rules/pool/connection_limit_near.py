"""A role or a database has nearly as many sessions as its connection limit allows.

ALTER ROLE ... CONNECTION LIMIT and ALTER DATABASE ... CONNECTION LIMIT hold below max_connections. When
one is reached, new sessions of that role or database are refused, while the server has free slots.
Superusers are not refused, but their sessions count.

It is an error from 95 % on, a warning from 80 %.

Instead of:
    ALTER ROLE api CONNECTION LIMIT 20;    -- for two pods of ten connections
Use:
    ALTER ROLE api CONNECTION LIMIT 40;    -- leaves room for the pods of a deploy

Ignore when: the limit is there to hold that client back, and it copes with being refused.
Source: https://www.postgresql.org/docs/current/sql-alterrole.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.sessions import ConnectionLimit, ConnectionLimits, Limited, Session, Sessions
from pgtune.rules.session_clients import holders

SEVERITY = Severity.ERROR
WARN_FRACTION = 0.8  # of the limit; chosen
ERROR_FRACTION = 0.95  # chosen


def check(
    limits: ConnectionLimits,
    sessions: Sessions,
    *,
    warn_fraction: float = WARN_FRACTION,
    error_fraction: float = ERROR_FRACTION,
) -> Iterator[Symptom | Note]:
    """Yield each role and database that is near its limit."""
    if not limits.all:
        yield Note("no role and no database has a connection limit of its own", None)
    for limit in limits.all:
        held = [session for session in sessions.all if _is_under(session, limit)]
        if limit.limit == 0 and not held:
            continue  # nobody may connect, and nobody does
        taken = len(held) / limit.limit if limit.limit else 1.0
        if taken < warn_fraction:
            yield Note(f"{_name(limit)} has {len(held)} of {limit.limit} sessions", None)
        else:
            severity = Severity.ERROR if taken >= error_fraction else Severity.WARNING
            yield _symptom(limit, held, severity)


def _is_under(session: Session, limit: ConnectionLimit) -> bool:
    return limit.name == (session.role if limit.of is Limited.ROLE else session.database)


def _name(limit: ConnectionLimit) -> str:
    return f"{limit.of.value} {limit.name}"


def _symptom(limit: ConnectionLimit, held: list[Session], severity: Severity) -> Symptom:
    return Symptom(
        message=f"{len(held)} sessions, and the connection limit is {limit.limit}",
        cause=Cause.CONNECTIONS,
        max_severity=severity,
        object=_name(limit),
        at=_name(limit),
        detail=f"Held by {holders(held)}.",
        hint=f"Make its pools smaller, or raise the limit with ALTER {limit.of.value.upper()} ..."
        " CONNECTION LIMIT.",
    )
