"""The pool hands out connections without trying them.

psycopg_pool does not look whether a connection is alive unless it is told to: after the server restarted, a
network dropped what was idle or a pooler closed it, the next requests fail, one for each dead connection.
With a check, which costs one round trip, the pool replaces it instead.

Instead of:
    pool = ConnectionPool(conninfo)
Use:
    pool = ConnectionPool(conninfo, check=ConnectionPool.check_connection)

Ignore when: every piece of work is tried again on a fresh connection.
Source: https://www.psycopg.org/psycopg3/docs/advanced/pool.html#connection-quality
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.durations import format_s
from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.declared_pool import DeclaredPool, PoolKind
from pgtune.model.pools.fleet import Fleet, NetworkPath, Service
from pgtune.model.pools.server_facts import KeepaliveSettings, TimeoutsByRole
from pgtune.rules.idle_limits import idle_limits

SEVERITY = Severity.WARNING


def check(
    fleet: Fleet, timeouts: TimeoutsByRole | None, keepalives: KeepaliveSettings | None
) -> Iterator[Symptom | Note]:
    """Yield each psycopg_pool without a check; a warning where something is known to close connections."""
    for service, pool in fleet.pools:
        if pool.kind is not PoolKind.PSYCOPG:
            continue
        if pool.check:
            yield Note(f"{service.name}.{pool.name}: connections are tried before they are handed out", None)
            continue
        idle = [
            f"by {limit.by} (idle for {format_s(limit.seconds)})"
            for limit in idle_limits(pool, fleet.network, timeouts, keepalives)
        ]
        yield _symptom(service, pool, [*idle, *_other_dangers(pool, fleet.network)])


def _other_dangers(pool: DeclaredPool, network: NetworkPath | None) -> Iterator[str]:
    if network is not None and network.max_lifetime_s:
        yield f"by the network ({format_s(network.max_lifetime_s)} old)"
    if pool.pooler is not None:
        yield f"by a restart of the pooler {pool.pooler}"


def _symptom(service: Service, pool: DeclaredPool, dangers: list[str]) -> Symptom:
    name = f"{service.name}.{pool.name}"
    closers = ", ".join(dangers) or "by a restart of the server"
    return Symptom(
        message="connections are handed out without a check that they are alive",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.WARNING if dangers else Severity.INFO,
        object=name,
        at=name,
        place=pool.place,
        detail=f"They are closed {closers}; each then fails the request that gets it.",
        hint="Pass check=ConnectionPool.check_connection to the pool.",
    )
