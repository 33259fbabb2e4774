"""Which of an index and a rewrite is to be taken."""

from __future__ import annotations

import pytest

from pgtune.model.finding import Severity
from pgtune.model.rewrite import AppliedRule, Change
from pgtune.model.rewrite_choice import Cure, RewriteChoice
from pgtune.model.workload import Query

APPLIED = (AppliedRule("in-values", Severity.WARNING, Change("SELECT 2", "two", facts=("a fact",))),)
QUERY = Query(0, "q.sql", "SELECT 1", "f")


@pytest.mark.parametrize(
    ("now", "index", "rewrite", "both", "cure"),
    [
        (1000, 1000, 100, 100, Cure.REWRITE),  # no index helps
        (1000, 100, 10, 10, Cure.REWRITE),
        (1000, 10, 500, 10, Cure.INDEX),  # the rewrite pays only while the index is missing
        (1000, 10, 500, 900, Cure.INDEX),  # and would harm beside it
        (1000, 100, 100, 10, Cure.BOTH),
        (1000, 1000, 1000, 10, Cure.BOTH),  # the index is of use to the replacement alone
        (1000, 100, 110, 95, Cure.EITHER),
    ],
)
def test_cure(now: float, index: float, rewrite: float, both: float, cure: Cure) -> None:
    assert RewriteChoice(QUERY, "SELECT 2", APPLIED, now, index, rewrite, both).cure is cure
