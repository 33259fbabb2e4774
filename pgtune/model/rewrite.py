"""A statement written otherwise: what a rule changed, what it relies on, and how it was checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pgtune.model.equivalence import Outcome, TestReport
from pgtune.model.finding import Severity
from pgtune.model.plan import Plan
from pgtune.model.workload import Query

MIN_COST_FACTOR = 1.2  # by which a replacement has to be cheaper; chosen


class Label(Enum):
    """How sure it is that a rewrite means the same; never more than was done."""

    PROVEN = "proven"  # a catalogue rule, and every precondition was read from the catalog
    TESTED = "tested"  # the same on generated databases, and on the user's data where that was allowed
    UNVERIFIED = "unverified"  # an idea, never offered to apply


@dataclass(frozen=True, slots=True)
class Change:
    """What one rule does to one statement. ``message`` is a short fact; ``detail`` sentences."""

    sql: str | None  # the whole statement, changed; None: advice that no text can follow
    message: str
    detail: str = ""
    facts: tuple[str, ...] = ()  # read from the catalog: "users.email is NOT NULL"
    assumptions: tuple[str, ...] = ()  # what no catalog tells: then the rewrite is not proven
    changes_contract: bool = False  # the caller has to change too: keyset in place of OFFSET
    object: str | None = None  # what the key names: a relation or column

    @property
    def is_proven(self) -> bool:
        """True when all that it relies on was read from the catalog."""
        return bool(self.facts) and not self.assumptions


@dataclass(frozen=True, slots=True)
class AppliedRule:
    """A rule with what it did."""

    rule: str
    severity: Severity
    change: Change


@dataclass(frozen=True, slots=True)
class Planned:
    """What the planner makes of a statement."""

    cost: float  # total, in planner units
    plan: Plan


@dataclass(frozen=True, slots=True)
class DataCheck:
    """Both run on the user's data in one snapshot."""

    is_equal: bool | None  # None: not compared, see `reason`
    rows: int = 0  # that the original returned
    reason: str = ""  # why it was not compared, or what differs
    only_original: tuple[str, ...] = ()  # up to five rows that the other lacks, as the server prints rows
    only_rewritten: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunTimes:
    """Both run on a disposable database, medians; or why not."""

    before_ms: float = 0.0
    after_ms: float = 0.0
    before_blocks: int = 0
    after_blocks: int = 0
    reason: str = ""  # not empty: nothing was measured


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A statement and what to write in its place."""

    query: Query
    line: int | None  # 1-based, of the statement in its file
    sql: str
    applied: tuple[AppliedRule, ...]  # in their order; at least one
    before: Planned
    after: Planned
    label: Label
    test: TestReport | None = None
    data: DataCheck | None = None
    times: RunTimes | None = None
    diff: tuple[tuple[str, str], ...] = ()  # lines side by side: the original's, the replacement's
    key: str = ""  # names rule and statement, not the line

    @property
    def cost_factor(self) -> float:
        """How many times cheaper the replacement is planned."""
        return self.before.cost / self.after.cost if self.after.cost > 0 else float("inf")


CONTRACT = "changes what the caller sends or gets"
NO_TEXT = "no other text does this"
NO_GAIN = "the planner gains nothing by it"


@dataclass(frozen=True, slots=True)
class Idea:
    """Advice that pgtune does not offer to apply, and why."""

    query: Query
    line: int | None
    applied: AppliedRule
    why: str  # CONTRACT, NO_TEXT, NO_GAIN, or what the test says: "no database gave a row"
    test: TestReport | None = None
    key: str = ""


def label_of(applied: tuple[AppliedRule, ...], test: TestReport | None, data: DataCheck | None) -> Label:
    """Return what may be said of a rewrite.

    A counterexample, on generated or on real data, takes every label away.
    """
    refuted = (test is not None and test.outcome is Outcome.DIFFERENT) or (
        data is not None and data.is_equal is False
    )
    if refuted:
        return Label.UNVERIFIED
    if all(each.change.is_proven for each in applied):
        return Label.PROVEN
    return Label.TESTED if test is not None and test.is_tested else Label.UNVERIFIED
