"""Runs of like statements in; each loop once, however often it ran, out."""

from __future__ import annotations

from dataclasses import dataclass, field

from pgtune.model.allow import Allow
from pgtune.model.catalog import Catalog
from pgtune.model.loop import Loop, LoopOrigin, Parent
from pgtune.parse.loops.limits import LoopLimits
from pgtune.parse.loops.members import Member
from pgtune.parse.loops.parents import find_parent
from pgtune.parse.loops.runs import Run

MAX_LOOPS = 2000  # different statements whose runs are remembered; chosen


@dataclass(frozen=True, slots=True)
class RunPlace:
    """Where a run was seen."""

    source: str  # "seed.sql"
    session: str = ""  # "session 6718"
    allows: tuple[Allow, ...] = ()

    def of(self, member: Member) -> str:
        """Name the place of the member's turns: "seed.sql:3-10002", "postgresql.log:120 (session 6718)"."""
        if self.session:
            return f"{self.source}:{member.first.line} ({self.session})"
        return f"{self.source}:{member.first.line}-{member.last.line}"


@dataclass(slots=True)
class _Group:
    """All runs of one statement."""

    member: Member
    place: str
    cycle: tuple[str, ...]
    allows: tuple[Allow, ...]
    parent: Parent | None
    is_long: bool = False  # one run of it took long enough


@dataclass(slots=True)
class GatheredRuns:
    """Runs by statement; memory grows with the number of different statements."""

    origin: LoopOrigin
    limits: LoopLimits
    catalog: Catalog | None = None
    same_values: int = 0  # turns that ran again and again with the same values
    unlogged_values: int = 0  # turns whose values the log does not hold
    pipelined: int = 0  # runs that the client sends without waiting
    _groups: dict[str, _Group] = field(default_factory=dict)

    def add(self, run: Run, place: RunPlace, is_every_statement_seen: bool = True) -> None:
        """Take a run that has ended."""
        run.close(is_every_statement_seen)
        if run.is_pipelined:
            self.pipelined += 1
            return
        for member in run.members:
            if self._is_loop(member):
                self._gather(run, member, place)

    def loops(self) -> tuple[Loop, ...]:
        """Return the loops, those that cost most first; of files in their order."""
        found = [group for group in self._groups.values() if self._is_worth_it(group)]
        found.sort(key=lambda group: -_cost_ms(group.member))
        return tuple(self._loop(group) for group in found)

    def _is_loop(self, member: Member) -> bool:
        if member.turns < self.limits.min_turns or not member.first.shape.is_turn:
            return False
        if not member.has_all_values and not member.varying:
            self.unlogged_values += member.turns
            return False
        if not member.has_distinct_values:
            self.same_values += member.turns
            return False
        return not member.is_batched

    def _gather(self, run: Run, member: Member, place: RunPlace) -> None:
        cycle = tuple(partner.text() for partner in reversed(list(run.partners(member))))
        key = member.first.shape.fingerprint
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= MAX_LOOPS:
                return
            parent = find_parent(run, member, place.source, self.catalog)
            group = _Group(member, place.of(member), cycle, place.allows, parent)
            self._groups[key] = group
        else:
            group.member.absorb(member)
            group.parent = group.parent or find_parent(run, member, place.source, self.catalog)
        elapsed_ms = run.elapsed_ms
        group.is_long |= elapsed_ms is None or elapsed_ms >= self.limits.min_run_ms

    def _is_worth_it(self, group: _Group) -> bool:
        return group.is_long or group.member.turns >= self.limits.min_turns_in_log

    def _loop(self, group: _Group) -> Loop:
        member = group.member
        return Loop(
            origin=self.origin,
            place=group.place,
            text=member.text(),
            fingerprint=member.first.shape.fingerprint,
            turns=member.turns,
            values=member.values(),
            transaction=member.transaction,
            runs=member.runs,
            total_ms=member.total_ms,
            gap_ms=member.gap_ms,
            parent=group.parent,
            cycle=group.cycle,
            differs=member.difference(),
            allows=group.allows,
        )


def _cost_ms(member: Member) -> float:
    """What the loop takes as far as it is known; 0 for files."""
    return (member.total_ms or 0.0) + (member.gap_ms or 0.0) * member.turns
