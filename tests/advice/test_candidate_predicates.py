"""Which conditions make a partial index, and when it keeps too much to be one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgtune.advice.accesses.accesses import Access, accesses
from pgtune.advice.candidates.candidate_predicates import keeps_too_much, predicate_sql, predicates
from pgtune.advice.candidates.candidate_reach import Reach
from pgtune.model.index import Index, IndexPart
from pgtune.model.index_shape import IndexSize
from pgtune.model.planner import Hypothetical
from pgtune.parse.plans import parse_plans
from tests.catalog_yaml import read_catalog

CATALOG = read_catalog(
    (Path(__file__).parent / "candidates" / "web_shop_catalog.yaml").read_text(encoding="utf-8")
)


def visits_where(condition: str) -> Access:
    plan = f"""
Seq Scan on public.visits  (cost=0.00..2146.00 rows=30 width=8)
  Output: id
  Filter: ({condition})
"""
    ((access,),) = (accesses(each, CATALOG) for each in parse_plans(plan))
    return access


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("visits.coupon_id > 100", {"coupon_id > 100"}),
        ("(visits.coupon_id > 100) AND (visits.coupon_id < 150)", {"coupon_id < 150 AND coupon_id > 100"}),
        ("visits.note >= 'p'::text", {"note >= 'p'::text"}),
        ("visits.at > '2024-01-01 00:00:00'::timestamp without time zone", set()),  # it moves on
        ("visits.id < 1000", set()),  # a key
        ("visits.coupon_id > $1", set()),
        (
            "(visits.coupon_id > 100) AND (visits.state = 'new'::text)",
            {"coupon_id > 100", "state = 'new'::text", "coupon_id > 100 AND state = 'new'::text"},
        ),
    ],
)
def test_limits_of_quantities_are_predicates_and_those_of_times_and_keys_are_not(
    condition: str, found: set[str]
) -> None:
    assert {predicate_sql(each) for each in predicates(visits_where(condition))} == {None, *found}


@pytest.mark.parametrize(
    ("predicate", "entries", "too_much"),
    [
        ("coupon_id > 100", 31_000.0, True),
        ("coupon_id > 100", 30_000.0, False),
        ("state <> 'new'::text", 59_000.0, False),
        ("at < ended_at", 59_000.0, False),
        (None, 60_000.0, False),
    ],
)
def test_a_limit_that_keeps_most_rows_makes_no_partial_index(
    predicate: str | None, entries: float, too_much: bool
) -> None:
    index = Index(visits_where("visits.id = 1").relation, (IndexPart("user_id"),), (), predicate)
    assert keeps_too_much(Hypothetical(1, index, IndexSize(100, 1, entries)), 60_000.0) is too_much


def test_a_partial_index_is_out_of_reach_without_a_condition_on_its_columns() -> None:
    access = visits_where("(visits.user_id = 7) AND (visits.state = 'new'::text)")
    index = Index(access.relation, (IndexPart("user_id"),))
    partial = Index(access.relation, (IndexPart("user_id"),), (), "state = 'new'::text")
    elsewhere = Index(access.relation, (IndexPart("user_id"),), (), "coupon_id > 100")
    assert [Reach.of(access).may_use(each) for each in (index, partial, elsewhere)] == [True, True, False]
