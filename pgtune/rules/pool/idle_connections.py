"""Many sessions are idle for more than an hour.

Each takes a slot and some megabytes of the server's memory. They come from pools whose minimum is as
large as their maximum, from pools that never shrink, or from connections that were taken and not given
back. Those that the min_size of a declared pool explains are not counted.

It is an error from 500 such sessions on, a warning from 100.

Instead of:
    min_size = 20          # in each of 10 pods
Use:
    min_size = 2
    idle_timeout = "5min"

Ignore when: slots and memory are plentiful, and opening a connection is slow.
Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.sessions import Session, Sessions, SessionState
from pgtune.rules.session_clients import counted, holders

SEVERITY = Severity.ERROR
WARN_SESSIONS = 100  # chosen
ERROR_SESSIONS = 500  # chosen
_HOUR_S = 3600.0


def check(
    sessions: Sessions,
    fleet: Fleet | None,
    *,
    warn_sessions: float = WARN_SESSIONS,
    error_sessions: float = ERROR_SESSIONS,
) -> Iterator[Symptom | Note]:
    """Yield the server when many sessions are idle for long without a reason."""
    idle = [session for session in sessions.all if _is_idle_for_long(session)]
    kept = _kept_open(fleet) if fleet is not None else 0
    unexplained = len(idle) - kept
    sum_up = f"{counted(len(idle), 'session')} idle for more than an hour"
    if unexplained < warn_sessions:
        yield Note(_in_order(len(idle), sessions.count), None)
        return
    explained = f" The min_size of the declared pools explains {kept} of them." if kept else ""
    yield Symptom(
        message=sum_up,
        cause=Cause.CONNECTIONS,
        max_severity=Severity.ERROR if unexplained >= error_sessions else Severity.WARNING,
        object="server",
        at="server",
        detail=f"Held by {holders(idle)}.{explained}",
        hint="Lower min_size and idle_timeout of the pools, or put a pooler in front of the server.",
    )


def _in_order(idle: int, count: int) -> str:
    if not count:
        return "no session is open"
    number = f"{idle or 'none'} of {counted(count, 'session')}"
    return f"{number} {'are' if idle > 1 else 'is'} idle for more than an hour"


def _is_idle_for_long(session: Session) -> bool:
    return session.state is SessionState.IDLE and (session.state_age_s or 0) >= _HOUR_S


def _kept_open(fleet: Fleet) -> int:
    """Connections that the pools never close, at the most replicas."""
    return sum(
        service.peak_replicas * service.processes_with(pool) * (pool.min_size or 0)
        for service, pool in fleet.pools
        if pool.pooler is None
    )
