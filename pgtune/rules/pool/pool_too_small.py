"""Requests wait for a connection, because the pools are small for the load.

The load is read from the server's counters by Little's law: the time that sessions were active or idle in
a transaction, divided by the time that passed, is the number of connections in use on average. Erlang's C
formula tells how likely a request finds all connections of its pool in use. The load is spread over the
pools by their sizes; each process waits at its own pool, so that many small pools need more connections
than one that is shared.

It is an error where more than 5 % of the requests wait, a warning above 1 %.

Instead of:
    max_size = 2     # in each of 10 pods, for 10 connections in use
Use:
    max_size = 5     # or a pooler with 19 connections for all of them

Ignore when: the load is a batch that may wait.
Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-DATABASE-VIEW
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom, Unknown
from pgtune.model.pools.counters import CounterWindow
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.waiting import connections_needed
from pgtune.rules.pool_shares import MIN_WINDOW_S, PoolShare, busy, pool_shares
from pgtune.rules.rounded_durations import in_words

SEVERITY = Severity.ERROR
WARN_PROBABILITY = 0.01  # that a request waits; chosen
ERROR_PROBABILITY = 0.05  # chosen


def check(
    window: CounterWindow,
    fleet: Fleet,
    *,
    warn_probability: float = WARN_PROBABILITY,
    error_probability: float = ERROR_PROBABILITY,
) -> Iterator[Symptom | Note | Unknown]:
    """Yield the pool at which a request waits most often, when that is often."""
    shares = pool_shares(fleet)
    if not shares:
        return
    if window.seconds < MIN_WINDOW_S:
        yield Unknown(
            f"a longer look: counters of {in_words(window.seconds)} are too short to judge the load by"
        )
        return
    load, total = busy(window), sum(share.connections for share in shares)
    worst = max(shares, key=lambda share: share.wait_probability(load, total))
    waits = worst.wait_probability(load, total)
    in_use = f"{load:.1f} of {total} connections are in use on average"
    if waits <= warn_probability:
        yield Note(f"{in_use}; {waits:.1%} of requests wait", None)
        return
    yield Symptom(
        message=f"{waits:.0%} of requests wait for a connection: {in_use}",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.ERROR if waits > error_probability else Severity.WARNING,
        object="fleet",
        at=worst.name,
        place=worst.place,
        detail=_detail(worst, window, load, total),
        hint=_hint(worst, load, total, warn_probability),
    )


def _detail(worst: PoolShare, window: CounterWindow, load: float, total: int) -> str:
    counted = f"{window.active:.1f} active and {window.idle_in_transaction:.1f} idle in a transaction"
    spread = f"spread evenly over {_pools(worst)}, each has {worst.load(load, total):.1f} in use"
    return f"In {in_words(window.seconds)}: {counted}; {spread}."


def _pools(share: PoolShare) -> str:
    return f"{share.pools} {'pool' if share.pools == 1 else 'pools'} of {share.size}"


def _hint(worst: PoolShare, load: float, total: int, wait_at_most: float) -> str:
    each = f"With {worst.needed(load, total, wait_at_most)} connections in each pool, {wait_at_most:.0%} wait"
    shared = connections_needed(load, wait_at_most)
    if worst.pools == 1:
        return f"{each}."
    return f"{each}; a pooler that all pods share needs {shared} connections for that."
