"""A pool's min_size is more than its share of the server's connections.

The share of one pool is what the ordinary slots leave after the reserve and after everything that does not
multiply, divided by the processes that hold such a pool at the peak. Where it is below min_size, or below
one, no max_size makes the fleet fit: only fewer processes, more slots or a pooler do. The share is never
rounded up: with 0.9 connections for each of 100 processes, ten of them get none.

Instead of:
    min_size = 5    # 26 processes share 86 connections: 3.3 each
Use:
    min_size = 1    # and max_size = 3

Ignore when: never. At the peak some processes cannot even open what they keep when idle.
Source: https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-MAX-CONNECTIONS
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.declared_pool import DeclaredPool
from pgtune.model.pools.demand import demand, fits, reserve
from pgtune.model.pools.fleet import Fleet, Service
from pgtune.model.pools.slots import ConnectionSlots

SEVERITY = Severity.ERROR


def check(fleet: Fleet, slots: ConnectionSlots) -> Iterator[Symptom | Note]:
    """Yield each pool whose share is too small, where not even the smallest pools fit."""
    pools = [(service, pool) for service, pool in fleet.pools if _is_counted(pool)]
    if not pools:
        return
    least = _at_least(fleet)
    if fits(least, slots):
        wanted = demand(least).connections
        yield Note(
            f"with every pool at its min_size the fleet needs {wanted} connections, and they fit", None
        )
        return
    processes = sum(service.peak_pods * service.processes_with(pool) for service, pool in pools)
    left = slots.ordinary - reserve(fleet, slots) - demand(_without_pools(fleet)).connections
    for service, pool in pools:
        if left < _floor(pool) * processes:
            yield _symptom(service, pool, left, processes)


def _symptom(service: Service, pool: DeclaredPool, left: int, processes: int) -> Symptom:
    name = f"{service.name}.{pool.name}"
    share = int(10 * max(0, left) / processes) / 10
    return Symptom(
        message=f"the server has {share:g} connections for each process, {_needs(pool)}",
        cause=Cause.CONNECTIONS,
        object=name,
        at=name,
        place=pool.place,
        detail=f"{max(0, left)} connections are left after the reserve and all that does not multiply; "
        f"{processes} processes with a pool share them at the peak.",
        hint=("Lower min_size, or put" if share >= 1 else "Put")
        + " a pooler in front of the server, run fewer processes, or raise max_connections: no max_size "
        "alone makes this fleet fit.",
    )


def _needs(pool: DeclaredPool) -> str:
    return f"and min_size is {pool.min_size}" if pool.min_size else "and each needs at least 1"


def _is_counted(pool: DeclaredPool) -> bool:
    return pool.most is not None and pool.pooler is None


def _floor(pool: DeclaredPool) -> int:
    return max(1, pool.min_size or 1)


def _at_least(fleet: Fleet) -> Fleet:
    """The fleet with every pool at its min_size, one connection at least."""
    return replace(
        fleet,
        services=tuple(
            replace(service, pools=tuple(_shrunk(pool) for pool in service.pools))
            for service in fleet.services
        ),
    )


def _shrunk(pool: DeclaredPool) -> DeclaredPool:
    return replace(pool, max_size=_floor(pool), overflow=0) if _is_counted(pool) else pool


def _without_pools(fleet: Fleet) -> Fleet:
    """What does not multiply with pools: listeners, fixed clients, poolers."""
    return replace(fleet, services=tuple(replace(service, pools=()) for service in fleet.services))
