"""An idle pool at its largest in; how long it took to give surplus connections back out."""

from __future__ import annotations

import time
from dataclasses import dataclass

from pgtune.sources.pool import ServerPool

_LOOK_EVERY_S = 0.005  # chosen
_LEAST_IDLE_S = 0.02  # chosen: shorter, and the pool's scheduler is what counts


@dataclass(frozen=True, slots=True)
class Shrinking:
    """Connections left, and the seconds that it took to get there."""

    left: int
    took_s: float


def fitting_idle_s(surplus: int, max_idle_s: float, seconds: float) -> float:
    """The max_idle with which *surplus* connections are gone within *seconds*.

    psycopg_pool closes one connection per period, the first after the second: pool.py, _shrink_pool().
    """
    return min(max_idle_s, max(_LEAST_IDLE_S, seconds / (surplus + 2)))


def shrink(pool: ServerPool, min_size: int, timeout_s: float) -> Shrinking:
    """Let *pool*, open and full, fall to *min_size*; return how far it came within *timeout_s*."""
    started_s = time.perf_counter()
    pool.resize(min_size, pool.max_size)
    while (left := pool.get_stats()["pool_size"]) > min_size and time.perf_counter() - started_s < timeout_s:
        time.sleep(_LOOK_EVERY_S)
    return Shrinking(left, time.perf_counter() - started_s)
