"""A test database in, whether both sides agree on it out: a difference has to outlive other plans."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from pgtune.advice.equivalence.kinds import EXTREMES
from pgtune.model.test_schema import TestDatabase
from pgtune.parse.sql.ordering import SortKey
from pgtune.shadow.trial.comparison import Comparison, Difference
from pgtune.shadow.trial.row_order import order_difference
from pgtune.shadow.trial.run_pair import NotLoaded, PairRunner, Run, Runs
from pgtune.shadow.trial.variants import BASE, VARIANTS, Variant

_OUT_OF_RANGE = frozenset({"22003", "22008"})  # of a number, of a date or timestamp


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one database showed."""

    runs: Runs  # in which the two differ; where they do not, the first
    difference: Difference | None = None
    original_varies: bool = False  # from plan to plan
    rewritten_varies: bool = False
    variant: Variant = BASE  # of `runs`
    is_unconfirmed: bool = False  # the two differ, and other plans could not be tried: never called equal
    is_excused: bool = False  # the other one alone fails, which is not held against it

    @property
    def only_rewritten_varies(self) -> bool:
        """True where the original is the same under all plans, and the other is not."""
        return self.rewritten_varies and not self.original_varies


@dataclass(slots=True)
class Judge:
    """Runs a pair as often as it takes; gives up what is left of that at *deadline_s* of time.monotonic()."""

    runner: PairRunner
    comparison: Comparison
    keys: Sequence[SortKey]  # of the original's ORDER BY
    deadline_s: float

    def judge(
        self, database: TestDatabase, variants: Sequence[Variant] = VARIANTS, *, thoroughly: bool = False
    ) -> Judgement | NotLoaded:
        """Run both sides; where they differ, or *thoroughly*, under *variants* as well.

        Raises:
            ConnectionLost: the server ended, or does not answer.
        """
        base = self.runner.run(database)
        if isinstance(base, NotLoaded):
            return base
        if _is_excused(database, base):
            return Judgement(base, is_excused=True)
        if base.ran_out:
            return Judgement(base)
        differs = self._differ(base, database)
        if not thoroughly and not differs:
            return Judgement(base)
        stored = self.stored(database)
        again = self.runner.run(stored)
        others = None if isinstance(again, NotLoaded) else self._others(stored, variants)
        if isinstance(again, NotLoaded) or others is None:
            return Judgement(base, is_unconfirmed=differs)
        return self._decide(stored, again, others)

    def stored(self, database: TestDatabase) -> TestDatabase:
        """Return the rows that the server takes: of two in conflict the first, whatever the order later."""
        tables = self.runner.loaded(database)
        return replace(database, tables=tables) if tables else database

    def _differ(self, runs: Runs, database: TestDatabase) -> bool:
        """Tell whether *runs*, the last on *database*, differ in rows or in their order."""
        if self.comparison.difference(runs.original, runs.rewritten):
            return True
        return self._order_difference(runs, database) is not None

    def _order_difference(self, runs: Runs, database: TestDatabase) -> Difference | None:
        return order_difference(self.keys, runs, partial(self.runner.keyed, database))

    def _others(
        self, database: TestDatabase, variants: Sequence[Variant]
    ) -> list[tuple[Variant, Runs]] | None:
        """Return the runs under *variants*; None where time is up, or one ran out of it."""
        found = []
        for variant in variants:
            runs = self.runner.run(database, variant)
            if isinstance(runs, NotLoaded) or runs.ran_out or time.monotonic() > self.deadline_s:
                return None
            found.append((variant, runs))
        return found

    def _decide(
        self, database: TestDatabase, base: Runs, others: Sequence[tuple[Variant, Runs]]
    ) -> Judgement:
        every = [(BASE, base), *others]
        # An original that fails under one plan and not under another promises nothing by its error.
        clean = [(variant, runs) for variant, runs in every if not runs.original.failure]
        original_varies = any(not self._same(clean[0][1].original, runs.original) for _, runs in clean)
        rewritten_varies = any(not self._same(clean[0][1].rewritten, runs.rewritten) for _, runs in clean)
        if not original_varies or self._counts_differ([runs for _, runs in clean]):
            for variant, runs in clean:
                found = self.comparison.difference(runs.original, runs.rewritten)
                if found and (len(clean) == len(every) or not runs.rewritten.failure):
                    return Judgement(runs, found, original_varies, rewritten_varies, variant)
        is_unconfirmed = any(self.comparison.difference(runs.original, runs.rewritten) for _, runs in clean)
        found = None
        if len(clean) == len(every) and not original_varies:
            found = self._order_difference(base, database)
        return Judgement(
            base, found, original_varies, rewritten_varies, is_unconfirmed=is_unconfirmed and found is None
        )

    def _same(self, first: Run, other: Run) -> bool:
        if first.failure or other.failure:
            return bool(first.failure) and bool(other.failure)
        alike = replace(self.comparison, is_loop=False)
        return alike.difference(first, other) is None

    def _counts_differ(self, every: Sequence[Runs]) -> bool:
        """Tell whether each side always gives as many rows, and the two do not."""
        originals = {_counts(runs.original) for runs in every}
        rewritten = {_counts(runs.rewritten) for runs in every}
        is_count = all(self._is_count(runs) for runs in every)
        return len(originals) == len(rewritten) == 1 and is_count

    def _is_count(self, runs: Runs) -> bool:
        found = self.comparison.difference(runs.original, runs.rewritten)
        return found is not None and found.is_count


def _is_excused(database: TestDatabase, runs: Runs) -> bool:
    """Tell whether the other one alone fails, beyond the range of a type, on values at the end of it.

    ``a - 1 = b`` and ``a = b + 1`` are taken for the same, although 2147483647 + 1 is out of range.
    """
    failure = runs.rewritten.failure
    is_out_of_range = failure is not None and failure.sqlstate in _OUT_OF_RANGE
    return is_out_of_range and not runs.original.failure and database.kind == EXTREMES.name


def _counts(run: Run) -> tuple[object, ...]:
    if run.failure:
        return ("failed",)
    answers = tuple(len(answer.rows) if answer.names else answer.row_count for answer in run.answers)
    return (*answers, *(len(table.rows) for table in run.tables.values()))
