"""Each pair of the corpus is judged right: no equal pair is refuted, every wrong one is."""

from __future__ import annotations

from collections import Counter

import pytest

from pgtune.model.equivalence import Outcome
from tests.equivalence.corpus import CorpusPair, rule_pairs, written_pairs
from tests.equivalence.trials import Trials

EQUAL_DATABASES = 200  # as many as the label `tested` asks for
DIFFERENT_DATABASES = 400  # as many as the command tries


def by_id(pair: CorpusPair) -> str:
    return pair.id


def test_there_are_enough_pairs_of_both_kinds_and_none_twice() -> None:
    pairs = written_pairs()
    count = Counter(pair.expected for pair in pairs)
    assert count["equal"] >= 100
    assert count["different"] >= 100
    assert len({(pair.original, pair.rewritten) for pair in pairs}) == len(pairs)
    assert len({pair.id for pair in pairs}) == len(pairs)


def assert_equal(pair: CorpusPair, trials: Trials) -> None:
    report = trials.test(pair.schema, pair.original, pair.rewritten, EQUAL_DATABASES)
    assert report.counterexample is None
    assert (report.outcome, report.reason) == (Outcome.EQUAL, "")
    assert report.is_tested


def assert_different(pair: CorpusPair, trials: Trials) -> None:
    report = trials.test(pair.schema, pair.original, pair.rewritten, DIFFERENT_DATABASES)
    assert report.outcome is Outcome.DIFFERENT
    assert report.counterexample is not None
    assert report.elapsed_ms < 10_000


@pytest.mark.parametrize("pair", [pair for pair in written_pairs() if pair.expected == "equal"], ids=by_id)
def test_an_equal_pair_is_not_refuted(pair: CorpusPair, trials: Trials) -> None:
    assert_equal(pair, trials)


@pytest.mark.parametrize(
    "pair", [pair for pair in written_pairs() if pair.expected == "different"], ids=by_id
)
def test_a_wrong_pair_is_refuted(pair: CorpusPair, trials: Trials) -> None:
    assert_different(pair, trials)


@pytest.mark.parametrize("pair", rule_pairs(), ids=by_id)
def test_a_rule_holds_only_under_its_precondition(pair: CorpusPair, trials: Trials) -> None:
    if pair.expected == "equivalent":
        assert_equal(pair, trials)
    elif pair.expected == "not-equivalent":
        assert_different(pair, trials)
    else:
        report = trials.test(pair.schema, pair.original, pair.rewritten, DIFFERENT_DATABASES)
        if pair.expected == "nondeterministic (ties)":
            assert report.outcome in (Outcome.DIFFERENT, Outcome.UNDECIDED)
        else:
            assert pair.expected == "equivalent-except-original-errors"
            assert report.outcome is Outcome.EQUAL
            assert report.original_failed > 0
