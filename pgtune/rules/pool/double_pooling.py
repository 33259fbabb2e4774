"""A pool in front of a pooler that undoes what the pooler is for.

A pool in the application and a pooler before the server go together when the pooler shares server
connections by transaction. Two things spoil it. In session mode every connection that an application's pool
keeps open holds a server connection, busy or not: one for one, and nothing is saved. And a pooler with
client_idle_timeout closes the connections that the pool keeps for ever; the next query on one fails.

Instead of:
    pool_mode = session
    client_idle_timeout = 300    # the pool keeps min_size connections open for ever
Use:
    pool_mode = transaction
    client_idle_timeout = 0

Ignore when: the application keeps no connection open between two pieces of work.
Source: https://www.pgbouncer.org/config.html#client_idle_timeout
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.durations import format_s
from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.declared_pool import DeclaredPool
from pgtune.model.pools.declared_pooler import DeclaredPooler, PoolMode
from pgtune.model.pools.demand import client_demand
from pgtune.model.pools.fleet import Fleet, Service
from pgtune.model.pools.pooler_state import Poolers, PoolerState
from pgtune.rules.configured_poolers import configured_pooler
from pgtune.rules.idle_limits import idles_s

SEVERITY = Severity.ERROR
MIN_CLIENTS = 50  # below, one for one costs little; chosen
MIN_SHARING = 1.2  # clients for each server connection; chosen


def check(
    fleet: Fleet | None,
    poolers: Poolers | None,
    *,
    min_clients: float = MIN_CLIENTS,
    min_sharing: float = MIN_SHARING,
) -> Iterator[Symptom | Note]:
    """Yield pools whose idle connections a pooler closes, and poolers that share nothing."""
    for state in poolers.all if poolers else ():
        yield _sharing(state, min_clients, min_sharing)
    if fleet is None:
        return
    for declared in fleet.poolers:
        pooler = configured_pooler(fleet, declared.name, poolers) or declared
        pools = [(service, pool) for service, pool in fleet.pools if pool.pooler == pooler.name]
        if pools:
            yield _declared_mode(pooler, client_demand(fleet, pooler.name))
        for service, pool in pools:
            if _is_cut(pool, pooler):
                yield _cut(service, pool, pooler)


def _sharing(state: PoolerState, min_clients: float, min_sharing: float) -> Symptom | Note:
    clients = sum(pool.clients_active + pool.clients_waiting for pool in state.pools)
    servers = sum(pool.servers for pool in state.pools)
    seen = f"{clients} clients share {servers} server connections"
    if clients <= min_clients or clients >= min_sharing * servers:
        return Note(f"{state.name}: {seen}", None)
    return Symptom(
        message=f"{seen}: the pooler saves next to nothing",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.WARNING,
        object=f"{state.name} sharing",
        at=state.name,
        detail=f"That is {clients / servers:.2f} clients for each server connection; a pooler that is worth "
        f"its hop has more than {min_sharing:g}.",
        hint="Set pool_mode = transaction, or shorten what the applications do within one transaction.",
    )


def _declared_mode(pooler: DeclaredPooler, clients: int) -> Symptom | Note:
    if pooler.mode is not PoolMode.SESSION:
        return Note(f"{pooler.name}: pools share server connections by {pooler.mode.value}", None)
    servers = pooler.server_connections
    waiting = clients > servers
    return Symptom(
        message=f"in session mode each of {clients} pooled connections holds a server connection of its own"
        + (f", and there are {servers}" if waiting else ""),
        cause=Cause.CONNECTIONS,
        max_severity=Severity.WARNING if waiting else Severity.INFO,
        object=f"{pooler.name} sharing",
        at=pooler.name,
        place=pooler.place,
        detail="A pool keeps its connections open, so that none ever goes back to the pooler"
        + (f"; {clients - servers} wait until one is closed." if waiting else "."),
        hint="Set pool_mode = transaction, or let the services connect to PostgreSQL itself.",
    )


def _is_cut(pool: DeclaredPool, pooler: DeclaredPooler) -> bool:
    idle_s = idles_s(pool)
    return bool(pooler.client_idle_timeout_s and idle_s and idle_s >= pooler.client_idle_timeout_s)


def _cut(service: Service, pool: DeclaredPool, pooler: DeclaredPooler) -> Symptom:
    name = f"{service.name}.{pool.name}"
    return Symptom(
        message=f"the pooler {pooler.name} closes clients that idle for "
        f"{format_s(pooler.client_idle_timeout_s)}, and the pool keeps such connections",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.WARNING if pool.check else Severity.ERROR,
        object=f"{name} idle",
        at=name,
        place=pool.place,
        detail=f"client_idle_timeout of {pooler.name} ({pooler.place}) against {_kept(pool)}.",
        hint="Set client_idle_timeout = 0: idle clients are what a pooler is made for.",
    )


def _kept(pool: DeclaredPool) -> str:
    if pool.min_size:
        return f"min_size {pool.min_size}, which the pool never closes"
    return f"an idle timeout of {format_s(pool.idle_timeout_s or 0)} in the pool"
