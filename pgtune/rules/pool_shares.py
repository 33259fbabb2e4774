"""A fleet and a load in, what each of its pools has to carry out."""

from __future__ import annotations

from dataclasses import dataclass

from pgtune.model.place import Place
from pgtune.model.pools.counters import CounterWindow
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.waiting import connections_needed, wait_probability

MIN_WINDOW_S = 30.0  # of counters; a shorter time says little of the load; chosen


@dataclass(frozen=True, slots=True)
class PoolShare:
    """Equal pools of all processes, or the server side of a pooler."""

    name: str  # "api.main"
    place: Place
    pools: int  # processes, or instances of the pooler
    size: int  # connections of each

    @property
    def connections(self) -> int:
        """Of all of them."""
        return self.pools * self.size

    def load(self, load: float, total: int) -> float:
        """Busy connections of one pool, where *load* is spread evenly over *total* connections."""
        return load * self.size / total

    def wait_probability(self, load: float, total: int) -> float:
        """Probability that a request waits at one of these pools."""
        return wait_probability(self.load(load, total), self.size)

    def needed(self, load: float, total: int, wait_at_most: float) -> int:
        """The size of one pool with which a request waits with that probability at most."""
        return connections_needed(self.load(load, total), wait_at_most)


def busy(window: CounterWindow) -> float:
    """Connections that were in use, on average: a transaction that is open holds one, idle or not."""
    return window.active + window.idle_in_transaction


def pool_shares(fleet: Fleet) -> tuple[PoolShare, ...]:
    """Pools at the most replicas, without those of a deploy; behind a pooler, the pooler counts.

    Empty when a size is not declared: the load that it carries is not known either.
    """
    direct = [(service, pool) for service, pool in fleet.pools if pool.pooler is None]
    if any(pool.most is None for _, pool in direct):
        return ()
    shares = [
        PoolShare(
            f"{service.name}.{pool.name}",
            pool.place,
            service.peak_replicas * service.processes_with(pool),
            pool.most or 0,
        )
        for service, pool in direct
    ]
    used = {pool.pooler for _, pool in fleet.pools}
    shares += [
        PoolShare(pooler.name, pooler.place, pooler.instances, pooler.server_connections // pooler.instances)
        for pooler in fleet.poolers
        if pooler.name in used
    ]
    return tuple(share for share in shares if share.connections > 0)
