"""What becomes of proposed indexes when the planner was asked, for a planner with known answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import inf

from pgtune.advice.hints.create_action import create_action
from pgtune.advice.hints.hint_proof import prove
from pgtune.advice.hints.index_hints import refer_to
from pgtune.model.action import Proof
from pgtune.model.catalog import Catalog, CatalogIndex
from pgtune.model.finding import Finding, Severity
from pgtune.model.index import Index, IndexPart
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.index_shape import IndexSize
from pgtune.model.names import RelationName
from pgtune.model.plan import Plan
from pgtune.model.planner import Answer, Hypothetical, Question
from pgtune.model.workload import Query
from pgtune.parse.plans import parse_plans
from tests.catalog_yaml import read_catalog

ORDERS = RelationName("public", "orders")
WIDE = Index(ORDERS, (IndexPart("user_id"),), ("status",))
BARE = replace(WIDE, include=())
OTHER = Index(ORDERS, (IndexPart("status"),))
QUERY = Query(0, "a.sql", "SELECT status FROM orders WHERE user_id = 1", "")
PLAN = {
    "Node Type": "Seq Scan",
    "Schema": "public",
    "Relation Name": "orders",
    "Alias": "orders",
    "Output": ["orders.status"],
    "Filter": "(orders.user_id = 1)",
    "Startup Cost": 0,
    "Total Cost": 1000,
    "Plan Rows": 10,
    "Plan Width": 8,
}
CATALOG = """
relations:
  public.orders:
    rows: 600000
    pages: 9000
    columns: {user_id: int, status: text}
