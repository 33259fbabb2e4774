"""A fleet in, the clients that its declarations name out, with how many sessions each may hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgtune.model.place import Place
from pgtune.model.pools.declared_pool import DeclaredPool
from pgtune.model.pools.fleet import Fleet, Service
from pgtune.model.pools.sessions import Session


@dataclass(frozen=True, slots=True)
class Identity:
    """What a session is recognized by; None = anything."""

    role: str | None
    application_name: str | None
    database: str | None = None

    @property
    def named(self) -> int:
        """How many of the three are declared; 0 = nothing is recognized."""
        return sum(each is not None for each in (self.role, self.application_name, self.database))

    def covers(self, session: Session) -> bool:
        """True when the session has everything that is declared, and something is."""
        pairs = (
            (self.role, session.role),
            (self.application_name, session.application_name),
            (self.database, session.database),
        )
        return self.named > 0 and all(declared in (None, seen) for declared, seen in pairs)


@dataclass(frozen=True, slots=True)
class DeclaredClient:
    """Pools or fixed clients of one identity, together."""

    identity: Identity
    names: tuple[str, ...]  # "api.main"
    place: Place  # of the first
    allowed: int | None  # sessions at the peak; None when a size is not declared

    @property
    def label(self) -> str:
        """All names, for messages."""
        return " and ".join(self.names)


def declared_clients(fleet: Fleet) -> tuple[DeclaredClient, ...]:
    """Clients that connect to the server itself, one for each identity, in the order of the declarations.

    What names nothing is one client together, with the poolers: their sessions carry the names of the clients
    behind them. Listeners of a service count for each of its pools.
    """
    merged: dict[Identity, DeclaredClient] = {}
    for client in (*_pools(fleet), *_fixed(fleet), *_poolers(fleet)):
        before = merged.get(client.identity)
        merged[client.identity] = client if before is None else _together(before, client)
    return tuple(merged.values())


def best_match(clients: Sequence[DeclaredClient], session: Session) -> DeclaredClient | None:
    """The client that covers the session and names the most of it; None when none does."""
    covering = (client for client in clients if client.identity.covers(session))
    return max(covering, key=lambda client: client.identity.named, default=None)


def identity_of(pool: DeclaredPool) -> Identity:
    """What the sessions of a pool are recognized by."""
    return Identity(pool.role, pool.application_name, pool.database)


def _pools(fleet: Fleet) -> Iterator[DeclaredClient]:
    for service, pool in fleet.pools:
        if pool.pooler is None:
            yield DeclaredClient(
                identity_of(pool), (f"{service.name}.{pool.name}",), pool.place, _allowed(service, pool)
            )


def _allowed(service: Service, pool: DeclaredPool) -> int | None:
    if pool.most is None:
        return None
    of_pool = service.processes_with(pool) * pool.most
    return service.peak_pods * (of_pool + service.processes * service.listeners)


def _fixed(fleet: Fleet) -> Iterator[DeclaredClient]:
    for client in fleet.clients:
        identity = Identity(client.role, client.application_name)
        yield DeclaredClient(identity, (client.name,), client.place, client.connections)


def _poolers(fleet: Fleet) -> Iterator[DeclaredClient]:
    for pooler in fleet.poolers:
        identity = Identity(None, None)
        yield DeclaredClient(identity, (pooler.name,), pooler.place, pooler.server_connections)


def _together(first: DeclaredClient, second: DeclaredClient) -> DeclaredClient:
    known = first.allowed is not None and second.allowed is not None
    return DeclaredClient(
        identity=first.identity,
        names=(*first.names, *second.names),
        place=first.place,
        allowed=(first.allowed or 0) + (second.allowed or 0) if known else None,
    )
