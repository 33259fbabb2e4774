"""A pooler can open more connections than the server takes, or services more than the pooler takes.

PgBouncer keeps a pool of default_pool_size for *each pair* of user and database: 20, where nobody says
otherwise. Three databases with four users are 240 server connections, in each instance. On the other side,
max_client_conn bounds the clients of an instance, all databases together; one more is refused.
max_db_connections and max_user_connections bound the server side as a whole.

Instead of:
    default_pool_size = 20     # 3 databases x 4 users = 240
Use:
    default_pool_size = 20
    max_db_connections = 25    # 3 databases: 75

Ignore when: the pairs of user and database are never busy at the same time.
Source: https://www.pgbouncer.org/config.html#default_pool_size
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.declared_pooler import DeclaredPooler
from pgtune.model.pools.demand import client_demand, reserve
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.pooler_state import Poolers, PoolerState
from pgtune.model.pools.slots import ConnectionSlots
from pgtune.rules.configured_poolers import configured_pooler, live_pooler

SEVERITY = Severity.ERROR


@dataclass(frozen=True, slots=True)
class _ServerSide:
    """Connections that a pooler can open to PostgreSQL."""

    connections: int
    reckoned: str
    largest_pool: int | None  # default_pool_size with which they would fit; None where none does


def check(fleet: Fleet, slots: ConnectionSlots, poolers: Poolers | None) -> Iterator[Symptom | Note]:
    """Yield each pooler with too many connections on either side."""
    available = slots.ordinary - reserve(fleet, slots)
    for declared in fleet.poolers:
        pooler = configured_pooler(fleet, declared.name, poolers) or declared
        state = live_pooler(poolers, declared.name)
        side = _seen(pooler, state, available) if state and state.databases else _reckoned(pooler, available)
        clients = client_demand(fleet, pooler.name)
        if side.connections > available:
            yield _too_many_servers(pooler, side, available)
        if clients > pooler.client_connections:
            yield _too_many_clients(pooler, clients)
        if side.connections <= available and clients <= pooler.client_connections:
            yield Note(
                f"{pooler.name}: {side.connections} server connections for {available} slots, "
                f"{clients} clients for {pooler.client_connections} client connections",
                None,
            )


def _reckoned(pooler: DeclaredPooler, available: int) -> _ServerSide:
    """The server side of what is declared or configured."""
    limits = {
        "max_db_connections": pooler.max_db_connections,
        "max_user_connections": pooler.max_user_connections,
    }
    bounds = "".join(f", {name} {limit}" for name, limit in limits.items() if limit)
    pairs = max(1, pooler.instances * pooler.databases * pooler.users)
    return _ServerSide(
        pooler.server_connections,
        f"{_counted(pooler.instances, 'instance')} × {_counted(pooler.databases, 'database')} × "
        f"{_counted(pooler.users, 'user')} × (default_pool_size {pooler.default_pool_size} + "
        f"reserve_pool_size {pooler.reserve_pool_size}){bounds}.",
        _positive(available // pairs - pooler.reserve_pool_size),
    )


def _seen(pooler: DeclaredPooler, state: PoolerState, available: int) -> _ServerSide:
    """The server side of SHOW DATABASES, with the users of SHOW POOLS where more were seen than declared."""
    users = {
        database.name: max(pooler.users, len({p.user for p in state.pools if p.database == database.name}))
        for database in state.databases
    }
    most = sum(
        min(wanted, database.max_connections or wanted)
        for database in state.databases
        for wanted in [users[database.name] * (database.pool_size + database.reserve_pool_size)]
    )
    parts = ", ".join(
        f"{each.name} {_counted(users[each.name], 'user')} × ({each.pool_size} + {each.reserve_pool_size})"
        for each in state.databases
    )
    pairs = max(1, pooler.instances * sum(users.values()))
    return _ServerSide(
        most * pooler.instances,
        f"{_counted(pooler.instances, 'instance')}, as SHOW DATABASES says: {parts}.",
        _positive(available // pairs - pooler.reserve_pool_size),
    )


def _too_many_servers(pooler: DeclaredPooler, side: _ServerSide, available: int) -> Symptom:
    bound = "Bound all pools together with max_db_connections or max_user_connections"
    return Symptom(
        message=f"the pooler can open {side.connections} server connections, and {available} slots are left "
        "after the reserve",
        cause=Cause.CONNECTIONS,
        object=f"{pooler.name} servers",
        at=pooler.name,
        place=pooler.place,
        detail=side.reckoned,
        hint=f"Largest default_pool_size that passes: {side.largest_pool}. {bound} where that is too little."
        if side.largest_pool
        else f"{bound}, or run fewer instances.",
    )


def _too_many_clients(pooler: DeclaredPooler, clients: int) -> Symptom:
    return Symptom(
        message=f"services open {clients} connections to the pooler at the peak, and it takes "
        f"{pooler.client_connections}",
        cause=Cause.CONNECTIONS,
        object=f"{pooler.name} clients",
        at=pooler.name,
        place=pooler.place,
        detail=f"{_counted(pooler.instances, 'instance')} × max_client_conn {pooler.max_client_conn}; the "
        'next client gets "no more connections allowed".',
        hint=f"Set max_client_conn to {-(-clients // pooler.instances)} or more, and the limit on open files "
        "with it; an idle client costs the pooler little.",
    )


def _positive(size: int) -> int | None:
    return size if size > 0 else None


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
