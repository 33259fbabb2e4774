"""The turns of one session or file, in order, in; runs of like ones, and of ones that take turns, out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from statistics import median

from pgtune.parse.loops.limits import MAX_GAP_MS, MAX_PERIOD
from pgtune.parse.loops.members import Member
from pgtune.parse.loops.pace import Pace
from pgtune.parse.loops.turns import Turn

MAX_PARENTS = 8  # SELECTs before a run that its values may come from; chosen
COARSE_MS = 2.0  # below it a log's milliseconds are too coarse for a median, not for the mean; chosen
MAX_GAPS = 10_000  # kept of one run; chosen


class Run:
    """Turns of one statement, or of up to MAX_PERIOD that take turns."""

    def __init__(self, turns: Sequence[Turn], period: int, parents: Sequence[Turn]) -> None:
        by_fingerprint: dict[str, Member] = {}
        for turn in turns[:period]:
            by_fingerprint.setdefault(turn.shape.fingerprint, Member.begin(turn))
        self.members = tuple(by_fingerprint.values())
        self.parents = tuple(parents)  # SELECTs before the run, the latest last
        self.first = self.last = turns[0]
        self._order = [by_fingerprint[turn.shape.fingerprint] for turn in turns[:period]]
        self._period = period
        self._count = 0
        self._gaps_ms: list[float] = []
        self._waited_ms = 0.0  # sum of all gaps, exact but for a millisecond
        self._pace = Pace()
        for turn in turns:
            self._add(turn, _gap_ms(self.last, turn))

    def takes(self, turn: Turn) -> bool:
        """Take *turn* if it is the next one; tell whether it is."""
        expected = self._order[self._count % self._period].first.shape
        if turn.shape is not expected and turn.shape.fingerprint != expected.fingerprint:
            return False
        gap_ms = _gap_ms(self.last, turn)
        if gap_ms is not None and gap_ms > MAX_GAP_MS:
            return False
        self._add(turn, gap_ms)
        return True

    def _add(self, turn: Turn, gap_ms: float | None) -> None:
        if self._count and turn.start_ms is not None:
            self._note_pause(turn, gap_ms)
        self._order[self._count % self._period].add(turn)
        self._count += 1
        self.last = turn

    def _note_pause(self, turn: Turn, gap_ms: float | None) -> None:
        if gap_ms is not None:
            self._waited_ms += gap_ms
            if len(self._gaps_ms) < MAX_GAPS:
                self._gaps_ms.append(gap_ms)
        elif turn.start_ms is not None and self.last.start_ms is not None:
            gap_ms = turn.start_ms - self.last.start_ms  # with the time on the server: no less than the pause
        if gap_ms is not None:
            self._pace.add(gap_ms)

    def close(self, is_every_statement_seen: bool) -> None:
        """End the run."""
        gaps_ms = self._gaps_ms
        if gaps_ms and median(gaps_ms) < COARSE_MS:
            gaps_ms = [max(0.0, self._waited_ms / (self._count - 1))] * len(gaps_ms)
        for member in self.members:
            member.close(gaps_ms, is_every_statement_seen)

    @property
    def longest(self) -> int:
        """Turns of the member that has most of them."""
        return max(member.turns for member in self.members)

    @property
    def elapsed_ms(self) -> float | None:
        """From the begin of the first turn to the end of the last, on the server's clock."""
        begin, end = self.first.start_ms, self.last.end_ms or self.last.start_ms
        return None if begin is None or end is None else end - begin

    @property
    def is_pipelined(self) -> bool:
        """True where the client did not wait for answers: parameters, and next to nothing between turns."""
        return bool(self.first.parameters) and self._pace.is_of_pipeline

    def partners(self, member: Member) -> Iterator[Member]:
        """Yield the members that ran before *member* in each cycle, the nearest first."""
        index = self._order.index(member)
        seen = {id(member)}
        for step in range(1, self._period):
            partner = self._order[index - step]
            if id(partner) not in seen:
                seen.add(id(partner))
                yield partner


class TurnSequence:
    """Finds runs among turns; memory is bounded by the samples of one run."""

    def __init__(self, on_run: Callable[[Run], None], min_turns: int) -> None:
        self._on_run = on_run
        self._min_turns = min_turns
        self._recent: deque[Turn] = deque(maxlen=2 * MAX_PERIOD)
        self._queries: deque[Turn] = deque(maxlen=2 * MAX_PARENTS)
        self._run: Run | None = None

    def add(self, turn: Turn) -> None:
        """Take the next turn."""
        self._recent.append(turn)
        if self._run is not None:
            if self._run.takes(turn):
                return
            self._close_run(turn)
        if turn.shape.command in ("SELECT", "WITH"):
            self._queries.append(turn)
        self._run = self._begin_run()

    def close(self) -> None:
        """End what is open."""
        if self._run is not None:
            self._close_run(None)
        self._recent.clear()
        self._queries.clear()

    def _close_run(self, following: Turn | None) -> None:
        run, self._run = self._run, None
        if run is None or run.longest < self._min_turns:
            return
        self._recent.clear()
        if following is not None:
            self._recent.append(following)
        self._on_run(run)

    def _begin_run(self) -> Run | None:
        recent = self._recent
        last = recent[-1].shape.fingerprint
        for period in range(1, min(MAX_PERIOD, len(recent) // 2) + 1):
            if recent[-1 - period].shape.fingerprint != last:
                continue
            turns = list(islice(recent, len(recent) - 2 * period, None))
            if all(_is_like(turns[index], turns[index + period]) for index in range(period)):
                own = {turn.shape.fingerprint for turn in turns}
                before = [query for query in self._queries if query.shape.fingerprint not in own]
                return Run(turns, period, before[-MAX_PARENTS:])
        return None


def _is_like(earlier: Turn, later: Turn) -> bool:
    if earlier.shape.fingerprint != later.shape.fingerprint:
        return False
    gap_ms = _gap_ms(earlier, later)
    return gap_ms is None or gap_ms <= MAX_GAP_MS * MAX_PERIOD


def _gap_ms(earlier: Turn, later: Turn) -> float | None:
    if later.start_ms is None or earlier.end_ms is None:
        return None
    return later.start_ms - earlier.end_ms
