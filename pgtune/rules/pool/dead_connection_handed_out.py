"""A connection whose backend had been ended was given to a client.

pgtune opened the pool, ended one of its idle backends, and took the connection again: the first statement
failed. The same happens to requests after a restart of the server, a failover, or a network that drops what
is idle, once for each dead connection.

Instead of:
    pool = ConnectionPool(conninfo)
Use:
    pool = ConnectionPool(conninfo, check=ConnectionPool.check_connection)

Ignore when: every piece of work is tried again on a fresh connection.
Source: https://www.psycopg.org/psycopg3/docs/advanced/pool.html#connection-quality
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom, Unknown
from pgtune.model.pools.exercise import Exercise

SEVERITY = Severity.ERROR


def check(exercise: Exercise) -> Iterator[Symptom | Note | Unknown]:
    """Yield the pool that gave a client a dead connection."""
    if exercise.dead_handed_out is None:
        yield Unknown(f"{exercise.pool}: whether a dead connection is handed out")
        return
    if not exercise.dead_handed_out:
        yield Note(
            f"{exercise.pool}: a connection whose backend was ended was replaced{_after(exercise)}", None
        )
        return
    yield Symptom(
        message="the pool gave a client a dead connection",
        cause=Cause.CONNECTIONS,
        object=exercise.pool,
        at=exercise.pool,
        place=exercise.place,
        detail="Its backend had been ended while it was idle; the client's first statement failed.",
        hint="Pass check=ConnectionPool.check_connection to the pool; it costs one round trip per request.",
    )


def _after(exercise: Exercise) -> str:
    return "" if exercise.recovered_ms is None else f" within {exercise.recovered_ms:.0f} ms"
