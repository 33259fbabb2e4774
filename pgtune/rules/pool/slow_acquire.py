"""Clients wait long for a connection, though the pool has one for each of them.

pgtune let as many workers as the pool has connections take one, run SELECT 1 and give it back. None has to
wait for another there: what takes time is the opening of connections, the check of each before it is handed
out, or a server and a network that answer slowly.

Instead of:
    min_size=0       # each burst opens connections first
Use:
    min_size=5       # what usual load needs is open

Ignore when: the server is far away, and requests may take as long.
Source: https://www.psycopg.org/psycopg3/docs/advanced/pool.html#pool-size
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom, Unknown
from pgtune.model.pools.exercise import AcquireTimes, Exercise

SEVERITY = Severity.WARNING
SLOW_MS = 250.0  # at p99; people notice it; chosen. A server nearby: 1 to 20 ms, measured

_SLOW_HINT = "Raise min_size to what usual load needs, and place the pool near the server."
_STARVED_HINT = (
    "Give the pooler in between as many server connections as the pool has, or let it share them by "
    "transaction; without one, raise min_size and place the pool near the server."
)


def check(exercise: Exercise, *, slow_ms: float = SLOW_MS) -> Iterator[Symptom | Note | Unknown]:
    """Yield the pool whose clients waited, or gave up, without having to."""
    times = next((load for load in exercise.loads if load.workers <= exercise.max_size), None)
    if times is None:
        yield Unknown(f"{exercise.pool}: how long clients wait for a connection")
    elif times.p99_ms < slow_ms and not times.timeouts and not times.starved:
        yield Note(
            f"{exercise.pool}: {times.workers} workers waited {times.p99_ms:.1f} ms at p99 for a connection",
            None,
        )
    else:
        yield _symptom(exercise, times)


def _symptom(exercise: Exercise, times: AcquireTimes) -> Symptom:
    gave_up = f", and {times.timeouts} gave up" if times.timeouts else ""
    starved = f", and {times.starved} never got one that answered" if times.starved else ""
    return Symptom(
        message=f"{times.workers} workers waited {times.p99_ms:.0f} ms at p99 for a connection"
        f"{gave_up}{starved}",
        cause=Cause.CONNECTIONS,
        object=exercise.pool,
        at=exercise.pool,
        place=exercise.place,
        detail=f"The pool may have {exercise.max_size} connections, one for each. The first took "
        f"{exercise.first_connection_ms:.0f} ms to open.",
        hint=_STARVED_HINT if times.starved else _SLOW_HINT,
    )
