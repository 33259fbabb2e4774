"""A difference on one database: borne out by other plans, or never passed off as equality."""

from __future__ import annotations

import time

from pgtune.model.equivalence import Outcome, QueryPair, TableRows, TestLimits
from pgtune.model.names import RelationName
from pgtune.model.test_schema import TestDatabase
from pgtune.shadow.trial.comparison import Comparison
from pgtune.shadow.trial.judge import Judge, Judgement
from pgtune.shadow.trial.run_pair import PairRunner
from pgtune.shadow.trial.trial import Trial
from pgtune.shadow.trial.try_pair import Tally, report_of

PAIR = QueryPair(("SELECT k FROM kv",), ("SELECT k FROM kv WHERE k > 1",))
ONE_ROW = TestDatabase(
    0, "one row", (TableRows(RelationName("public", "kv"), ("k", "v"), (("1", None),)),), ((),)
)


def judged_until(trial: Trial, deadline_s: float) -> Judgement:
    runner = PairRunner(trial._exchange, PAIR, trial._question(PAIR).schema)
    found = Judge(runner, Comparison(), (), deadline_s).judge(ONE_ROW)
    runner.end()
    assert isinstance(found, Judgement)
    return found


def test_a_difference_under_all_plans_counts(trial: Trial) -> None:
    found = judged_until(trial, time.monotonic() + 60)
    assert found.difference is not None
    assert found.difference.text == "the original returns 1 row, the other 0"
    assert not found.is_unconfirmed


def test_without_time_for_other_plans_it_is_unconfirmed(trial: Trial) -> None:
    found = judged_until(trial, time.monotonic() - 1)
    assert found.difference is None
    assert found.is_unconfirmed


def test_an_unconfirmed_difference_is_never_called_equal(trial: Trial) -> None:
    tally = Tally()
    tally.add(ONE_ROW, judged_until(trial, time.monotonic() - 1))
    tally.databases, tally.not_empty = 300, 300
    report = report_of(tally, TestLimits(databases=300), None)
    assert report.outcome is Outcome.UNDECIDED
    assert report.reason == "the two differ on 1 databases, which other plans do not bear out"
