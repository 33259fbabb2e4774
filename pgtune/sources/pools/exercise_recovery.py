"""A pool with all connections taken in; when the next client gives up, and how a dead one is met, out."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psycopg
from psycopg_pool import PoolTimeout

from pgtune.sources.connect import ServerConnection
from pgtune.sources.pool import ServerPool
from pgtune.sources.pools.exercise_pool import use
from pgtune.sources.pools.exercise_watcher import Watcher

_END_PATIENCE_S = 1.0  # chosen: an idle backend ends in milliseconds


@dataclass(frozen=True, slots=True)
class Recovery:
    """What clients saw after a backend had been ended. None: not tried, or not over in time."""

    recovered_ms: float | None
    dead_handed_out: bool | None
    why_not: str = ""  # a sentence


def exhaust(pool: ServerPool, timeout_s: float) -> float | None:
    """Ask for one connection more than there are; return the seconds until PoolTimeout, None if it came."""
    started_s = time.perf_counter()
    try:
        pool.putconn(pool.getconn(timeout=timeout_s))
    except PoolTimeout:
        return time.perf_counter() - started_s
    return None


def recover(pool: ServerPool, taken: list[ServerConnection], watcher: Watcher, timeout_s: float) -> Recovery:
    """Give one of *taken*, all of the pool's connections, back; end its backend; take it again.

    With all others taken, it is the one that the next client meets.
    """
    victim = taken.pop()
    pid = victim.info.backend_pid
    pool.putconn(victim)
    started_s = time.perf_counter()
    try:
        ended = watcher.terminate(pid, _END_PATIENCE_S)
    except psycopg.errors.InsufficientPrivilege:
        ended = False
    if not ended:
        return Recovery(
            None, None, "Recovery was not tried: the server ended no backend of the pool for pgtune."
        )
    return _take_until_one_works(pool, started_s, timeout_s)


def _take_until_one_works(pool: ServerPool, started_s: float, timeout_s: float) -> Recovery:
    was_dead = False
    while (left_s := started_s + timeout_s - time.perf_counter()) > 0:
        try:
            connection = pool.getconn(timeout=left_s)
        except PoolTimeout:
            break
        try:
            use(connection)
        except psycopg.OperationalError:
            was_dead = True
        else:
            return Recovery((time.perf_counter() - started_s) * 1000, was_dead)
        finally:
            pool.putconn(connection)
    late = f"No connection worked within {timeout_s:.1f} s after a backend had been ended."
    return Recovery(None, was_dead or None, late)
