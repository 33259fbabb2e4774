"""From inclusive figures to own parts that sum to the root's, are not negative, and respect rounding."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgtune.analysis.consumers import Deferred
from pgtune.analysis.settle import Ledger, settle

MAX_NODES = 30
ROUNDING_MS = 0.0005


@dataclass(frozen=True, slots=True)
class Truth:
    """A tree whose own parts are known."""

    ledger: Ledger
    own: tuple[int, ...]
    inclusive: tuple[int, ...]


def numbered(parents: list[int], deferred: tuple[Deferred, ...] = ()) -> Ledger:
    """``parents[n - 1]`` is the parent of node n; sub-plans are no children."""
    elsewhere = {plan.number for plan in deferred}
    children: list[list[int]] = [[] for _ in parents]
    for number, parent in enumerate(parents, start=1):
        if parent and number not in elsewhere:
            children[parent - 1].append(number)
    return Ledger(tuple(map(tuple, children)), tuple(parents), deferred)


@st.composite
def trees(draw: st.DrawFn) -> list[int]:
    """Parents by number; a parent has a lower number than its children."""
    count = draw(st.integers(1, MAX_NODES))
    return [0, *(draw(st.integers(1, number - 1)) for number in range(2, count + 1))]


@st.composite
def truths(draw: st.DrawFn) -> Truth:
    parents = draw(trees())
    own = tuple(draw(st.integers(0, 1000)) for _ in parents)
    ledger = numbered(parents)
    return Truth(ledger, own, inclusive_figures(ledger, own))


@st.composite
def truths_with_subplans(draw: st.DrawFn) -> Truth:
    """As trees, but some subtrees hang on the root and were run by one other node."""
    plain = draw(truths())
    parents = list(plain.ledger.parents)
    deferred: list[Deferred] = []
    for number in draw(st.sets(st.integers(2, max(2, len(parents))), max_size=3)):
        if number > len(parents) or parents[number - 1] != 1:
            continue
        outside = [n for n in range(2, number) if top_of(n, parents) < number]
        if outside:
            deferred.append(Deferred(number, 1, (draw(st.sampled_from(outside)),), writes=False))
    ledger = numbered(parents, tuple(deferred))
    return Truth(ledger, plain.own, inclusive_figures(ledger, plain.own))


def top_of(number: int, parents: list[int]) -> int:
    """The child of the root that the node is below."""
    while parents[number - 1] > 1:
        number = parents[number - 1]
    return number


def inclusive_figures(ledger: Ledger, own: tuple[int, ...]) -> tuple[int, ...]:
    """What EXPLAIN would print: the part of each node, of its children and of what it ran."""
    ran_by = {plan.number: plan.consumers[0] for plan in ledger.deferred}
    above = [ran_by.get(number, parent) for number, parent in enumerate(ledger.parents, start=1)]
    figures = [0] * len(own)
    for number, part in enumerate(own, start=1):
        while number:
            figures[number - 1] += part
            number = above[number - 1]  # noqa: PLW2901 - up to the root
    return tuple(figures)


def exact(truth: Truth) -> list[float]:
    return settle(truth.ledger, truth.inclusive, [0] * len(truth.own))


@given(truths())
def test_own_parts_are_found_again(truth: Truth) -> None:
    assert exact(truth) == list(truth.own)


@given(truths_with_subplans())
def test_subplan_is_taken_from_the_node_that_ran_it(truth: Truth) -> None:
    assert exact(truth) == list(truth.own)


@given(trees(), st.data())
def test_any_figures_give_parts_that_sum_to_the_roots_and_are_not_negative(
    parents: list[int], data: st.DataObject
) -> None:
    figures = [data.draw(st.integers(0, 1000)) for _ in parents]
    roundings = [data.draw(st.sampled_from([0, 1, 50])) for _ in parents]
    own = settle(numbered(parents), figures, roundings)
    assert min(own) >= 0
    assert sum(own) == pytest.approx(figures[0])


@given(trees(), st.data())
def test_any_subplans_give_parts_that_sum_to_the_roots(parents: list[int], data: st.DataObject) -> None:
    figures = [data.draw(st.integers(0, 1000)) for _ in parents]
    number = data.draw(st.integers(1, len(parents)))
    consumers = data.draw(st.lists(st.integers(1, len(parents)), max_size=3, unique=True))
    deferred = (Deferred(number, parents[number - 1], tuple(consumers), writes=False),) if number > 1 else ()
    own = settle(numbered(parents, deferred), figures, [0] * len(parents))
    assert min(own) >= 0
    assert sum(own) == figures[0]


@given(truths(), st.data())
def test_rounded_means_settle_within_their_rounding(truth: Truth, data: st.DataObject) -> None:
    """Each node prints its mean per loop with three decimals, as EXPLAIN does."""
    loops = [1, *(data.draw(st.sampled_from([1, 7, 5000, 300_000])) for _ in truth.own[1:])]
    true_ms = [figure / 7 for figure in truth.inclusive]
    printed = [round(ms / times, 3) * times for ms, times in zip(true_ms, loops, strict=True)]
    rounding = [ROUNDING_MS * times for times in loops]
    own = settle(truth.ledger, printed, rounding)
    assert min(own) >= 0
    assert sum(own) == pytest.approx(printed[0])
    settled = list(own)
    for number in range(len(own), 1, -1):
        settled[truth.ledger.parents[number - 1] - 1] += settled[number - 1]
    for figure, ms, off in zip(settled, printed, rounding, strict=True):
        assert figure == pytest.approx(ms, abs=off + ROUNDING_MS + 1e-9)  # the root gives nothing


def test_child_with_the_coarser_figure_gives_way() -> None:
    ledger = numbered([0, 1, 1])
    assert settle(ledger, [10, 6, 5], [0, 0.001, 2]) == pytest.approx([0, 6, 4], abs=0.001)


def test_parent_with_a_coarse_figure_is_raised_to_what_its_children_need() -> None:
    ledger = numbered([0, 1, 2])
    assert settle(ledger, [229, 0, 15], [0.0005, 150, 2.5]) == pytest.approx([214, 0, 15], abs=2.5)


def test_exact_counts_that_contradict_each_other_give_no_negative_part() -> None:
    ledger = numbered([0, 1, 2])
    assert settle(ledger, [10, 4, 6], [0, 0, 0]) == [6, 0, 4]


def test_part_of_a_writing_cte_that_nobody_asked_for_is_kept() -> None:
    writes = (Deferred(2, 1, (3,), writes=True),)
    assert settle(numbered([0, 1, 1], writes), [5, 20, 4], [0, 0, 0]) == [0, 20, 0]


def test_cte_that_costs_more_than_its_readers_gives_way() -> None:
    reads = (Deferred(2, 1, (3,), writes=False),)
    assert settle(numbered([0, 1, 1], reads), [5, 20, 4], [0, 0, 0]) == [0, 5, 0]


def test_cte_that_reads_another_is_charged_first() -> None:
    """x (2) is read in y (3) by its scan (4); y is read by the root's scan (5)."""
    deferred = (Deferred(2, 1, (4,), writes=False), Deferred(3, 1, (5,), writes=False))
    assert settle(numbered([0, 1, 1, 3, 1], deferred), [20, 10, 18, 14, 19], [0] * 5) == [1, 10, 4, 4, 1]
