"""The pools may open far more connections than the load ever uses.

Connections that nobody needs take slots that another service could use, and memory of the server. The
connections in use are read from the server's counters, as the time that sessions were active or idle in a
transaction divided by the time that passed. It is an info where three times as many would be less than
what is declared, and 20 connections or more are.

Instead of:
    max_size = 20    # in each of 10 pods, for 2 connections in use
Use:
    max_size = 4

Ignore when: the counters are of a quiet time. Look at the busiest hour of the week.
Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-DATABASE-VIEW
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom, Unknown
from pgtune.model.pools.counters import CounterWindow
from pgtune.model.pools.fleet import Fleet
from pgtune.rules.pool_shares import MIN_WINDOW_S, PoolShare, busy, pool_shares
from pgtune.rules.rounded_durations import in_words

SEVERITY = Severity.INFO
MIN_FACTOR = 3.0  # of declared connections to those in use; chosen
MIN_CONNECTIONS = 20  # declared in all; chosen
MIN_LOAD = 0.1  # connections in use; a server without traffic tells nothing; chosen
WAIT_AT_MOST = 0.01  # probability that a request waits at the size that is proposed; chosen


def check(
    window: CounterWindow,
    fleet: Fleet,
    *,
    min_factor: float = MIN_FACTOR,
    min_connections: float = MIN_CONNECTIONS,
) -> Iterator[Symptom | Note | Unknown]:
    """Yield the fleet when its pools are much larger than the load."""
    shares = pool_shares(fleet)
    if not shares:
        return
    load, total = busy(window), sum(share.connections for share in shares)
    sum_up = f"{load:.1f} of {total} connections are in use on average"
    if window.seconds < MIN_WINDOW_S or load < MIN_LOAD:
        yield Unknown(f"a longer look: {sum_up} in {in_words(window.seconds)}, too little to judge by")
        return
    if total < min_connections or load * min_factor >= total:
        yield Note(sum_up, None)
        return
    largest = max(shares, key=lambda share: share.connections)
    yield Symptom(
        message=sum_up,
        cause=Cause.CONNECTIONS,
        object="fleet",
        at=largest.name,
        place=largest.place,
        detail=f"In {in_words(window.seconds)}, all sessions of the server together.",
        hint=_hint(largest, load, total),
    )


def _hint(largest: PoolShare, load: float, total: int) -> str:
    """The size for this pool's share of the load, were it spread the way it is now."""
    size = largest.needed(load, total, WAIT_AT_MOST)
    if size >= largest.size:
        return "Run fewer processes, or let them share a pooler."
    return f"For this load, {largest.name} does with {size} in each pool; leave room for the busiest hour."
