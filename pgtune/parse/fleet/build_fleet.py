"""A draft in, the fleet with its poolers found and defaults filled in out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pgtune.errors import SettingsError
from pgtune.model.place import Place
from pgtune.model.pools.declared_pool import DeclaredPool
from pgtune.model.pools.declared_pooler import DeclaredPooler
from pgtune.model.pools.fleet import Fleet, Service
from pgtune.parse.fleet.drafts import FleetDraft, PoolDraft, PoolerDraft, ServiceDraft
from pgtune.parse.fleet.inferred_poolers import pool_mode, pooler_kind
from pgtune.parse.fleet.library_defaults import with_defaults

_MULTIPLIERS = frozenset({"surge", "terminating", "processes", "listeners"})
_SAME_POD = frozenset({None, "localhost", "127.0.0.1", "::1"})


def build_fleet(draft: FleetDraft, place: Place, named: Iterable[str] = ()) -> tuple[Fleet, tuple[str, ...]]:
    """Return the fleet and what the user should know of it.

    A service without pools and listeners is left out, unless the settings name it (*named*).

    Raises:
        SettingsError: a pool names a pooler that is not declared, or keeps more connections than it may open.
    """
    poolers = _Poolers(draft.poolers)
    services = [_build_service(each, poolers) for each in draft.services]
    used = [each for each in services if each.pools or each.listeners or each.name in frozenset(named)]
    pooler_pods = {each.pods_of for each in draft.poolers}
    fleet = Fleet(
        place=draft.place or place,
        services=tuple(used),
        clients=draft.clients,
        poolers=tuple(poolers.built({each.name: each for each in services})),
        server=draft.server,
        network=draft.network,
        reserve=draft.reserve,
    )
    unused = [each for each in services if each not in used and each.name not in pooler_pods]
    return fleet, (*draft.remarks, *poolers.remarks, *_left_out(unused))


def _left_out(services: Sequence[Service]) -> tuple[str, ...]:
    return tuple(
        f"{each.place}: {each.name} declares no pool and no connection to PostgreSQL; not counted"
        for each in services
    )


def _build_service(draft: ServiceDraft, poolers: _Poolers) -> Service:
    assumed = _MULTIPLIERS.difference(draft.values)
    if not draft.values.keys() & {"replicas", "autoscaler"}:
        assumed |= {"replicas"}
    pools = tuple(_build_pool(draft, each, poolers) for each in draft.pools)
    if pools and all(pool.processes is not None for pool in pools):
        assumed -= {"processes"}  # each pool brings that of its container
    return Service(
        name=draft.name,
        place=draft.place,
        pools=pools,
        assumed=assumed,
        **draft.values,
    )


def _build_pool(service: ServiceDraft, draft: PoolDraft, poolers: _Poolers) -> DeclaredPool:
    values = with_defaults(draft.values)
    smallest, largest = values.get("min_size"), values.get("max_size")
    if smallest is not None and largest is not None and smallest > largest:
        raise SettingsError(
            f"{draft.place}: {service.name}.{draft.name} keeps {smallest} connections, but opens {largest} "
            "at most; correct one"
        )
    pooler = draft.values.get("pooler") or poolers.of(service.name, draft)
    if pooler is not None and pooler not in poolers.names:
        known = f"known are {', '.join(poolers.names)}" if poolers.names else "none is declared"
        raise SettingsError(f'{draft.place}: pooler "{pooler}" is not declared; {known}')
    return DeclaredPool(name=draft.name, place=draft.place, **{**values, "pooler": pooler})


@dataclass(slots=True)
class _Poolers:
    """The poolers that are declared, and those that hosts turn out to be."""

    declared: Sequence[PoolerDraft]
    inferred: dict[str, PoolerDraft] = field(default_factory=dict)  # by host
    remarks: list[str] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in (*self.declared, *self.inferred.values()))

    def of(self, service: str, pool: PoolDraft) -> str | None:
        """The name of the pooler that *pool* connects to; None: to the server itself."""
        if pool.host in _SAME_POD:
            beside = (each.name for each in self.declared if each.pods_of == service)
            found = next(beside, None)
            if found is not None or not pool.is_pooled:
                return found
        host = pool.host or "pooler"
        first_label = host.partition(".")[0]
        by_name = next((each.name for each in self.declared if each.name in {host, first_label}), None)
        kind = pooler_kind(host)
        if by_name or (kind is None and not pool.is_pooled):
            return by_name
        if len(self.declared) == 1:
            return self.declared[0].name
        return self._infer(host, first_label, pool)

    def _infer(self, host: str, name: str, pool: PoolDraft) -> str:
        if host not in self.inferred:
            found = {"kind": pooler_kind(host), "mode": pool_mode(host, pool.port)}
            values = {key: value for key, value in found.items() if value is not None}
            self.inferred[host] = PoolerDraft(name, pool.place, values)
            size = DeclaredPooler(name, pool.place).server_connections
            self.remarks.append(
                f'{pool.place}: host "{host}" is a pooler that is not declared; counted with {size} server '
                f"connections, PgBouncer's default; declare [fleet.poolers.{name}]"
            )
        return self.inferred[host].name

    def built(self, services: Mapping[str, Service]) -> Iterable[DeclaredPooler]:
        for draft in (*self.declared, *self.inferred.values()):
            values: dict[str, Any] = dict(draft.values)
            if draft.pods_of is not None:
                values.setdefault("instances", services[draft.pods_of].peak_pods)
            yield DeclaredPooler(draft.name, draft.place, **values)
