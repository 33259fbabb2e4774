"""The sessions of a client grow from run to run and never shrink.

That is how a leak looks: connections are opened, or taken from the pool, and not given back. Sessions
that are idle for more than an hour are the surer sign; sessions in all may also grow with the load, and
are a warning at most. Only the latest runs without a fall count: three at least, with two rises, and five
sessions more.

Instead of:
    conn = pool.getconn()
    conn.execute("...")              # an error here, and putconn() is never called
Use:
    with pool.connection() as conn:  # given back whatever happens
        conn.execute("...")

Ignore when: the service was scaled up between the runs.
Source: https://www.psycopg.org/psycopg3/docs/advanced/pool.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.counters import History
from pgtune.rules.rounded_durations import in_words
from pgtune.rules.session_clients import Client, key, label

SEVERITY = Severity.ERROR
MIN_RUNS = 3  # chosen
MIN_RISE = 5  # sessions; chosen
ERROR_RISE = 20  # sessions that are idle for more than an hour; chosen
_MIN_STEPS = 2  # one rise is a deploy or a scale-up; chosen
_HOUR_S = 3600.0

_Series = list[tuple[float, int]]  # seconds since the first sample, sessions


def check(
    history: History,
    *,
    min_runs: float = MIN_RUNS,
    min_rise: float = MIN_RISE,
    error_rise: float = ERROR_RISE,
) -> Iterator[Symptom | Note]:
    """Yield each client whose sessions only grow."""
    found = False
    for client in _clients(history):
        idle = _rising(_series(history, client, idle=True), min_runs, min_rise)
        rising = idle or _rising(_series(history, client, idle=False), min_runs, min_rise)
        if rising:
            found = True
            is_grave = bool(idle) and rising[-1][1] - rising[0][1] >= error_rise
            yield _symptom(
                client,
                rising,
                "sessions idle for more than an hour" if idle else "open sessions",
                is_grave=is_grave,
            )
    if not found:
        yield Note(f"no client's sessions grew steadily over {len(history.samples)} runs", None)


def _clients(history: History) -> Sequence[Client]:
    newest = history.samples[-1].by_client
    return sorted((role, application) for role, application, _, _ in newest)


def _series(history: History, client: Client, *, idle: bool) -> _Series:
    start = history.samples[0].taken_at
    return [
        ((sample.taken_at - start).total_seconds(), _sessions(sample.by_client, client, idle=idle))
        for sample in history.samples
    ]


def _sessions(rows: Sequence[tuple[str, str, int, int]], client: Client, *, idle: bool) -> int:
    found = (row for row in rows if (row[0], row[1]) == client)
    return sum(row[3] if idle else row[2] for row in found)


def _rising(series: _Series, min_runs: float, min_rise: float) -> _Series:
    """The latest samples without a fall, when they rise enough; else none."""
    start = len(series) - 1
    while start > 0 and series[start - 1][1] <= series[start][1]:
        start -= 1
    tail = series[start:]
    steps = sum(before[1] < after[1] for before, after in pairwise(tail))
    is_enough = len(tail) >= min_runs and steps >= _MIN_STEPS and tail[-1][1] - tail[0][1] >= min_rise
    return tail if is_enough else []


def _slope_per_hour(series: _Series) -> float:
    """Least squares through the samples; 0 when all are of one moment."""
    count = len(series)
    mean_s = sum(at_s for at_s, _ in series) / count
    mean = sum(sessions for _, sessions in series) / count
    spread = sum((at_s - mean_s) ** 2 for at_s, _ in series)
    covariance = sum((at_s - mean_s) * (sessions - mean) for at_s, sessions in series)
    return _HOUR_S * covariance / spread if spread else 0.0


def _symptom(client: Client, series: _Series, which: str, *, is_grave: bool) -> Symptom:
    period = in_words(series[-1][0] - series[0][0])
    return Symptom(
        message=f"{which} grew from {series[0][1]} to {series[-1][1]} in {len(series)} runs,"
        f" {_slope_per_hour(series):.1f} an hour",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.ERROR if is_grave else Severity.WARNING,
        object=key(client),
        at=label(client),
        detail=f"In {period}: {', '.join(str(sessions) for _, sessions in series)}.",
        hint="Look for connections that are taken and not given back when an error is raised.",
    )
