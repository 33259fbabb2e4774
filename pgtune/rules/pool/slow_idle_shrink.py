"""The pool takes far longer than max_idle to give idle connections back.

max_idle of psycopg_pool is no idle timeout of one connection: at the end of each period of that length the
pool closes one connection, if one was idle all the time. From max_size to min_size it takes (max_size -
min_size + 1) periods: from 20 to 5 with 30 s, eight minutes. Until then the connections take slots of the
server.

Instead of:
    max_idle=30     # meant: gone after 30 s
Use:
    max_idle=2      # 16 periods: 32 s

Ignore when: the slots are not needed elsewhere.
Source: https://www.psycopg.org/psycopg3/docs/advanced/pool.html#pool-size
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.durations import format_s
from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.declared_pool import DeclaredPool, PoolKind
from pgtune.model.pools.fleet import Fleet, Service

SEVERITY = Severity.INFO
SLOW_S = 300.0  # who sets a shorter max_idle does not expect that the pool shrinks for longer; chosen


def check(fleet: Fleet, *, slow_s: float = SLOW_S) -> Iterator[Symptom | Note]:
    """Yield each psycopg_pool with a short max_idle that shrinks slowly all the same."""
    for service, pool in fleet.pools:
        idle_s = pool.idle_timeout_s
        if pool.kind is not PoolKind.PSYCOPG or pool.max_size is None or not idle_s:
            continue
        surplus = pool.max_size - (pool.min_size or 0)
        shrink_s = (surplus + 1) * idle_s
        if surplus > 0 and idle_s < slow_s < shrink_s:
            yield _symptom(service, pool, idle_s, shrink_s)
        else:
            name = f"{service.name}.{pool.name}"
            took = (
                f"shrinks within {format_s(shrink_s)}, max_idle is {format_s(idle_s)}"
                if surplus
                else "fixed size"
            )
            yield Note(f"{name}: {took}", None)


def _symptom(service: Service, pool: DeclaredPool, idle_s: float, shrink_s: float) -> Symptom:
    name = f"{service.name}.{pool.name}"
    return Symptom(
        message=f"the pool takes {format_s(shrink_s)} to shrink from {pool.max_size} to {pool.min_size or 0} "
        f"connections, and max_idle is {format_s(idle_s)}",
        cause=Cause.CONNECTIONS,
        object=name,
        at=name,
        place=pool.place,
        detail="psycopg_pool closes one connection in each period of max_idle.",
        hint="Shorten max_idle, or make the pool small and of fixed size (min_size = max_size).",
    )
