"""Requests may queue for a connection without limit.

With max_waiting = 0 psycopg_pool lets any number of clients wait. Under overload each waits its full timeout
and fails then, or gets a connection when its own client has long given up. A bound makes the surplus fail at
once (TooManyRequests), so that the service can say "try again later" and the rest is served in time.

Instead of:
    pool = ConnectionPool(conninfo, max_size=10, timeout=30)
Use:
    pool = ConnectionPool(conninfo, max_size=10, timeout=3, max_waiting=50)

Ignore when: what calls the service is bounded already, by a number of workers or a rate limit.
Source: https://www.psycopg.org/psycopg3/docs/advanced/pool.html#connection-pools
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.durations import format_s
from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.declared_pool import DeclaredPool, PoolKind
from pgtune.model.pools.fleet import Fleet, Service

SEVERITY = Severity.INFO


def check(fleet: Fleet) -> Iterator[Symptom | Note]:
    """Yield each psycopg_pool without a bound, where clients give up or load comes in waves."""
    for service, pool in fleet.pools:
        if pool.kind is not PoolKind.PSYCOPG:
            continue
        name = f"{service.name}.{pool.name}"
        why = _why_it_matters(service)
        if pool.max_waiting:
            yield Note(f"{name}: at most {pool.max_waiting} requests wait for a connection", None)
        elif why is None:
            yield Note(f"{name}: neither a request timeout nor an autoscaler is declared", None)
        else:
            yield _symptom(name, pool, why)


def _why_it_matters(service: Service) -> str | None:
    if service.request_timeout_s:
        gone = format_s(service.request_timeout_s)
        return f"Clients give up after {gone}; who waits longer is served for nobody."
    if service.autoscaler is not None:
        return "Load comes in waves where there is an autoscaler; in a wave all wait their full timeout."
    return None


def _symptom(name: str, pool: DeclaredPool, why: str) -> Symptom:
    return Symptom(
        message="any number of requests may wait for a connection (max_waiting = 0)",
        cause=Cause.CONNECTIONS,
        object=name,
        at=name,
        place=pool.place,
        detail=why,
        hint="Set max_waiting to what the pool serves within its timeout.",
    )
