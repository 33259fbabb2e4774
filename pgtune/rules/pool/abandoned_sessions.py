"""Many sessions end because the client went away, because of an error, or because somebody ended them.

The server counts how sessions end. One that is abandoned was lost: the process died, or a NAT gateway or
a load balancer dropped the connection. One that ended by a fatal error ran into a timeout of sessions or
a failure of the server. One that was killed was ended by pg_terminate_backend() or a shutdown.

Abandoned sessions are a warning above 7 % of all; fatal or killed ones a warning above 1 % and an error
above 5 %. Only the time between two looks counts, with 20 new sessions at least.

Instead of:
    os.kill(worker, SIGKILL)       # with its connections open
Use:
    pool.close()                   # on SIGTERM; keepalives shorter than the network's idle timeout

Ignore when: the time contains a restart or a failover.
Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-DATABASE-VIEW
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.counters import CounterWindow
from pgtune.rules.rounded_durations import in_words
from pgtune.rules.session_clients import counted

SEVERITY = Severity.ERROR
MAX_ABANDONED = 0.07  # of the sessions; chosen
WARN_ENDED = 0.01  # fatal or killed, of the sessions; chosen
ERROR_ENDED = 0.05  # chosen
_MIN_SESSIONS = 20  # in the window; chosen
_MIN_CASES = 3  # one or two are an incident, no habit; chosen

_HINTS = {
    "abandoned": "Close pools when a process ends, and keep connections alive across the network.",
    "ended by an error": "Look for FATAL in the server's log.",
    "killed": "Find out who calls pg_terminate_backend(), and why sessions have to be ended.",
}


def check(
    window: CounterWindow,
    *,
    max_abandoned: float = MAX_ABANDONED,
    warn_ended: float = WARN_ENDED,
    error_ended: float = ERROR_ENDED,
) -> Iterator[Symptom | Note]:
    """Yield each bad way to end that is frequent."""
    lost = window.abandoned + window.fatal + window.killed
    sessions = max(window.sessions, lost)
    found = False
    for how, cases, warn, error in (
        ("abandoned", window.abandoned, max_abandoned, None),
        ("ended by an error", window.fatal, warn_ended, error_ended),
        ("killed", window.killed, warn_ended, error_ended),
    ):
        share = cases / sessions if sessions else 0.0
        if sessions >= _MIN_SESSIONS and cases >= _MIN_CASES and share > warn:
            found = True
            yield _symptom(how, cases, sessions, window, is_grave=error is not None and share > error)
    if not found:
        seen = (
            f"{lost} of {counted(sessions, 'session')} ended badly" if sessions else "no session was opened"
        )
        yield Note(f"{seen} in {in_words(window.seconds)}", None)


def _symptom(how: str, cases: int, sessions: int, window: CounterWindow, *, is_grave: bool) -> Symptom:
    return Symptom(
        message=f"{cases} of {sessions} sessions were {how} ({cases / sessions:.0%})",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.ERROR if is_grave else Severity.WARNING,
        object=how,
        at="server",
        detail=f"Counted over {in_words(window.seconds)}, in all databases.",
        hint=_HINTS[how],
    )
