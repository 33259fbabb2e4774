"""Queries and two sets of indexes in; what rewriting each query is worth under both sets out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pgtune.advice.rewrites.pricing import Pricing
from pgtune.advice.rewrites.search import Chain, Found, Rulings, search
from pgtune.errors import StatementError
from pgtune.model.rewrite_choice import RewriteChoice
from pgtune.model.workload import Query


@dataclass(frozen=True, slots=True)
class IndexSets:
    """Numbered indexes, as they are now and as they are recommended to be."""

    now: frozenset[int]
    recommended: frozenset[int]


def rewrite_choice(query: Query, rulings: Rulings, pricing: Pricing, sets: IndexSets) -> RewriteChoice | None:
    """Return the rewrite that makes the query cheapest under either set; None where none pays."""
    try:
        choices = list(_choices(query, rulings, pricing, sets))
    except StatementError:  # sqlglot cannot read it, or the server cannot plan it
        return None
    return min(choices, key=lambda choice: choice.cost_least, default=None)


def _choices(query: Query, rulings: Rulings, pricing: Pricing, sets: IndexSets) -> Iterator[RewriteChoice]:
    now, then = pricing.under(sets.now), pricing.under(sets.recommended)
    found = search(query, rulings, now)
    if found == Found():  # no rule has anything to say, whatever the indexes
        return
    if found.chain is not None:
        yield from _choice(query, found.chain, now, then)
    # An index may be of use to the replacement alone.
    other = search(query, rulings, then).chain if sets.now != sets.recommended else None
    if other is not None and (found.chain is None or other.sql != found.chain.sql):
        yield from _choice(query, other, now, then)


def _choice(query: Query, chain: Chain, now: Pricing, then: Pricing) -> Iterator[RewriteChoice]:
    """Ask for the four costs; nothing where one of them is not to be had."""
    written, changed = [
        [pricing.price(query, text) for pricing in (now, then)] for text in (query.text, chain.sql)
    ]
    costs = [planned.cost for planned in (*written, *changed) if planned is not None]
    if len(costs) == 4:
        yield RewriteChoice(query, chain.sql, chain.applied, *costs)


def serves(choice: RewriteChoice, pricing: Pricing, share: float) -> bool:
    """True when the replacement costs, by *pricing*, at most *share* more than the best with all indexes."""
    planned = pricing.price(choice.query, choice.sql)
    best = min(choice.cost_index, choice.cost_both)
    return planned is not None and planned.cost <= best * (1 + share)
