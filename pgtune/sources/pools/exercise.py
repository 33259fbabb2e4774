"""A connection string and a pool's settings in; what such a pool does, opened for real, out.

Nothing is written, and no other session is touched: each transaction is READ ONLY, and the one backend that
is ended is the pool's own.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable

from psycopg.conninfo import make_conninfo

from pgtune.errors import ConnectError
from pgtune.model.pools.exercise import AcquireTimes, Exercise
from pgtune.sources.connect import ServerConnection, connect, describe_target
from pgtune.sources.pool import ServerPool
from pgtune.sources.pools.exercise_load import load
from pgtune.sources.pools.exercise_plan import ExercisePlan, OpenedSize, opened_size, shortened
from pgtune.sources.pools.exercise_pool import Opening, closing_pool, held, open_timed
from pgtune.sources.pools.exercise_recovery import Recovery, exhaust, recover
from pgtune.sources.pools.exercise_shrink import Shrinking, fitting_idle_s, shrink
from pgtune.sources.pools.exercise_watcher import Watcher
from pgtune.sources.pools.visit import translated
from pgtune.sources.transaction import Timeouts

OnProgress = Callable[[str, float], None]  # what is done, and the fraction that is over, 0 to 1

APPLICATION_NAME = "pgtune exercise"  # a random word follows, so that two runs do not count each other's
MOST_ACQUIRE_TIMEOUT_S = 1.0  # that the exhausted pool is waited for; chosen

# Shares of the time that is left when the step begins; chosen. Of 5 s on a quick server, each load takes
# 1.2 s, exhausting 0.9 s and shrinking 1.1 s.
_OPEN, _FIRST_LOAD, _SECOND_LOAD, _EXHAUST, _RECOVER, _SHRINK = 0.6, 0.25, 0.33, 0.35, 0.5, 0.8
_CLOSE_PATIENCE_S = 0.5  # chosen: a backend ends some milliseconds after its client has gone
_LEAST_S = 0.1  # a step gets it even when the time is over
_TIMEOUTS = Timeouts(statement_ms=2_000, lock_ms=1_000)
_SECOND_LOAD_FACTOR = 2


def exercise(conninfo: str, plan: ExercisePlan, on_progress: OnProgress) -> Exercise:
    """Open the pool of *plan* on the server of *conninfo* (of prepare_conninfo); load, exhaust, cut, close.

    It takes the seconds of the plan, and up to two more where the server is slow.

    Raises:
        UsageError: the server has not enough free slots.
        ConnectError: unreachable, refused, wrong password; or the pool did not fill.
        ConnectionLost: the server went away.
        StatementCancelled: the server did not answer in time.
    """
    size = opened_size(plan)
    target = describe_target(None, conninfo)
    name = f"{APPLICATION_NAME} {secrets.token_hex(4)}"
    with connect(conninfo, lambda text: on_progress(text, 0.0)) as beside, translated(target, _TIMEOUTS):
        trial = _Trial(
            make_conninfo(conninfo, application_name=name), plan, size, Watcher(beside, name), on_progress
        )
        return trial.run()


class _Trial:
    """One run, with the time that it has."""

    def __init__(
        self, conninfo: str, plan: ExercisePlan, size: OpenedSize, watcher: Watcher, on_progress: OnProgress
    ) -> None:
        self._conninfo = conninfo
        self._plan = plan
        self._size = size
        self._watcher = watcher
        self._on_progress = on_progress
        self._ends_s = time.monotonic() + plan.seconds
        self._pooled = watcher.is_pooled()
        self._acquire_timeout_s = plan.acquire_timeout_s
        self._left_out: list[str] = [size.why_smaller]
        self._doing = ""

    def run(self) -> Exercise:
        sizes = (self._size.min_size, self._size.max_size)
        with closing_pool(self._conninfo, self._plan, sizes, self._plan.max_idle_s) as pool:
            opening = self._open(pool)
            loads = self._loads(pool)
            exhausted_s, recovery = self._exhaust_and_cut(pool)
        shrinking, idle_s = self._shrink()
        most_used, left_open = self._seen_on_server()
        return Exercise(
            pool=self._plan.name,
            max_size=self._size.max_size,
            declared_max_size=self._plan.max_size,
            min_size=self._size.min_size,
            first_connection_ms=opening.first_ms,
            min_size_ms=opening.min_size_ms,
            loads=loads,
            acquire_timeout_s=self._acquire_timeout_s,
            exhausted_after_s=exhausted_s,
            recovered_ms=recovery.recovered_ms,
            dead_handed_out=recovery.dead_handed_out,
            shrunk_to=None if shrinking is None else shrinking.left,
            shrink_s=None if shrinking is None else shrinking.took_s,
            shrink_idle_s=idle_s,
            left_open=left_open,
            most_used=most_used,
            place=self._plan.place,
            left_out=tuple(filter(None, self._left_out)),
        )

    def _open(self, pool: ServerPool) -> Opening:
        self._tell("opening the pool")
        return open_timed(pool, self._share(_OPEN))

    def _loads(self, pool: ServerPool) -> tuple[AcquireTimes, ...]:
        found = []
        for factor, share in ((1, _FIRST_LOAD), (_SECOND_LOAD_FACTOR, _SECOND_LOAD)):
            workers = factor * self._size.max_size
            self._tell(f"{workers} workers on {self._size.max_size} connections")
            times = load(pool, workers, self._share(share), self._plan.acquire_timeout_s, self._look)
            if times is None:
                self._left_out.append(f"The time was over before {workers} workers had got a connection.")
            else:
                found.append(times)
                self._tell_starved(times)
        return tuple(found)

    def _tell_starved(self, times: AcquireTimes) -> None:
        if times.starved:
            self._left_out.append(
                f"{times.starved} of {times.workers} workers never got a connection that answered; "
                "their waiting is not among the figures."
            )

    def _look(self) -> None:
        self._tell("")
        if not self._pooled:
            self._watcher.look()

    def _exhaust_and_cut(self, pool: ServerPool) -> tuple[float | None, Recovery]:
        """Take all connections; ask for one more; give one back and end its backend."""
        self._tell("taking all connections")
        self._acquire_timeout_s = self._share(
            _EXHAUST, min(self._plan.acquire_timeout_s, MOST_ACQUIRE_TIMEOUT_S)
        )
        with held(pool, self._size.max_size, self._share(_EXHAUST)) as taken:
            if len(taken) < self._size.max_size:
                self._left_out.append(
                    f"The pool gave {len(taken)} of {self._size.max_size} connections, "
                    "so it was not exhausted and none was cut."
                )
                return None, Recovery(None, None)
            self._look()
            exhausted_s = exhaust(pool, self._acquire_timeout_s)
            self._left_out.append(
                shortened("The acquire timeout", self._plan.acquire_timeout_s, self._acquire_timeout_s)
            )
            return exhausted_s, self._cut(pool, taken)

    def _cut(self, pool: ServerPool, taken: list[ServerConnection]) -> Recovery:
        if self._pooled:
            self._left_out.append(
                "Recovery was not tried: behind a connection pooler, a backend also serves other clients."
            )
            return Recovery(None, None)
        self._tell("ending a backend of the pool")
        recovery = recover(pool, taken, self._watcher, self._share(_RECOVER))
        self._left_out.append(recovery.why_not)
        return recovery

    def _shrink(self) -> tuple[Shrinking | None, float | None]:
        """Let a second pool, full from the start, shrink: the first has the declared max_idle."""
        surplus = self._size.max_size - self._size.min_size
        if not surplus:
            self._left_out.append("The pool has a fixed size, so it does not shrink.")
            return None, None
        self._tell("letting the pool shrink")
        seconds = self._share(_SHRINK)
        idle_s = fitting_idle_s(surplus, self._plan.max_idle_s, seconds)
        self._left_out.append(shortened("max_idle", self._plan.max_idle_s, idle_s))
        full = (self._size.max_size, self._size.max_size)
        try:
            with closing_pool(self._conninfo, self._plan, full, idle_s) as pool:
                open_timed(pool, seconds)
                return shrink(pool, self._size.min_size, seconds), idle_s
        except ConnectError:
            self._left_out.append(f"The pool did not reach {self._size.max_size} connections to shrink from.")
            return None, None

    def _seen_on_server(self) -> tuple[int | None, int | None]:
        """Backends of the pools at most, and those that are still there; None behind a pooler."""
        self._tell("closing the pool")
        if self._pooled:
            self._left_out.append("What was left open was not seen: the pooler keeps its server connections.")
            return None, None
        return self._watcher.most, self._watcher.count_left(_CLOSE_PATIENCE_S)

    def _share(self, share: float, most_s: float = math.inf) -> float:
        """Seconds for a step that may take *share* of what is left."""
        return min(most_s, max(_LEAST_S, share * (self._ends_s - time.monotonic())))

    def _tell(self, doing: str) -> None:
        left_s = max(0.0, self._ends_s - time.monotonic())
        self._doing = doing or self._doing
        self._on_progress(self._doing, 1 - left_s / self._plan.seconds)
