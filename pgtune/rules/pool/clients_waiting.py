"""Clients wait at PgBouncer for a server connection.

All server connections of their user and database are in use. SHOW POOLS tells for how long the first in
the queue has been waiting, SHOW STATS how long clients wait on average. After query_wait_timeout
PgBouncer ends the client; a pool of the application gives up after its own time.

It is a warning from a wait of 1 s on, when clients waited in each sample of 30 s, or when they wait for
more than a tenth of the time that their transactions take and for more than 2 ms on average; an error when
the wait is half of query_wait_timeout, or as long as a pool of the application waits.

Instead of:
    default_pool_size = 20    # of each user and database, for 40 transactions at once
Use:
    default_pool_size = 40    # when the server has the slots; else shorter transactions

Ignore when: the queue is what keeps the server from being overloaded, and clients can wait.
Source: https://www.pgbouncer.org/usage.html#show-pools
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.place import Place
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.pooler_state import PoolerPool, Poolers, PoolerState, PoolerTraffic
from pgtune.rules.rounded_durations import in_words
from pgtune.rules.session_clients import counted

SEVERITY = Severity.ERROR
MAX_WAIT_S = 1.0  # of the first in the queue; chosen
MAX_WAIT_SHARE = 0.1  # of the time of a transaction; chosen
_MIN_WAIT_MS = 2.0  # on average; opening one server connection costs it. Chosen
_MIN_PER_S = 1.0  # transactions; of fewer, most wait for a server connection to be opened. Chosen
_SAMPLED_S = 30.0  # in which clients wait all the time; chosen
_TIMEOUT_FRACTION = 0.5  # of query_wait_timeout; chosen


def check(
    poolers: Poolers,
    fleet: Fleet | None,
    *,
    max_wait_s: float = MAX_WAIT_S,
    max_wait_share: float = MAX_WAIT_SHARE,
) -> Iterator[Symptom | Note]:
    """Yield each pool with a queue, and each database whose transactions wait."""
    for state in poolers.all:
        limit = _error_limit(state, fleet)
        place = _place(state, fleet)
        queues = [_queue(state, pool, limit, max_wait_s, place) for pool in state.pools]
        averages = [_average(state, traffic, max_wait_share, place) for traffic in state.traffic]
        found = [each for each in (*queues, *averages) if each is not None]
        yield from found
        if not found:
            waiting = sum(pool.clients_waiting for pool in state.pools)
            yield Note(
                f"{state.name}: {counted(waiting, 'client')} waiting in {counted(len(state.pools), 'pool')}",
                None,
            )


def _place(state: PoolerState, fleet: Fleet | None) -> Place | None:
    declared = fleet.pooler(state.name) if fleet is not None else None
    return declared.place if declared is not None else None


def _error_limit(state: PoolerState, fleet: Fleet | None) -> tuple[float, str] | None:
    """The wait after which a client is let down, and who does it."""
    limits = []
    timeout_s = float(state.config.get("query_wait_timeout", 0))
    if timeout_s:
        what = f"query_wait_timeout is {in_words(timeout_s)}"
        limits.append((_TIMEOUT_FRACTION * timeout_s, what))
    for service, pool in fleet.pools if fleet is not None else ():
        if pool.pooler == state.name and pool.acquire_timeout_s:
            what = f"{service.name}.{pool.name} waits for {in_words(pool.acquire_timeout_s)}"
            limits.append((pool.acquire_timeout_s, what))
    return min(limits, default=None)


def _queue(
    state: PoolerState,
    pool: PoolerPool,
    limit: tuple[float, str] | None,
    max_wait_s: float,
    place: Place | None,
) -> Symptom | None:
    always = (pool.database, pool.user) in state.always_waiting and state.sampled_s >= _SAMPLED_S
    if pool.max_wait_s < max_wait_s and not always:
        return None
    is_grave = limit is not None and pool.max_wait_s >= limit[0]
    throughout = f", in each sample of {in_words(state.sampled_s)}" if always else ""
    return Symptom(
        message=f"{counted(pool.clients_waiting, 'client')} waiting for up to"
        f" {in_words(pool.max_wait_s)}{throughout}",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.ERROR if is_grave else Severity.WARNING,
        object=f"{state.name}/{pool.database}/{pool.user}",
        at=f"{state.name}, database {pool.database}, user {pool.user}",
        place=place,
        detail=f"{_servers(pool)}{f'; {limit[1]}' if limit is not None and is_grave else ''}.",
        hint="Make transactions shorter, or raise default_pool_size when the server has the slots.",
    )


def _servers(pool: PoolerPool) -> str:
    return f"{pool.servers_active} of {counted(pool.servers, 'server connection')} active"


def _average(
    state: PoolerState, traffic: PoolerTraffic, max_wait_share: float, place: Place | None
) -> Symptom | None:
    share_ms = max_wait_share * traffic.avg_transaction_ms
    if traffic.avg_wait_ms <= max(share_ms, _MIN_WAIT_MS) or traffic.transactions_per_s < _MIN_PER_S:
        return None
    return Symptom(
        message=f"transactions wait for {traffic.avg_wait_ms:.1f} ms"
        f" and take {traffic.avg_transaction_ms:.1f} ms",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.WARNING,
        object=f"{state.name}/{traffic.database} average",
        at=f"{state.name}, database {traffic.database}",
        place=place,
        detail=f"{traffic.transactions_per_s:.1f} transactions per second, averages of SHOW STATS.",
        hint="Make transactions shorter, or raise default_pool_size when the server has the slots.",
    )
