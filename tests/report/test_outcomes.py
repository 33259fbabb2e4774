"""Outcomes of each command: keys that no line moves, places, and what fails the run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pgtune.model.equivalence import Outcome as Equivalence
from pgtune.model.finding import Severity
from pgtune.model.outcome import Outcomes, OutcomeStatus
from pgtune.model.place import Place
from pgtune.model.pools.pool_check import CheckResult, PoolCheck
from pgtune.report.outcomes_of_explain import outcomes_of_explain
from pgtune.report.outcomes_of_index_advice import outcomes_of_index_advice
from pgtune.report.outcomes_of_pool_check import outcomes_of_pool_check
from pgtune.report.outcomes_of_rewrite_advice import outcomes_of_rewrite_advice
from pgtune.report.outcomes_of_verdict import outcomes_of_verdict
from tests.report import index_advices, rewrite_advices, verdicts
from tests.report.reports import PLAN, SLOW_SCAN, explained, report

SETTINGS = Place("pgtune.toml")
FOUND, ACCEPTED, PASSED, UNKNOWN = (
    OutcomeStatus.FOUND,
    OutcomeStatus.ACCEPTED,
    OutcomeStatus.PASSED,
    OutcomeStatus.UNKNOWN,
)


def keys(outcomes: Outcomes) -> list[str]:
    return [outcome.key for outcome in outcomes.outcomes]


def explain_keys(query: str, line: int, name: str = "q/a.sql") -> list[str]:
    part = replace(explained(PLAN, SLOW_SCAN), source=Place(name, line), query=query)
    return keys(outcomes_of_explain(report(part), SETTINGS, None, ["q"]))


def test_a_key_of_explain_names_file_object_and_statement() -> None:
    (key,) = explain_keys("SELECT 1 FROM orders", 3)
    assert key.startswith("q/a.sql:seq-scan-discards:orders:")
    assert [key] == explain_keys("SELECT  2\nFROM orders", 30, "./q/a.sql")
    assert [key] != explain_keys("SELECT 1 FROM users", 3)


def test_two_findings_of_a_kind_in_one_statement_have_two_keys() -> None:
    outcomes = outcomes_of_explain(report(explained(PLAN, SLOW_SCAN, SLOW_SCAN)), SETTINGS, None, [])
    first, second = keys(outcomes)
    assert second == f"{first}:2"


def test_a_plan_without_findings_has_passed() -> None:
    outcomes = outcomes_of_explain(report(explained()), SETTINGS, Severity.INFO, [])
    assert [outcome.status for outcome in outcomes.outcomes] == [PASSED]
    assert not outcomes.fails


@pytest.mark.parametrize(
    ("fail_on", "fails"), [(None, False), (Severity.ERROR, False), (Severity.WARNING, True)]
)
def test_what_fails_is_at_or_above_the_severity(fail_on: Severity | None, fails: bool) -> None:
    assert outcomes_of_explain(report(explained(PLAN, SLOW_SCAN)), SETTINGS, fail_on, []).fails is fails
    assert outcomes_of_index_advice(index_advices.TYPICAL, SETTINGS, fail_on).fails is fails


def test_an_index_is_keyed_by_its_definition() -> None:
    outcomes = outcomes_of_index_advice(index_advices.TYPICAL, SETTINGS, None)
    assert "missing-index:public.orders (user_id)" in " ".join(keys(outcomes))
    assert {outcome.status for outcome in outcomes.outcomes} == {FOUND}


def test_drops_and_existing_indexes_are_outcomes_too() -> None:
    rules = [each.rule for each in outcomes_of_index_advice(index_advices.DROPS, SETTINGS, None).outcomes]
    assert "dispensable-index" in rules
    assert "unused-index" in rules


def test_nothing_to_advise_has_passed() -> None:
    for outcomes in (
        outcomes_of_index_advice(index_advices.NOTHING, SETTINGS, Severity.INFO),
        outcomes_of_rewrite_advice(rewrite_advices.NOTHING, SETTINGS, Severity.INFO, []),
    ):
        assert [outcome.status for outcome in outcomes.outcomes] == [PASSED]
        assert not outcomes.fails


def test_a_rewrite_stands_at_its_statement_and_a_loop_at_its_first_turn() -> None:
    rewrites = outcomes_of_rewrite_advice(rewrite_advices.TYPICAL, SETTINGS, None, ["queries"])
    loops = outcomes_of_rewrite_advice(rewrite_advices.LOOPS, SETTINGS, None, [])
    by_key = {outcome.key: outcome for outcome in (*rewrites.outcomes, *loops.outcomes)}
    tested = by_key["queries/reports.sql:function-of-timestamp:c3d4"]
    assert tested.place == Place("queries/reports.sql", 12)
    assert tested.severity is Severity.INFO
    places = [outcome.place for outcome in loops.outcomes]
    assert Place("postgresql.log", 120) in places
    assert places[-1] is None  # counters stand in no file


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Equivalence.EQUAL, PASSED), (Equivalence.DIFFERENT, FOUND), (Equivalence.UNDECIDED, UNKNOWN)],
)
def test_a_verdict_is_one_outcome(outcome: Equivalence, status: OutcomeStatus) -> None:
    found = outcomes_of_verdict(verdicts.verdict(verdicts.report(outcome, "a reason")), SETTINGS)
    assert [each.status for each in found.outcomes] == [status]
    assert found.fails is (outcome is Equivalence.DIFFERENT)


def test_a_check_that_was_not_made_is_unknown_and_one_with_nothing_to_see_is_left_out() -> None:
    budget = replace(SLOW_SCAN, rule="fleet-over-budget", key="fleet-over-budget:server")
    check = PoolCheck(
        version="0.0",
        server=None,
        fleet=None,
        slots=None,
        demand=None,
        reserve=None,
        largest_pool=None,
        results=(
            CheckResult("fleet-over-budget", "", findings=(budget, replace(budget, key="new"))),
            CheckResult("idle-in-transaction", "", fine=("none of 12 sessions",)),
            CheckResult("role-limit", "", missing=("the roles",)),
            CheckResult("double-pooling", ""),
        ),
        fail_on=Severity.WARNING,
        accepted=frozenset({"fleet-over-budget:server"}),
    )
    found = outcomes_of_pool_check(check, SETTINGS)
    assert [each.status for each in found.outcomes] == [ACCEPTED, FOUND, PASSED, UNKNOWN]
    assert found.fails is check.fails is True
