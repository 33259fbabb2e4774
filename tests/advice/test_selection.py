"""The chosen set against every possible one, and what happens when there is no time."""

from __future__ import annotations

from itertools import chain, combinations
from math import inf
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgtune.advice.selection.problem import SIZE_MARGIN, Existing, Problem
from pgtune.advice.selection.selection import Selection, select
from pgtune.model.catalog import CatalogIndex
from pgtune.model.index_advice import Rejected
from pgtune.model.index_shape import BLOCK_BYTES
from pgtune.model.names import RelationName
from pgtune.model.planner import Question
from tests.advice.table_planner import Plans, TablePlanner, candidate, problem_of

NOTHING: frozenset[int] = frozenset()
CANDIDATES = 8


def soon() -> float:
    return monotonic() + 30


def budget_for(blocks: int) -> int:
    """A budget that candidates of so many blocks fit exactly."""
    return int(blocks * BLOCK_BYTES * SIZE_MARGIN) + 1


def value(problem: Problem, plans: list[Plans], numbers: frozenset[int]) -> float:
    """Cost of queries and writes with just these indexes; infinite outside the limits."""
    new = [each for each in problem.candidates if each.number in numbers]
    built_bytes = sum(each.size.size_bytes for each in new) * SIZE_MARGIN
    if problem.budget_bytes is not None and built_bytes > problem.budget_bytes:
        return inf
    if problem.max_indexes is not None and len(new) > problem.max_indexes:
        return inf
    existing = frozenset(each.number for each in problem.droppable)
    total = sum(problem.write_costs.get(number, 0.0) for number in numbers)
    for query, weight in problem.weights.items():
        cost = min(cost for used, cost in plans[query].items() if used <= numbers)
        base = min(cost for used, cost in plans[query].items() if used <= existing)
        if cost > base * (1 + problem.max_regression):
            return inf
        total += weight * cost
    return total


def cheapest(problem: Problem, plans: list[Plans]) -> float:
    numbers = [each.number for each in (*problem.candidates, *problem.droppable)]
    subsets = (subset for size in range(len(numbers) + 1) for subset in combinations(numbers, size))
    return min(value(problem, plans, frozenset(subset)) for subset in subsets)


def numbers_of(problem: Problem, selection: Selection) -> frozenset[int]:
    kept = frozenset(each.number for each in problem.droppable if each not in selection.dropped)
    return kept | {each.number for each in selection.chosen}


costs = st.integers(1, 100).map(float)
used_sets = st.frozensets(st.integers(0, CANDIDATES - 1), max_size=3)
tables = st.dictionaries(used_sets, costs, max_size=8).map(lambda plans: {NOTHING: 100.0, **plans})
workloads = st.lists(tables, min_size=1, max_size=4)


@given(
    plans=workloads,
    blocks=st.lists(st.integers(1, 50), min_size=CANDIDATES, max_size=CANDIDATES),
    columns=st.lists(st.sampled_from("ab"), min_size=CANDIDATES, max_size=CANDIDATES),
    writes=st.lists(st.integers(0, 20), min_size=CANDIDATES, max_size=CANDIDATES),
    budget=st.none() | st.integers(0, 120),
    max_indexes=st.none() | st.integers(0, 4),
)
@settings(max_examples=150, deadline=None)
def test_the_set_is_the_best_of_all_and_proven(
    plans: list[Plans],
    blocks: list[int],
    columns: list[str],
    writes: list[int],
    budget: int | None,
    max_indexes: int | None,
) -> None:
    candidates = [candidate(number, blocks[number], columns[number]) for number in range(CANDIDATES)]
    problem = problem_of(
        plans,
        candidates,
        write_costs={number: float(cost) for number, cost in enumerate(writes)},
        budget_bytes=None if budget is None else budget_for(budget),
        max_indexes=max_indexes,
    )

    selection = select(problem, TablePlanner(plans), soon())

    best = cheapest(problem, plans)
    assert value(problem, plans, numbers_of(problem, selection)) == pytest.approx(best, rel=1e-5)
    base = sum(selection.base_costs.values())
    assert selection.certificate.complete
    assert selection.certificate.bound_share <= best / base + 1e-9
    assert selection.certificate.cost_share == pytest.approx(best / base, rel=1e-5)


@given(plans=workloads, share=st.sampled_from([0.01, 0.05, 0.2]))
@settings(max_examples=80, deadline=None)
def test_the_search_ends_when_half_a_least_gain_is_left_and_the_bound_says_so(
    plans: list[Plans], share: float
) -> None:
    candidates = [candidate(number, 10 + number) for number in range(CANDIDATES)]
    problem = problem_of(plans, candidates, budget_bytes=budget_for(40), min_gain_share=share)

    selection = select(problem, TablePlanner(plans), soon())

    base = sum(selection.base_costs.values())
    least_gains = dict.fromkeys(range(CANDIDATES), share * base)
    charged = problem_of(plans, candidates, budget_bytes=budget_for(40), write_costs=least_gains)
    best = cheapest(charged, plans) / base
    assert selection.certificate.complete
    assert selection.certificate.bound_share <= best * (1 + 1e-9)
    assert best * (1 - 1e-9) <= selection.certificate.cost_share <= best + share / 2 + 1e-5
    assert selection.certificate.cost_share <= selection.certificate.bound_share + share / 2 + 1e-5


