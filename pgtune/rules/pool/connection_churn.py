"""Sessions are opened and closed all the time.

To open one the server forks a process, checks the password and fills its caches: milliseconds, and with
TLS more. The sign is many new sessions that each run few transactions; where the counters are not known,
sessions of which most are young. A deploy makes all sessions young too, so youth alone is an info, unless
they are younger than a minute while others are old.

Instead of:
    psycopg.connect(dsn)         # for each request
Use:
    pool.connection()            # or a pooler, where processes live briefly

Ignore when: a cron job or a function that runs rarely opens them.
Source: https://www.postgresql.org/docs/current/connect-estab.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.counters import CounterWindow
from pgtune.model.pools.sessions import Sessions
from pgtune.rules.rounded_durations import in_words
from pgtune.rules.session_clients import counted, holders

SEVERITY = Severity.WARNING
MAX_SESSIONS_PER_S = 1.0  # chosen
MIN_TRANSACTIONS = 10.0  # of a session; fewer do not pay for opening it; chosen
YOUNG_S = 600.0  # median age; chosen
VERY_YOUNG_S = 60.0  # chosen
_MIN_SESSIONS = 10  # for a median to say anything; chosen


def check(
    sessions: Sessions,
    window: CounterWindow | None,
    *,
    max_sessions_per_s: float = MAX_SESSIONS_PER_S,
    min_transactions: float = MIN_TRANSACTIONS,
) -> Iterator[Symptom | Note]:
    """Yield the server when its sessions live too briefly."""
    if window is None:
        yield _by_age(sessions)
        return
    rate = window.sessions / window.seconds
    each = window.transactions / window.sessions if window.sessions else 0.0
    sum_up = (
        f"{rate:.1f} new sessions per second" if rate >= 0.1 else f"{counted(window.sessions, 'new session')}"
    )
    if rate <= max_sessions_per_s or each >= min_transactions:
        yield Note(f"{sum_up} in {in_words(window.seconds)}", None)
        return
    yield _symptom(f"{sum_up}, each for {each:.1f} transactions", Severity.WARNING, sessions)


def _by_age(sessions: Sessions) -> Symptom | Note:
    """Judge by the ages alone; when even the oldest is young, the server may just have started."""
    from statistics import median  # takes 10 ms, and without a server nothing is asked of it

    ages = [session.age_s for session in sessions.all if not session.is_superuser]
    if not ages:
        return Note("no session is open", None)
    middle = median(ages)
    sum_up = f"{counted(len(ages), 'session')}, half of them younger than {in_words(middle)}"
    if len(ages) < _MIN_SESSIONS or max(ages) < YOUNG_S or middle >= YOUNG_S:
        return Note(sum_up, None)
    return _symptom(sum_up, Severity.WARNING if middle < VERY_YOUNG_S else Severity.INFO, sessions)


def _symptom(message: str, severity: Severity, sessions: Sessions) -> Symptom:
    young = [session for session in sessions.all if session.age_s < YOUNG_S]
    held = (
        f"Of the sessions younger than {in_words(YOUNG_S)}, most are held by {holders(young)}."
        if young
        else ""
    )
    return Symptom(
        message=message,
        cause=Cause.CONNECTIONS,
        max_severity=severity,
        object="server",
        at="server",
        detail=held,
        hint="Keep connections in a pool, or put a pooler in front of the server.",
    )
