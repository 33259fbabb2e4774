"""Counters of live psycopg pools, as the application's ``pool.get_stats()`` gives them."""

from __future__ import annotations

from dataclasses import dataclass

from pgtune.model.place import Place


@dataclass(frozen=True, slots=True)
class PoolStats:
    """One pool of one process; a key that psycopg leaves out counts 0."""

    name: str
    place: Place
    pool_min: int
    pool_max: int
    pool_size: int
    pool_available: int
    requests_num: int
    requests_queued: int
    requests_wait_ms: int
    requests_errors: int
    requests_waiting: int
    usage_ms: int
    returns_bad: int
    connections_num: int
    connections_ms: int
    connections_errors: int
    connections_lost: int


@dataclass(frozen=True, slots=True)
class LivePools:
    """Every pool whose counters were given."""

    all: tuple[PoolStats, ...]
