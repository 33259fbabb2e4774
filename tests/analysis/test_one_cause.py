"""The real rules on plans where several of them see one thing."""

from __future__ import annotations

from pgtune.analysis.attribution import attribute
from pgtune.analysis.review import review
from pgtune.analysis.rule_book import plan_rule_book
from pgtune.model.evidence import Evidence
from pgtune.model.finding import Finding
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.policy import Policy
from pgtune.parse.plans import parse_plans

CORRELATED = """
Seq Scan on people p  (cost=0.00..71841.50 rows=200 width=36) (actual time=0.510..93.691 rows=200.00 loops=1)
  SubPlan 1
    ->  Aggregate  (cost=359.03..359.04 rows=1 width=32) (actual time=0.468..0.468 rows=1.00 loops=200)
          ->  Seq Scan on purchases u  (cost=0..359 rows=9 width=4) (actual time=0..0.466 rows=10 loops=200)
                Filter: (person_id = p.id)
                Rows Removed by Filter: 19990
Planning Time: 0.352 ms
Execution Time: 93.710 ms
"""
SORTED_ON_DISK = """
Sort  (cost=4037.48..4044.94 rows=30000 width=160) (actual time=43.273..53.479 rows=30000.00 loops=1)
  Sort Key: created_at
  Sort Method: external merge  Disk: 5112kB
  ->  Index Scan using i on orders  (cost=0..3865 rows=30000 width=160) (actual time=0..11 rows=30000 loops=1)
        Index Cond: (user_id = 42)
Planning Time: 0.536 ms
Execution Time: 55.257 ms
"""


def findings(text: str) -> tuple[Finding, ...]:
    (plan,) = parse_plans(text)
    return review(plan_rule_book(), Evidence((attribute(plan),)), Policy()).findings


def test_a_subplan_that_reads_a_relation_without_an_index_is_one_finding_that_wants_the_index() -> None:
    (found,) = findings(CORRELATED)
    assert (found.rule, found.also) == ("correlated-subplan", ("seq-scan-discards",))
    assert found.index_need == IndexNeed(Purpose.FILTER, 3)
    assert "Seq Scan on purchases u reads the whole relation" in found.detail


def test_a_sort_on_disk_keeps_its_memory_advice_beside_the_index_that_removes_it() -> None:
    by_rule = {found.rule: found for found in findings(SORTED_ON_DISK)}
    assert set(by_rule) == {"disk-sort", "sort-an-index-removes"}
    assert by_rule["disk-sort"].action is not None
    assert sum(found.share for found in by_rule.values()) < 0.8  # the sort's own part of the statement
