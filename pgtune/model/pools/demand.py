"""The arithmetic of a fleet: how many connections it can open at once, and what fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from pgtune.model.place import Place
from pgtune.model.pools.fleet import Fleet, Service
from pgtune.model.pools.slots import ConnectionSlots

RESERVE_FRACTION = 0.1  # of the ordinary slots to keep free for people and surprises; chosen
MIN_RESERVE = 5  # slots; chosen
OWN_CONNECTIONS = 1  # pgtune itself, while it checks


@dataclass(frozen=True, slots=True)
class DemandLine:
    """One row of the breakdown."""

    name: str  # "api.main", "cron", "pgbouncer"
    place: Place
    connections: int
    reckoned: str  # "13 pods × 1 process × 20", how it came about
    per_process: int | None = None  # connections of one process; None where nothing multiplies


@dataclass(frozen=True, slots=True)
class Demand:
    """Connections to the server at the peak, during a deploy."""

    lines: tuple[DemandLine, ...]
    unknown: tuple[str, ...] = ()  # pools whose size is not declared

    @property
    def connections(self) -> int:
        """All lines together, and pgtune's own."""
        return sum(line.connections for line in self.lines) + OWN_CONNECTIONS


def demand(fleet: Fleet, *, cap: int | None = None) -> Demand:
    """What the whole fleet opens on the server; *cap* is the most that any one pool may hold."""
    lines = [line for service in fleet.services for line in _lines(service, cap)]
    lines += [DemandLine(each.name, each.place, each.connections, "") for each in fleet.clients]
    lines += [
        DemandLine(pooler.name, pooler.place, pooler.server_connections, "") for pooler in fleet.poolers
    ]
    unknown = tuple(
        f"{service.name}.{pool.name}"
        for service, pool in fleet.pools
        if pool.most is None and pool.pooler is None
    )
    return Demand(tuple(lines), unknown)


def _lines(service: Service, cap: int | None) -> Iterator[DemandLine]:
    for pool in service.pools:
        if pool.most is None or pool.pooler is not None:
            continue
        most = pool.most if cap is None else min(pool.most, cap)
        name = f"{service.name}.{pool.name}"
        processes = service.processes_with(pool)
        connections = service.peak_pods * processes * most
        yield DemandLine(name, pool.place, connections, f"{_times(service, processes)} × {most}", most)
    if service.listeners:
        connections = service.peak_pods * service.processes * service.listeners
        reckoned = f"{_times(service, service.processes)} × {service.listeners}"
        yield DemandLine(f"{service.name} listeners", service.place, connections, reckoned)


def _times(service: Service, processes: int) -> str:
    return f"{_counted(service.peak_pods, 'pod')} × {_counted(processes, 'process')}"


def _counted(number: int, noun: str) -> str:
    plural = {"process": "processes"}.get(noun, f"{noun}s")
    return f"{number} {noun if number == 1 else plural}"


def reserve(fleet: Fleet, slots: ConnectionSlots) -> int:
    """Ordinary slots to keep free: what is declared, else a tenth of them, five at least."""
    if fleet.reserve is not None:
        return fleet.reserve
    return max(MIN_RESERVE, ceil(RESERVE_FRACTION * slots.ordinary))


def fits(fleet: Fleet, slots: ConnectionSlots, *, cap: int | None = None) -> bool:
    """True when demand and reserve together take no more than the ordinary slots."""
    return demand(fleet, cap=cap).connections + reserve(fleet, slots) <= slots.ordinary


def largest_pool(fleet: Fleet, slots: ConnectionSlots) -> int | None:
    """The most connections that any pool may hold for the fleet to fit; None when even 1 does not."""
    low, high = 0, max((line.per_process or 0 for line in demand(fleet).lines), default=0)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(fleet, slots, cap=middle):
            low = middle
        else:
            high = middle - 1
    return low or None


def client_demand(fleet: Fleet, pooler: str) -> int:
    """Connections that the services open to that pooler at the peak."""
    return sum(
        service.peak_pods * service.processes_with(pool) * pool.most
        for service, pool in fleet.pools
        if pool.pooler == pooler and pool.most is not None
    )