@given(plans=workloads, data=st.data())
@settings(max_examples=80, deadline=None)
def test_earlier_answers_spare_questions_and_change_nothing(plans: list[Plans], data: st.DataObject) -> None:
    planner = TablePlanner(plans)
    everything = frozenset().union(*chain.from_iterable(plans), range(CANDIDATES))
    left_out = data.draw(
        st.frozensets(st.integers(0, CANDIDATES - 1), max_size=2)
    )  # asked about, and dropped
    visible = st.frozensets(st.sampled_from(sorted(everything)))
    asked = st.builds(Question, st.integers(0, len(plans) - 1), visible)
    earlier = data.draw(st.lists(asked, max_size=12))
    candidates = [candidate(number, 10 + number) for number in range(CANDIDATES) if number not in left_out]
    possible = [{used: cost for used, cost in each.items() if not used & left_out} for each in plans]
    problem = problem_of(
        possible,
        candidates,
        budget_bytes=budget_for(40),
        answers=dict(zip(earlier, planner.answer(earlier), strict=True)),
    )

    selection = select(problem, TablePlanner(possible), soon())

    best = cheapest(problem, possible)
    assert value(problem, possible, numbers_of(problem, selection)) == pytest.approx(best, rel=1e-5)
    assert selection.certificate.complete
    assert selection.certificate.bound_share * sum(selection.base_costs.values()) <= best * (1 + 1e-9)


def test_what_is_known_of_every_set_is_not_asked_again() -> None:
    plans: list[Plans] = [{NOTHING: 100.0, frozenset({0}): 10.0, frozenset({1}): 20.0}]
    sets = [frozenset(chosen) for size in range(3) for chosen in combinations((0, 1), size)]
    questions = [Question(0, chosen) for chosen in sets]
    answers = dict(zip(questions, TablePlanner(plans).answer(questions), strict=True))
    candidates = [candidate(0, 10), candidate(1, 10)]

    asked = {
        bool(known): select(problem_of(plans, candidates, answers=known), TablePlanner(plans), soon()).asked
        for known in ({}, answers)
    }

    assert asked[True] < asked[False]


@given(plans=workloads, existing=st.sets(st.integers(0, CANDIDATES - 1), min_size=1), writes=costs)
@settings(max_examples=80, deadline=None)
def test_existing_indexes_are_dropped_when_that_pays_and_no_query_suffers(
    plans: list[Plans], existing: set[int], writes: float
) -> None:
    new = [candidate(number) for number in range(CANDIDATES) if number not in existing]
    old = tuple(Existing(number, existing_index(number)) for number in sorted(existing))
    problem = problem_of(plans, new, droppable=old, write_costs=dict.fromkeys(range(CANDIDATES), writes / 5))

    selection = select(problem, TablePlanner(plans), soon())

    best = cheapest(problem, plans)
    assert value(problem, plans, numbers_of(problem, selection)) == pytest.approx(best, rel=1e-5)
    for query, cost in selection.costs.items():
        assert cost <= selection.base_costs[query] * 1.1


def existing_index(number: int) -> CatalogIndex:
    relation = RelationName("public", "t")
    name = RelationName("public", f"old{number}")
    return CatalogIndex(name, relation, "btree", (), (), None, False, False, None, True, 8192, 0, "")


@given(plans=workloads, answers=st.integers(0, 12))
@settings(max_examples=60, deadline=None)
def test_an_interrupt_leaves_a_valid_set_and_an_honest_bound(plans: list[Plans], answers: int) -> None:
    planner = TablePlanner(plans)
    candidates = [candidate(number, 10 + number) for number in range(CANDIDATES)]
    problem = problem_of(plans, candidates, budget_bytes=budget_for(40))

    selection = select(problem, planner, soon(), interrupted=lambda: len(planner.questions) > answers)

    assert value(problem, plans, numbers_of(problem, selection)) < inf
    assert sum(selection.costs.values()) <= sum(selection.base_costs.values())
    base = sum(selection.base_costs.values())
    assert selection.certificate.bound_share <= cheapest(problem, plans) / base + 1e-9
    assert selection.certificate.complete or selection.certificate.stopped_by == "interrupt"


