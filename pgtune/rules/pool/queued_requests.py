"""The counters of a live psycopg_pool tell of waits, failures or lost connections.

They are what pool.get_stats() gives, since the pool was opened. Requests that queue found no free
connection; requests with an error waited longer than timeout, or found the queue full. Connections that
came back bad were broken by the code that used them or by the server; lost ones were found dead by check.

Failed requests are an error. It is a warning when more than 5 % of the requests queued, or a connection
came back bad or was lost.

Instead of:
    ConnectionPool(dsn, max_size=4, timeout=30)
Use:
    ConnectionPool(dsn, max_size=8, timeout=5, check=ConnectionPool.check_connection)

Ignore when: the counters contain a restart of the server.
Source: https://www.psycopg.org/psycopg3/docs/advanced/pool.html#pool-stats
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.pool_stats import LivePools, PoolStats
from pgtune.rules.session_clients import counted

SEVERITY = Severity.ERROR
MAX_QUEUED = 0.05  # of the requests; chosen
_MIN_REQUESTS = 20  # fewer are the start of the pool; chosen


def check(live: LivePools, *, max_queued: float = MAX_QUEUED) -> Iterator[Symptom | Note]:
    """Yield each kind of trouble of each pool."""
    for pool in live.all:
        found = [*_queued(pool, max_queued), *_failed(pool)]
        yield from found
        if not found:
            yield Note(f"{pool.name}: {_in_order(pool)}", None)


def _in_order(pool: PoolStats) -> str:
    if not pool.requests_num:
        return "no request yet"
    return f"{pool.requests_queued} of {pool.requests_num} requests queued"


def _queued(pool: PoolStats, max_queued: float) -> Iterator[Symptom]:
    share = pool.requests_queued / pool.requests_num if pool.requests_num else 0.0
    if pool.requests_num < _MIN_REQUESTS or share <= max_queued:
        return
    yield _symptom(
        pool,
        "queued",
        f"{share:.0%} of {pool.requests_num} requests queued",
        f"They waited for {pool.requests_wait_ms / pool.requests_queued:.1f} ms on average.",
        f"A connection is held for {pool.usage_ms / pool.requests_num:.1f} ms: hold it for less time,"
        f" or raise max_size above {pool.pool_max}.",
    )


def _failed(pool: PoolStats) -> Iterator[Symptom]:
    if pool.requests_errors:
        yield _symptom(
            pool,
            "errors",
            f"{counted(pool.requests_errors, 'request')} got no connection",
            f"{pool.requests_num} requests in all; {pool.requests_waiting} wait now.",
            "Look for PoolTimeout and TooManyRequests in the service's log, and for who holds connections.",
            Severity.ERROR,
        )
    if pool.returns_bad:
        yield _symptom(
            pool,
            "bad",
            f"{counted(pool.returns_bad, 'connection')} came back broken",
            f"{pool.requests_num} requests were served.",
            "Look in the server's log for sessions that were ended, by a timeout or by a restart.",
        )
    if pool.connections_lost:
        yield _symptom(
            pool,
            "lost",
            f"{counted(pool.connections_lost, 'connection')} found dead",
            f"{pool.connections_num} were opened, {counted(pool.connections_errors, 'attempt')} failed.",
            "Find out what ends idle connections: a timeout of the server, of a pooler or of the network.",
        )


def _symptom(
    pool: PoolStats, kind: str, message: str, detail: str, hint: str, severity: Severity = Severity.WARNING
) -> Symptom:
    return Symptom(
        message=message,
        cause=Cause.CONNECTIONS,
        max_severity=severity,
        object=f"{pool.name} {kind}",
        at=pool.name,
        place=pool.place,
        detail=detail,
        hint=hint,
    )