"""

Price = Callable[[frozenset[Index]], tuple[float, frozenset[Index]]]


class KnownPlanner:
    """Answers by a price list."""

    def __init__(self, price: Price, *, refuses: frozenset[Index] = frozenset()) -> None:
        self._price = price
        self._refuses = refuses
        self._made: list[Index] = []
        self.refused: Mapping[int, str] = {}

    def add(self, indexes: Sequence[Index]) -> Sequence[Hypothetical | None]:
        self._made += [index for index in dict.fromkeys(indexes) if index not in self._made]
        size = IndexSize(blocks=1280, height=1, entries=1.0)
        return [
            None if index in self._refuses else Hypothetical(self._made.index(index), index, size)
            for index in indexes
        ]

    def number_existing(self, indexes: Sequence[CatalogIndex]) -> Sequence[int]:
        raise NotImplementedError

    def answer(self, questions: Sequence[Question]) -> Sequence[Answer]:
        priced = [self._price(frozenset(self._made[number] for number in each.indexes)) for each in questions]
        return [Answer(cost, frozenset(map(self._made.index, used))) for cost, used in priced]

    def plan(self, question: Question) -> Plan:
        _, used = self._price(frozenset(self._made[number] for number in question.indexes))
        name = self._made.index(next(iter(used)))
        return _read({**PLAN, "Node Type": "Index Scan", "Index Name": f"hypothetical_{name}"})

    def plans(self, query: Query) -> tuple[Plan, Plan]:
        assert query == QUERY
        return _read(PLAN), _read(PLAN)

    @property
    def index_numbers(self) -> Mapping[str, frozenset[int]]:
        return {f"hypothetical_{number}": frozenset({number}) for number in range(len(self._made))}


def _read(node: Mapping[str, object]) -> Plan:
    (plan,) = parse_plans(json.dumps([{"Plan": node}]))
    return plan


def prices(costs: Mapping[Index, float]) -> Price:
    """The planner uses the cheapest of the indexes that it is shown, where that is cheaper than 1,000."""

    def price(shown: frozenset[Index]) -> tuple[float, frozenset[Index]]:
        best = min(shown, key=lambda index: costs.get(index, inf), default=None)
        if best is None or costs.get(best, inf) >= 1000:
            return 1000.0, frozenset()
        return costs[best], frozenset({best})

    return price


def wanting(*indexes: Index, purpose: Purpose = Purpose.FILTER) -> Finding:
    return Finding(
        rule="some-rule",
        severity=Severity.WARNING,
        at="node 1",
        node=1,
        message="",
        detail="",
        hint="The index finds user_id.",
        action=create_action([(index, index.default_name()) for index in indexes], (), ORDERS),
        saving_ms=None,
        share=0.5,
        key="some-rule:x",
        index_need=IndexNeed(purpose, 1),
        indexes=indexes,
    )


def proven(price: Price, *findings: Finding, refuses: frozenset[Index] = frozenset()) -> tuple[Finding, ...]:
    catalog: Catalog = read_catalog(CATALOG)
    return prove(findings, QUERY, KnownPlanner(price, refuses=refuses), catalog)


def test_an_index_that_is_used_gets_its_figures() -> None:
    (found,) = proven(prices({WIDE: 20.0}), wanting(WIDE))
    assert found.hint == (
        "The index finds user_id. The planner uses it (Index Scan): cost 1,000 -> 20 (÷50), 10 MB."
    )
    assert found.action is not None
    assert found.action.proof is Proof.PLANNED
    assert (found.action.planned_cost_before, found.action.planned_cost_after) == (1000.0, 20.0)
    assert found.action.index_bytes == 1280 * 8192


def test_a_key_alone_takes_the_place_of_a_wide_index() -> None:
    (found,) = proven(prices({BARE: 300.0, WIDE: 990.0}), wanting(WIDE))
    assert found.indexes == (BARE,)
    assert found.action is not None
    assert found.action.sql == "CREATE INDEX CONCURRENTLY orders_user_id_idx ON public.orders (user_id);"
    assert found.action.proof is Proof.PLANNED
    assert found.hint == (
        "By an index on public.orders (user_id) INCLUDE (status) the planner would hardly gain; "
        "by the proposed one it does. The planner uses it (Index Scan): cost 1,000 -> 300 (÷3.3), 10 MB."
    )


def test_the_planners_own_favourite_takes_the_place_of_a_useless_index() -> None:
    (found,) = proven(prices({BARE: 100.0}), wanting(OTHER))
    assert found.indexes == (BARE,)
    assert found.action is not None
    assert found.action.planned_cost_after == 100.0


def test_of_two_indexes_the_one_that_is_used_stays() -> None:
    (found,) = proven(prices({BARE: 100.0}), wanting(OTHER, BARE))
    assert found.indexes == (BARE,)
    assert found.action is not None
    assert "orders_status_idx" not in found.action.sql


def test_another_index_must_win_by_far() -> None:
    (found,) = proven(prices({BARE: 910.0}), wanting(OTHER))
    assert found.action is None
    (found,) = proven(prices({WIDE: 960.0}), wanting(WIDE))
    assert found.action is None
    assert found.hint == (
        "No new index: an index on public.orders (user_id) INCLUDE (status) was tried on the planner "
        "and saves next to nothing: cost 1,000 -> 960."
    )


def test_what_referred_to_a_dropped_index_says_so() -> None:
    first = wanting(OTHER)
    second = replace(wanting(), rule="other-rule", hint=refer_to(first), action=None)
    dropped, referring = proven(prices({}), first, second)
    assert dropped.action is None
    assert dropped.indexes == ()
    assert referring.hint == 'The index that was tried for "some-rule" (node 1) does not help here.'


def test_an_index_for_a_foreign_key_check_is_not_in_the_plan_and_stays() -> None:
    finding = wanting(OTHER, purpose=Purpose.REFERENCE)
    assert proven(prices({}), finding) == (finding,)


def test_what_cannot_be_asked_stays_unchecked_with_the_reason() -> None:
    (found,) = proven(prices({}), wanting(OTHER), refuses=frozenset({OTHER}))
    assert found.action == wanting(OTHER).action
    assert found.hint.endswith(
        "Not tried on the planner: the shadow cannot make an index on public.orders (status)."
    )
    (found,) = proven(lambda _: (inf, frozenset()), wanting(OTHER))
    assert found.action == wanting(OTHER).action
    assert found.hint.endswith("Not tried on the planner: the shadow refuses the statement (it has no plan).")
