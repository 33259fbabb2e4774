"""Statements in, what a trial says of the pair out."""

from __future__ import annotations

from pgtune.model.equivalence import LoopPair, QueryPair, TestLimits, TestReport
from pgtune.shadow.trial.trial import Trial

FEW = TestLimits(databases=200)


def judged(trial: Trial, original: str | tuple[str, ...], rewritten: str | tuple[str, ...]) -> TestReport:
    """Compare two statements, or two scripts of them."""
    sides = [side if isinstance(side, tuple) else (side,) for side in (original, rewritten)]
    return trial.test(QueryPair(*sides), FEW)


def judged_loop(trial: Trial, single: str, batch: str) -> TestReport:
    """Compare a loop with a batch."""
    return trial.test(LoopPair(single, batch), FEW)


def difference(report: TestReport) -> str:
    """The words for the difference; a report without one fails the test."""
    assert report.counterexample is not None, report
    return report.counterexample.difference
