"""Connections live longer in the pool than what is in between lets them.

A load balancer or proxy that closes connections of a certain age does so in the middle of a query. A pool
that retires them earlier, by max_lifetime, is never met by it. psycopg_pool looks at the age when a
connection is given back, not when it is taken: one that idles may pass the limit in the pool, so that a
check is needed too.

Instead of:
    max_lifetime = "1h"     # network.max_lifetime = "30min"
Use:
    max_lifetime = "25min"

Ignore when: never; what is closed in between fails a query.
Source: https://www.psycopg.org/psycopg3/docs/api/pool.html#psycopg_pool.ConnectionPool
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from pgtune.model.durations import format_s
from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.declared_pool import DeclaredPool, PoolKind
from pgtune.model.pools.fleet import Fleet, NetworkPath
from pgtune.rules.idle_limits import lifetime_s

SEVERITY = Severity.WARNING
MARGIN_FRACTION = 0.9  # of the limit, so that work in progress is done before it; chosen


def check(fleet: Fleet) -> Iterator[Symptom | Note]:
    """Yield each pool whose max_lifetime is not below the network's."""
    network = fleet.network
    if network is None or not network.max_lifetime_s:
        return
    limit_s = network.max_lifetime_s
    for service, pool in fleet.pools:
        age_s = lifetime_s(pool)
        if age_s is None:
            continue
        name = f"{service.name}.{pool.name}"
        if age_s < limit_s:
            yield Note(f"{name}: max_lifetime {format_s(age_s)}, below {format_s(limit_s)}", None)
        else:
            yield _symptom(name, pool, network, age_s)


def _symptom(name: str, pool: DeclaredPool, network: NetworkPath, age_s: float) -> Symptom:
    limit_s = network.max_lifetime_s or 0.0
    kept = "for ever" if age_s == inf else format_s(age_s)
    on_return = (
        " psycopg_pool looks at the age when a connection is given back, so that one which idles may still "
        "pass the limit: set check= too."
        if pool.kind is PoolKind.PSYCOPG and not pool.check
        else ""
    )
    return Symptom(
        message=f"the network closes connections after {format_s(limit_s)}, the pool keeps them {kept}",
        cause=Cause.CONNECTIONS,
        object=name,
        at=name,
        place=pool.place,
        detail=f"max_lifetime of the pool ({pool.place}) against that of the network ({network.place})."
        f"{on_return}",
        hint=f"Set max_lifetime to {format_s(MARGIN_FRACTION * limit_s)} or less.",
    )
