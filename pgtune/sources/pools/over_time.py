"""What was seen now, while watching and in earlier runs, in; evidence that takes more than one moment out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pgtune.model.pools.counters import CounterWindow, History, Sample, SessionCounters
from pgtune.model.pools.sessions import Session, SessionPeaks, Sessions, SessionState
from pgtune.sources.pools.counters import BEFORE_14, window
from pgtune.sources.pools.watch import Client, Watched

_HOUR_S = 3600.0
# Of two runs; chosen: less is noise, and more is no window that a person has in mind.
_MIN_APART = timedelta(minutes=1)
_MAX_APART = timedelta(days=2)
_NO_WINDOW = "needs two samples: --watch 60s, or --history FILE with a run of the last two days"
_NO_HISTORY = "needs earlier runs: --history FILE"


@dataclass(frozen=True, slots=True)
class OverTime:
    """All moments that are known; ``sample`` None: the role does not see others' sessions."""

    watched: Watched
    counters: SessionCounters | None  # now; None before 14
    sample: Sample | None  # now
    earlier: Sequence[Sample]
    needs_monitor: str


def found_over_time(seen: OverTime) -> Mapping[type, object]:
    """Return CounterWindow, SessionPeaks and History, each or the reason why it is not known."""
    return {
        CounterWindow: _window(seen),
        SessionPeaks: seen.needs_monitor if seen.sample is None else _peaks(seen, seen.sample),
        History: _history(seen),
    }


def sample_of(server: str, sessions: Sessions, counters: SessionCounters | None) -> Sample:
    """Return what the history keeps of this moment."""
    clients = Counter(_client(session) for session in sessions.all)
    idle = Counter(_client(session) for session in sessions.all if _is_idle_over_an_hour(session))
    return Sample(
        taken_at=sessions.taken_at,
        server=server,
        sessions=sessions.count,
        idle_in_transaction=sum(session.is_idle_in_transaction for session in sessions.all),
        idle_over_an_hour=idle.total(),
        by_client=tuple((*client, count, idle[client]) for client, count in sorted(clients.items())),
        counters=counters,
    )


def _client(session: Session) -> Client:
    return session.role, session.application_name


def _is_idle_over_an_hour(session: Session) -> bool:
    return session.state is SessionState.IDLE and (session.state_age_s or 0.0) > _HOUR_S


def _window(seen: OverTime) -> CounterWindow | str:
    if seen.counters is None:
        return BEFORE_14
    if seen.watched.before is not None:
        return window(seen.watched.before, seen.counters)
    last = next((sample.counters for sample in reversed(seen.earlier) if sample.counters), None)
    if last is None or not _MIN_APART <= seen.counters.taken_at - last.taken_at <= _MAX_APART:
        return _NO_WINDOW
    return window(last, seen.counters)


def _peaks(seen: OverTime, sample: Sample) -> SessionPeaks:
    most = Counter(seen.watched.most or {})
    for each in (*seen.earlier, sample):
        most |= Counter({(role, name): sessions for role, name, sessions, _ in each.by_client})
    return SessionPeaks(seen.watched.samples + len(seen.earlier) + 1, dict(most))


def _history(seen: OverTime) -> History | str:
    if seen.sample is None:
        return seen.needs_monitor
    return History((*seen.earlier, seen.sample)) if seen.earlier else _NO_HISTORY
