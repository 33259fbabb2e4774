"""A query with and without a rewrite and an index, on a planner that is a table of costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pytest

from pgtune.advice.rewrites.choices import IndexSets, rewrite_choice, serves
from pgtune.advice.rewrites.pricing import Pricing
from pgtune.advice.rewrites.search import Rulings
from pgtune.advice.rewrites.timed_planner import TimedPlanner
from pgtune.errors import StatementRefused
from pgtune.model.catalog import Catalog
from pgtune.model.finding import Severity
from pgtune.model.plan import Plan
from pgtune.model.planner import Question
from pgtune.model.policy import Policy
from pgtune.model.rewrite import Change
from pgtune.model.rewrite_choice import Cure
from pgtune.model.rule import Rule
from pgtune.model.workload import Query
from pgtune.parse.plans import parse_plans
from pgtune.parse.sql.statement import SqlStatement

QUERY = Query(0, "q.sql", "SELECT 1", "f")
SETS = IndexSets(frozenset(), frozenset({1}))
FACTS = ("t.a is NOT NULL",)


class CostTable:
    """Costs by text and by whether index 1 is there."""

    def __init__(self, costs: Mapping[str, tuple[float, float]]) -> None:
        self._costs = costs
        self._texts: dict[int, str] = {}

    def learn(self, queries: Sequence[Query]) -> None:
        self._texts |= {query.number: query.text for query in queries}

    def plan(self, question: Question) -> Plan:
        costs = self._costs.get(self._texts[question.query])
        if costs is None:
            raise StatementRefused("no such table")
        (plan,) = parse_plans(f"Seq Scan on t  (cost=0.00..{costs[len(question.indexes)]} rows=1 width=4)")
        return plan


def rulings(*texts: str, facts: tuple[str, ...] = FACTS, assumptions: tuple[str, ...] = ()) -> Rulings:
    """One rule that puts each of the texts in the place of ``SELECT 1``."""

    def check(statement: SqlStatement) -> Iterator[Change]:
        if statement.text == QUERY.text:
            yield from (Change(text, f"not {text}", facts=facts, assumptions=assumptions) for text in texts)

    rule = Rule("made-up", "", Severity.WARNING, (), {}, check)
    return Rulings((rule,), Policy(), Catalog(180000, {}), proven_only=True)


def test_the_four_costs() -> None:
    pricing = Pricing(CostTable({"SELECT 1": (1000, 500), "SELECT 2": (100, 20)}))
    choice = rewrite_choice(QUERY, rulings("SELECT 2"), pricing, SETS)
    assert choice is not None
    assert (choice.cost_now, choice.cost_index) == (1000, 500)
    assert (choice.cost_rewrite, choice.cost_both) == (100, 20)
    assert (choice.sql, choice.cure) == ("SELECT 2", Cure.BOTH)


def test_a_replacement_that_pays_with_the_index_alone_is_found() -> None:
    pricing = Pricing(CostTable({"SELECT 1": (1000, 1000), "SELECT 2": (1000, 8)}))
    choice = rewrite_choice(QUERY, rulings("SELECT 2"), pricing, SETS)
    assert choice is not None
    assert (choice.cost_rewrite, choice.cost_both, choice.cure) == (1000, 8, Cure.BOTH)


def test_of_two_replacements_the_one_that_can_get_cheapest_is_taken() -> None:
    costs = {"SELECT 1": (1000, 1000), "SELECT 2": (100, 100), "SELECT 3": (900, 5)}
    choice = rewrite_choice(QUERY, rulings("SELECT 2", "SELECT 3"), Pricing(CostTable(costs)), SETS)
    assert choice is not None
    assert choice.sql == "SELECT 3"


@pytest.mark.parametrize(
    ("given", "costs"),
    [
        (rulings("SELECT 2", assumptions=("no overflow",)), {"SELECT 1": (1000, 1000), "SELECT 2": (1, 1)}),
        (rulings("SELECT 2", facts=()), {"SELECT 1": (1000, 1000), "SELECT 2": (1, 1)}),
        (rulings("SELECT 2"), {"SELECT 1": (1000, 1000), "SELECT 2": (900, 900)}),
        (rulings("SELECT 2"), {"SELECT 1": (1000, 1000)}),
        (rulings("SELECT 2"), {"SELECT 2": (1, 1)}),
    ],
    ids=["assumed", "nothing read", "gains little", "refused", "not planned as it is"],
)
def test_no_choice(given: Rulings, costs: Mapping[str, tuple[float, float]]) -> None:
    assert rewrite_choice(QUERY, given, Pricing(CostTable(costs)), SETS) is None


@pytest.mark.parametrize(("without", "served"), [(110, True), (111, False)])
def test_a_replacement_serves_where_it_is_nearly_as_cheap_without_the_index(
    without: float, served: bool
) -> None:
    pricing = Pricing(CostTable({"SELECT 1": (1000, 200), "SELECT 2": (without, 100)}))
    choice = rewrite_choice(QUERY, rulings("SELECT 2"), pricing, SETS)
    assert choice is not None
    assert serves(choice, pricing.under(SETS.now), 0.1) is served


def test_when_the_time_is_over_nothing_is_planned() -> None:
    planner = TimedPlanner(CostTable({"SELECT 1": (1000, 1000), "SELECT 2": (1, 1)}), lambda: True)
    assert rewrite_choice(QUERY, rulings("SELECT 2"), Pricing(planner), SETS) is None
    assert planner.has_refused
