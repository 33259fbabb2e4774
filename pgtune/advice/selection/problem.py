"""What an index selection decides on, in the planner's numbers; the same as options and bits out."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from pgtune.advice.selection.bits import mask_of
from pgtune.advice.selection.choices import Choices
from pgtune.model.catalog import CatalogIndex
from pgtune.model.planner import Answer, Hypothetical, Question

# Chosen: an index that saves less of the workload's cost is not worth having.
MIN_GAIN_SHARE = 0.002
# Chosen: no query may cost more than before by more than this.
MAX_REGRESSION = 0.10
# Chosen: sizes are estimated to about 5 %, and what is built may weigh 105 % of the budget.
SIZE_MARGIN = 1.02
# Chosen: an index smaller than this share of another does not stand in for it.
_STAND_IN_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Existing:
    """An index that may be dropped, under the planner's number."""

    number: int
    index: CatalogIndex


@dataclass(frozen=True, slots=True)
class Problem:
    """Queries and indexes go by the planner's numbers."""

    weights: Mapping[int, float]  # of each query: weight x cost of one call adds up to the workload's cost
    candidates: tuple[Hypothetical, ...]
    relevant: Mapping[int, frozenset[int]]  # per query: indexes, droppable ones too, that may change its plan
    answers: Mapping[Question, Answer] = field(default_factory=dict)  # that the planner gave before
    write_costs: Mapping[int, float] = field(default_factory=dict)  # units of weight x cost; missing: 0
    droppable: tuple[Existing, ...] = ()
    budget_bytes: int | None = None
    max_indexes: int | None = None  # new ones
    max_regression: float = MAX_REGRESSION
    min_gain_share: float = MIN_GAIN_SHARE


@dataclass(frozen=True, slots=True)
class Options:
    """The indexes as bits: new ones, the smallest first, then those that exist."""

    candidates: tuple[Hypothetical, ...]
    numbers: tuple[int, ...]  # the planner's, of each option
    before: int  # options that exist
    relevant: Mapping[int, int]  # per query


def options_of(problem: Problem) -> Options:
    """Number the options so that of equals the lower one is to be preferred."""
    candidates = tuple(sorted(problem.candidates, key=_preference))
    numbers = [candidate.number for candidate in candidates]
    numbers += [existing.number for existing in problem.droppable]
    position = {number: bit for bit, number in enumerate(numbers)}
    relevant = {
        query: mask_of(position[number] for number in wanted if number in position)
        for query, wanted in problem.relevant.items()
    }
    return Options(candidates, tuple(numbers), mask_of(range(len(candidates), len(numbers))), relevant)


def choices_of(problem: Problem, options: Options, base_costs: Mapping[int, float]) -> Choices:
    """The problem over the queries of *base_costs*, which are costs of one call as things are."""
    budget = inf if problem.budget_bytes is None else problem.budget_bytes / SIZE_MARGIN
    old = len(problem.droppable)
    sizes = [candidate.size.size_bytes for candidate in options.candidates]
    possible = mask_of(bit for bit, size in enumerate(sizes) if size <= budget) | options.before
    total = sum(problem.weights[query] * cost for query, cost in base_costs.items())
    least = [problem.min_gain_share * total] * len(sizes) + [0.0] * old
    writes = (problem.write_costs.get(number, 0.0) for number in options.numbers)
    return Choices(
        sizes=(*sizes, *[0] * old),
        charges=tuple(write + gain for write, gain in zip(writes, least, strict=True)),
        families=(*_families(options.candidates), *(1 << bit for bit in range(len(sizes), len(sizes) + old))),
        weights=tuple(problem.weights[query] for query in base_costs),
        relevant=tuple(options.relevant.get(query, 0) & possible for query in base_costs),
        limits=tuple(cost * (1 + problem.max_regression) for cost in base_costs.values()),
        existing=options.before,
        budget_bytes=budget,
        max_indexes=inf if problem.max_indexes is None else problem.max_indexes,
        least_gain=problem.min_gain_share * total,
    )


def leading_key(candidate: Hypothetical) -> Hashable:
    """Equal for indexes that answer much the same conditions."""
    index = candidate.index
    return index.relation, index.access_method, index.key[0]


def _families(candidates: Sequence[Hypothetical]) -> list[int]:
    """For each candidate, those with the same leading key that are not much smaller."""
    members: dict[Hashable, list[int]] = {}
    for bit, candidate in enumerate(candidates):
        members.setdefault(leading_key(candidate), []).append(bit)
    return [
        mask_of(
            bit
            for bit in members[leading_key(candidate)]
            if candidates[bit].size.blocks >= candidate.size.blocks * _STAND_IN_SHARE
        )
        for candidate in candidates
    ]


def _preference(candidate: Hypothetical) -> tuple[int, int, str]:
    """Fewer bytes, then fewer columns, then the definition's text."""
    index = candidate.index
    return candidate.size.blocks, len(index.key) + len(index.include), index.create_sql("")
