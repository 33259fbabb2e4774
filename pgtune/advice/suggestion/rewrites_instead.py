"""Index advice in; the same with the queries that a rewrite helps instead of, or besides, the indexes out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pgtune.advice.rewrites.choices import IndexSets, rewrite_choice, serves
from pgtune.advice.rewrites.pricing import Pricing
from pgtune.advice.rewrites.search import Rulings
from pgtune.advice.rewrites.timed_planner import TimedPlanner
from pgtune.advice.suggestion.droppable import droppable
from pgtune.advice.suggestion.recommendations import MIN_CHANGE
from pgtune.model.index_advice import IndexAdvice, QueryEffect, Recommendation
from pgtune.model.planner import Planner
from pgtune.model.rewrite_choice import RewriteChoice
from pgtune.model.workload import Query

MAX_QUERIES = 50  # the heaviest, for which rewrites are sought; chosen
QUERY_S = 0.3  # for which texts of one query are planned: dozens, but of large joins; chosen
SUPERFLUOUS_SHARE = 0.1  # by which queries may get dearer without the index that rewrites replace; chosen
_UNSOUGHT = (
    "Queries not searched for rewrites, to keep the time limit: {:,}; pgtune suggest-rewrites searches them"
)


@dataclass(frozen=True, slots=True)
class RewriteSearch:
    """What the search for rewrites rests on, and when it ends."""

    rulings: Rulings
    planner: Planner
    drops_existing: bool  # the advice was allowed to
    is_over: Callable[[], bool]


def with_rewrites(advice: IndexAdvice, search: RewriteSearch) -> IndexAdvice:
    """Look for rewrites of the heaviest queries; the recommended set stays as it is."""
    numbers = _numbers(advice, search)
    sets = _sets(advice, numbers, search)
    pricing = Pricing(search.planner)
    found: list[RewriteChoice] = []
    unsought = 0
    for effect in sorted(advice.effects, key=_weight, reverse=True)[:MAX_QUERIES]:
        planner = _limited(search)
        choice = _choice(effect.query, search.rulings, pricing.asking(planner), sets)
        if planner.has_refused:  # what it found for this query is not the whole truth
            unsought += 1
        elif choice is not None:
            found.append(choice)
    remarks = (_UNSOUGHT.format(unsought),) if unsought else ()
    return replace(
        advice,
        rewrites=tuple(found),
        recommendations=_noted_all(advice.recommendations, numbers, found, sets, pricing),
        remarks=(*advice.remarks, *remarks),
    )


def _limited(search: RewriteSearch) -> TimedPlanner:
    """The planner, for one query."""
    end_s = time.monotonic() + QUERY_S
    return TimedPlanner(search.planner, lambda: time.monotonic() > end_s or search.is_over())


def _choice(query: Query, rulings: Rulings, pricing: Pricing, sets: IndexSets) -> RewriteChoice | None:
    own = replace(rulings, proven_only=True, left_out=query.allowed_rules)
    return rewrite_choice(query, own, pricing, sets)


def _numbers(advice: IndexAdvice, search: RewriteSearch) -> Sequence[int]:
    """The planner's numbers of the recommended indexes, which it has made before."""
    made = search.planner.add([each.index for each in advice.recommendations])
    return [each.number for each in made if each is not None]


def _sets(advice: IndexAdvice, numbers: Sequence[int], search: RewriteSearch) -> IndexSets:
    """Existing indexes are numbered only where some of them might have been dropped."""
    relations = search.rulings.catalog.relations.values() if search.drops_existing else ()
    existing = droppable(index for relation in relations for index in relation.indexes)
    now = frozenset(search.planner.number_existing(existing))
    gone = frozenset(search.planner.number_existing([drop.index for drop in advice.drops]))
    return IndexSets(now, (now - gone) | frozenset(numbers))


def _weight(effect: QueryEffect) -> float:
    """Milliseconds where they are known, else planner units; of one workload all are, or none."""
    query = effect.query
    return query.total_ms if query.total_ms is not None else effect.cost_before * query.calls


def _noted_all(
    recommendations: Sequence[Recommendation],
    numbers: Sequence[int],
    found: Sequence[RewriteChoice],
    sets: IndexSets,
    pricing: Pricing,
) -> tuple[Recommendation, ...]:
    by_query = {choice.query.number: choice for choice in found}
    return tuple(
        _noted(each, by_query, pricing.under(sets.recommended - {number}))
        for each, number in zip(recommendations, numbers, strict=True)
    )


def _noted(
    recommendation: Recommendation, choices: Mapping[int, RewriteChoice], without: Pricing
) -> Recommendation:
    """Say so where rewrites do what the index does, for each query that gains by it."""
    gaining = [effect.query for effect in recommendation.effects if effect.change < -MIN_CHANGE]
    rewritten = [choices[query.number] for query in gaining if query.number in choices]
    if not gaining or len(rewritten) < len(gaining):
        return recommendation
    if not all(serves(choice, without, SUPERFLUOUS_SHARE) for choice in rewritten):
        return recommendation
    who = f"{gaining[0].name} is" if len(gaining) == 1 else f"its {len(gaining)} queries are"
    note = f"Superfluous once {who} rewritten: see the rewrites."
    return replace(recommendation, notes=(*recommendation.notes, note))
