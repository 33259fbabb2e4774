"""A pair and an endless stream of databases in, the report of what they showed out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from pgtune.advice.equivalence.databases import DatabaseStream
from pgtune.model.equivalence import MIN_DATABASES, Outcome, TestLimits, TestReport
from pgtune.model.test_schema import TestDatabase
from pgtune.shadow.trial.comparison import shows_something
from pgtune.shadow.trial.exchange import Failure
from pgtune.shadow.trial.judge import Judge, Judgement
from pgtune.shadow.trial.run_pair import NotLoaded, Runs

THOROUGH_EVERY = (
    19  # databases, of which one is run under all plans although nothing differs; chosen: a prime
)
_THOROUGH = 3
TIDY_EVERY = 40  # databases; measured: 2,000 without take a quarter longer
_CONSTANT = "neither plan reads a table: what the two return does not depend on any row"
MAX_NOT_LOADED = 50  # in a row, before it is given up; chosen


@dataclass(frozen=True, slots=True)
class Refutation:
    """The database on which the two differ."""

    database: TestDatabase
    judgement: Judgement


@dataclass(slots=True)
class Tally:
    """What the databases showed, added up."""

    started_s: float = field(default_factory=time.monotonic)
    databases: int = 0
    not_empty: int = 0
    failed: int = 0
    original_failed: int = 0
    original_varied: int = 0
    unconfirmed: int = 0
    ran_out: int = 0
    not_loaded: int = 0
    not_loaded_in_a_row: int = 0
    last_not_loaded: Failure | None = None
    failures: Counter[str] = field(default_factory=Counter)
    out_of_range: Counter[str] = field(default_factory=Counter)  # of the other one alone, and excused
    other_error: str | None = None  # where both fail, with errors of another class
    refutation: Refutation | None = None

    def add(self, database: TestDatabase, judgement: Judgement) -> bool:
        """Count one database; return True where the original showed something."""
        runs = judgement.runs
        self.not_loaded_in_a_row = 0
        if runs.ran_out:
            self.ran_out += 1
            return False
        self.databases += 1
        self.original_varied += judgement.original_varies
        self.unconfirmed += judgement.is_unconfirmed
        self._count_failures(runs)
        if judgement.is_excused:
            self.out_of_range[str(runs.rewritten.failure)] += 1
        has_shown = not runs.original.failure and shows_something(runs.original)
        self.not_empty += has_shown
        if judgement.difference:
            self.refutation = Refutation(database, judgement)
        return has_shown

    def add_not_loaded(self, found: NotLoaded) -> None:
        """Count a database that the server did not take."""
        self.not_loaded += 1
        self.not_loaded_in_a_row += 1
        self.last_not_loaded = found.failure

    def _count_failures(self, runs: Runs) -> None:
        mine, other = runs.original.failure, runs.rewritten.failure
        if mine is None:
            return
        self.failures[str(mine)] += 1
        if other is None:
            self.original_failed += 1
            return
        self.failed += 1
        if mine.sqlstate[:2] != other.sqlstate[:2]:
            self.other_error = f"where both fail, the original fails with {mine}, the other with {other}"


def try_pair(judge: Judge, stream: DatabaseStream, limits: TestLimits) -> Tally:
    """Run databases until one tells the two apart, enough were run, or time is up.

    Raises:
        ConnectionLost: the server ended, or does not answer.
    """
    tally = Tally()
    while tally.refutation is None and tally.databases < limits.databases:
        if time.monotonic() > judge.deadline_s or tally.not_loaded_in_a_row >= MAX_NOT_LOADED:
            break
        database = next(stream)
        if database.number % TIDY_EVERY == TIDY_EVERY - 1:
            judge.runner.tidy()
        found = judge.judge(database, thoroughly=database.number % THOROUGH_EVERY == _THOROUGH)
        if isinstance(found, NotLoaded):
            tally.add_not_loaded(found)
        else:
            stream.tell(was_empty=not tally.add(database, found))
    return tally


def report_of(
    tally: Tally, limits: TestLimits, undetermined: str | None, *, is_constant: bool = False
) -> TestReport:
    """Return the report without counterexample.

    *undetermined* says why results may vary by themselves; *is_constant*: neither side reads a table.
    """
    reason = "" if tally.refutation else _undecided(tally, limits, undetermined, is_constant)
    outcome = Outcome.DIFFERENT if tally.refutation else Outcome.UNDECIDED if reason else Outcome.EQUAL
    return TestReport(
        outcome=outcome,
        databases=tally.databases,
        not_empty=tally.not_empty,
        failed=tally.failed,
        original_failed=tally.original_failed,
        seed=limits.seed,
        elapsed_ms=(time.monotonic() - tally.started_s) * 1000,
        reason=reason,
        remarks=(*_remarks(tally), *([_CONSTANT] if is_constant and not tally.refutation else ())),
    )


def _undecided(tally: Tally, limits: TestLimits, undetermined: str | None, is_constant: bool) -> str:
    """Return the first reason why nothing can be said; empty: the two are equal as far as was tried."""
    return next(_reasons(tally, limits, undetermined, is_constant), "")


def _reasons(tally: Tally, limits: TestLimits, undetermined: str | None, is_constant: bool) -> Iterator[str]:
    if undetermined:
        yield undetermined
    if tally.original_varied:
        yield "the original's result depends on the plan: ties, or rows in no order"
    if tally.unconfirmed:
        yield f"the two differ on {tally.unconfirmed} databases, which other plans do not bear out"
    if tally.not_loaded > tally.databases:
        yield f"test rows cannot be inserted: {tally.last_not_loaded}"
    if tally.databases < min(MIN_DATABASES, limits.databases):
        yield f"time was up after {tally.databases} databases"
    if tally.databases and tally.failed + tally.original_failed == tally.databases:
        yield f"the original fails on every database: {tally.failures.most_common(1)[0][0]}"
    if not tally.not_empty and not is_constant:
        yield "no database gave a row"


def _remarks(tally: Tally) -> Iterator[str]:
    if tally.refutation and tally.refutation.judgement.only_rewritten_varies:
        yield "the other one's result depends on the plan, where the original's does not: ties, or no order"
    if tally.original_varied:
        yield f"the original's result depends on the plan on {tally.original_varied} databases"
    if tally.out_of_range:
        failure, _ = tally.out_of_range.most_common(1)[0]
        total = tally.out_of_range.total()
        yield f"on {total} databases of the least and greatest values the other one alone fails: {failure}"
    if tally.original_failed:
        failure = tally.failures.most_common(1)[0][0]
        yield f"the original alone fails on {tally.original_failed} databases: {failure}"
    if tally.other_error:
        yield tally.other_error
    if tally.ran_out:
        yield f"{tally.ran_out} databases are not counted: a statement ran out of time or memory"
    if tally.not_loaded:
        yield f"{tally.not_loaded} databases are not counted: {tally.last_not_loaded}"
