"""A query in; the chain of rules that the planner likes best, and what remains an idea, out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from pgtune.advice.rewrites.changes import find_changes
from pgtune.advice.rewrites.pricing import Pricing
from pgtune.errors import StatementError
from pgtune.model.catalog import Catalog
from pgtune.model.policy import Policy
from pgtune.model.rewrite import CONTRACT, MIN_COST_FACTOR, NO_GAIN, NO_TEXT, AppliedRule, Planned
from pgtune.model.rule import Rule
from pgtune.model.workload import Query

MAX_RULES = 4  # applied to one statement, one after the other; chosen
MAX_CHANGES = 40  # of one statement that are priced in each step; chosen: a query of 30 ORs has as many
MIN_STEP_FACTOR = 1.05  # by which each further rule has to make it cheaper; chosen


@dataclass(frozen=True, slots=True)
class Rulings:
    """The rules to apply, and which not."""

    rules: Sequence[Rule]
    policy: Policy
    catalog: Catalog
    left_out: Collection[str] = ()  # names: refuted, or allowed by a comment
    proven_only: bool = False  # leave out what rests on more than the catalog tells

    def changes(self, text: str) -> tuple[AppliedRule, ...]:
        """What the rules would change in *text*; raises StatementError where sqlglot cannot read it."""
        found = find_changes(text, self.catalog, self.rules, self.policy, self.left_out)
        return tuple(each for each in found if each.change.is_proven or not self.proven_only)

    def silenced(self, query: Query, allowed: Collection[str]) -> tuple[str, ...]:
        """Return those of the *allowed* rules that would change the query; raises as `changes` does."""
        rules = [rule for rule in self.rules if rule.name in allowed]
        changes = find_changes(query.text, self.catalog, rules, self.policy) if rules else ()
        return tuple(dict.fromkeys(each.rule for each in changes))


@dataclass(frozen=True, slots=True)
class Chain:
    """Rules applied one after the other, and what the planner makes of the result."""

    sql: str
    applied: tuple[AppliedRule, ...]
    before: Planned
    after: Planned

    @property
    def pays(self) -> bool:
        """True when it is worth showing."""
        return bool(self.applied) and self.after.cost * MIN_COST_FACTOR <= self.before.cost


@dataclass(frozen=True, slots=True)
class Found:
    """What the rules make of one query; ideas and broken changes with the reason."""

    chain: Chain | None = None  # None: nothing that pays
    ideas: tuple[tuple[AppliedRule, str], ...] = ()
    broken: tuple[tuple[AppliedRule, str], ...] = ()  # texts that the server refuses: bugs of the rules


@dataclass(slots=True)
class _Step:
    """All changes of one text, priced."""

    best: Chain | None = None
    losing: list[tuple[AppliedRule, str]] = field(default_factory=list)
    broken: list[tuple[AppliedRule, str]] = field(default_factory=list)


def search(query: Query, rulings: Rulings, pricing: Pricing) -> Found:
    """Apply the rules greedily: in each step the change that makes the query cheapest.

    Raises:
        StatementError: sqlglot cannot read the query, or the server cannot plan it.
    """
    changes = rulings.changes(query.text)
    if not changes:
        return Found()
    before = pricing.price(query, query.text)
    if before is None:
        raise StatementError(f"cannot be planned: {pricing.refusals[query.text]}")
    start = Chain(query.text, (), before, before)
    first = _step(query, start, changes, pricing)
    chain = _continued(query, first.best or start, rulings, pricing)
    ideas = [(each, CONTRACT if each.change.sql else NO_TEXT) for each in changes if not _is_applicable(each)]
    return Found(chain if chain.pays else None, (*ideas, *first.losing), tuple(first.broken))


def _continued(query: Query, chain: Chain, rulings: Rulings, pricing: Pricing) -> Chain:
    """Apply more rules to a text that some have changed, as long as that pays."""
    while 0 < len(chain.applied) < MAX_RULES:
        try:
            step = _step(query, chain, rulings.changes(chain.sql), pricing)
        except StatementError:  # the text is ours: what was found so far stands
            return chain
        if step.best is None:
            return chain
        chain = step.best
    return chain


def _step(query: Query, chain: Chain, changes: Sequence[AppliedRule], pricing: Pricing) -> _Step:
    step = _Step()
    for each in [each for each in changes if _is_applicable(each)][:MAX_CHANGES]:
        text = each.change.sql or ""
        after = pricing.price(query, text)
        if after is None:
            step.broken.append((each, pricing.refusals[text]))
        elif after.cost * MIN_STEP_FACTOR > chain.after.cost:
            step.losing.append((each, NO_GAIN))
        elif step.best is None or after.cost < step.best.after.cost:
            step.best = Chain(text, (*chain.applied, each), chain.before, after)
    return step


def _is_applicable(applied: AppliedRule) -> bool:
    return applied.change.sql is not None and not applied.change.changes_contract
