"""An index is called measured when a query ran faster with it, and a query that ran slower is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pgtune.advice.suggestion.measured_proof import with_measurements
from pgtune.model.action import Proof
from pgtune.model.index_advice import IndexAdvice, Measurement, Verification
from pgtune.model.workload import Query
from tests.report.index_advices import BY_USER, REPORT, TYPICAL


def measured(*measurements: Measurement) -> IndexAdvice:
    return with_measurements(TYPICAL, Verification("here", measurements, 1, 1))


def proofs(advice: IndexAdvice) -> dict[str, Proof]:
    return {each.name: each.action.proof for each in advice.recommendations}


def of(query: Query, before_ms: float, after_ms: float, after_blocks: int = 5) -> Measurement:
    return Measurement(query, before_ms, after_ms, 10, after_blocks)


USING = TYPICAL.recommendations[0]
PLANNED = {each.name: each.action.proof for each in TYPICAL.recommendations}


def test_a_query_that_gains_by_an_index_and_ran_faster_makes_it_measured() -> None:
    assert any(effect.query == BY_USER and effect.change < 0 for effect in USING.effects)
    advice = measured(of(BY_USER, 10.0, 1.0))
    assert proofs(advice) == {**PLANNED, USING.name: Proof.MEASURED}
    assert advice.remarks == TYPICAL.remarks


def test_less_sorting_counts_as_much_as_less_reading() -> None:
    assert proofs(measured(of(BY_USER, 10.0, 1.0, after_blocks=12)))[USING.name] is Proof.MEASURED


@pytest.mark.parametrize(
    ("before_ms", "after_ms", "after_blocks"), [(10, 9.9, 5), (10, 10, 5), (10, 12, 5), (0.006, 0.005, 10)]
)
def test_noise_proves_nothing(before_ms: float, after_ms: float, after_blocks: int) -> None:
    assert proofs(measured(of(BY_USER, before_ms, after_ms, after_blocks))) == PLANNED


def test_a_faster_query_that_does_not_use_an_index_proves_nothing_of_it() -> None:
    assert all(effect.query != REPORT for each in TYPICAL.recommendations for effect in each.effects)
    assert proofs(measured(of(REPORT, 10.0, 1.0))) == PLANNED


def test_a_query_that_ran_slower_is_named_with_both_times() -> None:
    slow = replace(BY_USER, name="queries/a.sql")
    remark = "queries/a.sql ran slower with the new indexes: 24.8 ms -> 49.1 ms"
    assert measured(of(slow, 24.8, 49.1)).remarks == (*TYPICAL.remarks, remark)


@pytest.mark.parametrize(("before_ms", "after_ms"), [(0.1, 0.9), (100.0, 109.0), (5.0, 5.9)])
def test_a_little_slower_is_not_worth_a_word(before_ms: float, after_ms: float) -> None:
    assert measured(of(BY_USER, before_ms, after_ms)).remarks == TYPICAL.remarks
