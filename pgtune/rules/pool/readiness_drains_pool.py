"""The readiness probe takes its connection out of the pool that serves requests.

When the pool is busy, the probe waits like a request, runs into its timeout and the pod is taken out of
service. Its load goes to the other pods, whose probes fail next: a full pool becomes an outage, while the
database is idle.

Instead of:
    async with request_pool.connection() as connection:    # in /readyz
        await connection.execute("SELECT 1")
Use:
    return ok if startup_is_done else unavailable    # or a connection of its own, opened once

Ignore when: the probe takes a connection without waiting and reports ready when none is free.
Source: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.fleet import Fleet

SEVERITY = Severity.WARNING


def check(fleet: Fleet) -> Iterator[Symptom | Note]:
    """Yield each service whose readiness probe competes with its requests."""
    for service in fleet.services:
        if service.readiness is None:
            continue
        if not service.readiness.uses_pool:
            yield Note(f"{service.name}: the readiness probe takes no connection of the pool", None)
            continue
        yield Symptom(
            message="the readiness probe takes its connection out of the pool that serves requests",
            cause=Cause.CONNECTIONS,
            object=service.name,
            at=service.name,
            place=service.readiness.place,
            detail="A busy pool makes the pod unready, and its load goes to pods that are as busy.",
            hint="Let the probe answer without the pool, or give it a connection of its own.",
        )
