"""The settings of a pool in, that pool opened for real out; with the one statement that is run in it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from psycopg_pool import ConnectionPool, PoolTimeout

from pgtune.errors import ConnectError
from pgtune.sources.connect import ServerConnection, describe_target
from pgtune.sources.pool import ServerPool
from pgtune.sources.pools.exercise_liveness import check_alive
from pgtune.sources.pools.exercise_plan import ExercisePlan
from pgtune.sources.transaction import Timeouts, rolled_back

_TIMEOUTS = Timeouts(statement_ms=1_000, lock_ms=1_000)  # chosen: SELECT 1 takes no time and no lock
_CLOSE_TIMEOUT_S = 1.0  # chosen: how long to wait for the pool's threads
_LEAST_CONNECT_TIMEOUT_S = 2  # of libpq


@dataclass(frozen=True, slots=True)
class Opening:
    """How long the first connections took."""

    first_ms: float
    min_size_ms: float


@contextmanager
def closing_pool(
    conninfo: str, plan: ExercisePlan, sizes: tuple[int, int], max_idle_s: float
) -> Iterator[ServerPool]:
    """Yield a pool of *sizes* (least, most) that is not open yet, and close it afterwards."""
    pool: ServerPool = ConnectionPool(
        conninfo,
        kwargs={
            "autocommit": True,
            "prepare_threshold": None,  # so that poolers by transaction work
            "connect_timeout": max(_LEAST_CONNECT_TIMEOUT_S, round(plan.connect_timeout_s)),
        },
        min_size=sizes[0],
        max_size=sizes[1],
        max_idle=max_idle_s,
        max_lifetime=plan.max_lifetime_s,
        timeout=plan.acquire_timeout_s,
        check=check_alive if plan.check else None,
        name="pgtune exercise",
        open=False,
    )
    try:
        yield pool
    finally:
        pool.close(timeout=_CLOSE_TIMEOUT_S)


def open_timed(pool: ServerPool, timeout_s: float) -> Opening:
    """Open *pool*; return when its first connection could be taken, and when min_size were there.

    Raises:
        ConnectError: they were not there within *timeout_s*.
    """
    started_s = time.perf_counter()
    try:
        pool.open()
        pool.putconn(pool.getconn(timeout=timeout_s))
        first_s = time.perf_counter()
        pool.wait(timeout=max(0.0, timeout_s - (first_s - started_s)))
    except PoolTimeout:
        raise ConnectError(
            f"{describe_target(None, str(pool.conninfo))}: the pool had no {max(1, pool.min_size)} "
            f"connections after {timeout_s:.1f} s; see the connection limits of the role and the database"
        ) from None
    return Opening((first_s - started_s) * 1000, (time.perf_counter() - started_s) * 1000)


@contextmanager
def held(pool: ServerPool, count: int, timeout_s: float) -> Iterator[list[ServerConnection]]:
    """Yield *count* connections, or as many as *pool* gave within *timeout_s*; give back what is left."""
    taken: list[ServerConnection] = []
    ends_s = time.monotonic() + timeout_s
    try:
        with suppress(PoolTimeout):
            while len(taken) < count:
                taken.append(pool.getconn(timeout=ends_s - time.monotonic()))
        yield taken
    finally:
        for connection in taken:
            pool.putconn(connection)


def use(connection: ServerConnection) -> None:
    """Run the one statement of the exercise.

    Raises:
        psycopg.Error: the connection is dead, or the server refused.
    """
    with rolled_back(connection, "READ ONLY", _TIMEOUTS, {}):
        connection.execute("SELECT 1")