def test_ctrl_c_in_the_planner_gives_the_best_so_far() -> None:
    class Impatient(TablePlanner):
        def answer(self, questions):
            if len(self.questions) > 3:
                raise KeyboardInterrupt
            return super().answer(questions)

    plans: list[Plans] = [{NOTHING: 100.0, frozenset({n}): 50.0, frozenset({n, 3}): 40.0} for n in range(3)]
    problem = problem_of(plans, [candidate(n, 10) for n in range(4)], budget_bytes=budget_for(20))

    selection = select(problem, Impatient(plans), soon())

    assert selection.certificate.stopped_by == "interrupt"
    assert not selection.certificate.complete
    assert value(problem, plans, numbers_of(problem, selection)) < inf


def test_without_time_nothing_is_changed_and_nothing_is_claimed() -> None:
    plans: list[Plans] = [{NOTHING: 100.0, frozenset({0}): 1.0}]
    selection = select(problem_of(plans, [candidate(0)]), TablePlanner(plans), monotonic())

    assert selection.chosen == ()
    assert selection.costs == selection.base_costs == {0: 100.0}
    assert selection.certificate.stopped_by == "time limit"
    assert selection.certificate.bound_share == 0.0


def test_equals_tie_and_the_smaller_definition_is_taken_whatever_the_order() -> None:
    plans: list[Plans] = [{NOTHING: 100.0, frozenset({0}): 10.0, frozenset({1}): 10.0, frozenset({2}): 10.0}]
    candidates = [candidate(number, 50, column="a") for number in range(3)]

    for order in (candidates, candidates[::-1]):
        selection = select(problem_of(plans, order), TablePlanner(plans), soon())
        assert [each.number for each in selection.chosen] == [0]
        assert [each.number for each in selection.ties[0]] == [1, 2]


def test_of_equal_plans_the_smaller_index_is_taken() -> None:
    plans: list[Plans] = [{NOTHING: 100.0, frozenset({0}): 10.0, frozenset({1}): 10.0}]
    candidates = [candidate(0, 51, column="a"), candidate(1, 50, column="a")]

    selection = select(problem_of(plans, candidates), TablePlanner(plans), soon())

    assert [each.number for each in selection.chosen] == [1]


def test_two_indexes_that_only_help_together_are_found() -> None:
    plans: list[Plans] = [{NOTHING: 100.0, frozenset({0, 1}): 1.0}]
    selection = select(problem_of(plans, [candidate(0), candidate(1)]), TablePlanner(plans), soon())
    assert {each.number for each in selection.chosen} == {0, 1}


def test_an_index_that_saves_too_little_is_not_taken() -> None:
    plans: list[Plans] = [{NOTHING: 1000.0, frozenset({0}): 990.0, frozenset({1}): 998.0}]
    problem = problem_of(plans, [candidate(0), candidate(1)], min_gain_share=0.005)

    selection = select(problem, TablePlanner(plans), soon())

    assert [each.number for each in selection.chosen] == [0]


def test_a_query_that_cannot_be_planned_is_left_out() -> None:
    plans: list[Plans] = [{}, {NOTHING: 100.0, frozenset({0}): 10.0}]
    selection = select(problem_of(plans, [candidate(0)]), TablePlanner(plans), soon())
    assert selection.costs == {1: 10.0}


def test_favourites_are_rejected_with_the_reason() -> None:
    plans: list[Plans] = [
        {NOTHING: 100.0, frozenset({0}): 10.0, frozenset({1}): 11.0},  # 1 does what 0 does
        {NOTHING: 100.0, frozenset({2}): 10.0},  # larger than the budget leaves room for
        {NOTHING: 100.0, frozenset({3}): 90.0},  # costs more to keep than it saves
    ]
    candidates = [candidate(0, 10), candidate(1, 10), candidate(2, 200), candidate(3, 10)]
    problem = problem_of(plans, candidates, budget_bytes=budget_for(50), write_costs={3: 20.0})

    selection = select(problem, TablePlanner(plans), soon())

    reasons = {rejection.index: rejection.reason for rejection in selection.rejections}
    assert [each.number for each in selection.chosen] == [0]
    assert reasons[candidates[1].index] is Rejected.SUBSUMED
    assert reasons[candidates[3].index] is Rejected.WRITE_COST
    assert reasons[candidates[2].index] is Rejected.BUDGET


def test_progress_counts_questions_and_the_saving_never_shrinks() -> None:
    plans: list[Plans] = [{NOTHING: 100.0, frozenset({n}): 50.0, frozenset({n, 5}): 20.0} for n in range(4)]
    problem = problem_of(plans, [candidate(n, 10 + n) for n in range(6)], budget_bytes=budget_for(40))
    seen: list[tuple[int, float]] = []

    selection = select(
        problem, TablePlanner(plans), soon(), lambda asked, saving: seen.append((asked, saving))
    )

    assert seen == sorted(seen)
    assert seen[-1][0] == selection.asked
    assert 0 <= seen[0][1] <= seen[-1][1] <= 1
