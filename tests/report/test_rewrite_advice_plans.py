"""What is said of two plans: the dearest node of each, and what each has alone."""

from __future__ import annotations

from pgtune.report.rewrite_advice_plans import plans_in_short
from tests.report.rewrite_advices import HASHED, JOINED, node, planned


def test_a_subplan_is_named_however_cheap_it_is() -> None:
    rescanned = planned(node(1, "Seq Scan", 500_000.0, relation="products"))
    before, after = plans_in_short(HASHED.plan, rescanned.plan)
    assert before == "SubPlan 1: Seq Scan on orders (97 %), Seq Scan on users (2.8 %)"
    assert after == "Seq Scan on products (100 %)"


def test_the_dearest_node_is_named_even_if_both_plans_have_it() -> None:
    scan = node(1, "Seq Scan", 300.0, relation="users")
    before, after = plans_in_short(planned(scan).plan, JOINED.plan)
    assert before == "Seq Scan on users (100 %)"
    assert after == "Seq Scan on users (44 %), Index Only Scan on orders (37 %), Hash Anti Join (19 %)"
