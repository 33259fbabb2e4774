"""Backends of a pool were still there after the pool had been closed.

pgtune opened the pool, closed it again, and looked at pg_stat_activity. What is left holds slots until the
server notices that its client has gone, which takes hours without keepalives; each deploy adds more.

Instead of:
    tcp_keepalives_idle = 0    # the operating system's two hours
Use:
    tcp_keepalives_idle = 60   # a client that vanished is noticed after minutes

Ignore when: never. Find out what holds the connections between the pool and the server.
Source: https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-TCP-KEEPALIVES-IDLE
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom, Unknown
from pgtune.model.pools.exercise import Exercise

SEVERITY = Severity.WARNING


def check(exercise: Exercise) -> Iterator[Symptom | Note | Unknown]:
    """Yield the pool that left backends behind."""
    left = exercise.left_open
    if left is None:
        yield Unknown(f"{exercise.pool}: what it leaves open")
        return
    if not left:
        yield Note(f"{exercise.pool}: no backend was left after the pool had been closed", None)
        return
    yield Symptom(
        message=f"{left} backend{'s' * (left > 1)} of the pool {'were' if left > 1 else 'was'} left open",
        cause=Cause.CONNECTIONS,
        object=exercise.pool,
        at=exercise.pool,
        place=exercise.place,
        detail="The pool had been closed, and the server had not noticed.",
        hint="Look for a proxy that keeps connections, and set tcp_keepalives_idle on the server.",
    )
