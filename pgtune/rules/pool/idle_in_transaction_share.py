"""Transactions are open much of the time without running anything.

The server counts for how long sessions were active, and for how long they were idle inside a transaction.
When the second is a large part of both, connections are held while the application works, and the pools
have to be larger than the database needs. No single session has to be idle for long for that.

It is a warning above 30 %, where more than half a connection is held that way on average.

Instead of:
    BEGIN; SELECT ...;  -- then a call to another service, then
    UPDATE ...; COMMIT;
Use:
    SELECT ...;         -- the call first, then one short transaction
    BEGIN; UPDATE ...; COMMIT;

Ignore when: the round trips between service and server are long, and the statements short.
Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-DATABASE-VIEW
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.counters import CounterWindow
from pgtune.rules.rounded_durations import in_words

SEVERITY = Severity.WARNING
MAX_SHARE = 0.3  # of the time that connections are in use; chosen
MIN_SESSIONS = 0.5  # idle in a transaction on average; chosen


def check(
    window: CounterWindow, *, max_share: float = MAX_SHARE, min_sessions: float = MIN_SESSIONS
) -> Iterator[Symptom | Note]:
    """Yield the server when its transactions are mostly idle."""
    used = window.active + window.idle_in_transaction
    share = window.idle_in_transaction / used if used else 0.0
    sum_up = f"transactions are idle for {share:.0%} of the time that connections are in use"
    if share <= max_share or window.idle_in_transaction <= min_sessions:
        yield Note(f"{sum_up}: {window.idle_in_transaction:.1f} sessions on average", None)
        return
    yield Symptom(
        message=sum_up,
        cause=Cause.CONNECTIONS,
        object="server",
        at="server",
        detail=f"{window.idle_in_transaction:.1f} sessions idle in a transaction and"
        f" {window.active:.1f} active, on average of {in_words(window.seconds)}.",
        hint="Do what is no SQL outside of transactions, and send the statements of a transaction together.",
    )
