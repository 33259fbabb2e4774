"""One index scan descends the index over and over, mostly to find nothing.

A scan starts from the root of the index for each value of an "= ANY" array, and, from PostgreSQL 18 on, for
each distinct value of a leading column that the query leaves out (skip scan). That is right for a
handful. For thousands, an index that starts with the columns of the Index Cond needs a single descent.

Instead of:
    CREATE INDEX ON orders (user_id, created_at);  -- WHERE created_at > '2026-01-01', any user
Use:
    CREATE INDEX CONCURRENTLY ON orders (created_at);

Ignore when: the leading column has few values and always will, or the index serves other queries and this
one is rare.
Source: https://www.postgresql.org/docs/18/indexes-multicolumn.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.plan import PlanNode
from pgtune.model.qual import ClauseKind
from pgtune.parse.qual import read_clauses

MIN_SEARCHES_PER_LOOP = 100  # descents of a scan; fewer take well under a millisecond; chosen


def check(plan: MeasuredPlan, *, min_searches_per_loop: float = MIN_SEARCHES_PER_LOOP) -> Iterator[Symptom]:
    """Yield each index scan with many descents per loop and fewer rows than descents."""
    for node, actual in plan.measured():
        searches = node.index_searches or 0  # a total, unlike the rows
        found = actual.total_rows + (node.removed.by_filter + node.removed.by_index_recheck) * actual.loops
        if searches < min_searches_per_loop * actual.loops or searches <= found:
            continue
        # Another index needs one descent per loop. A descent costs at least as much as a row found.
        saves = plan.share(node) * (searches - actual.loops) / (searches + found)
        yield _symptom(node, _scan(plan, node), searches, found, saves)


def _scan(plan: MeasuredPlan, node: PlanNode) -> PlanNode:
    """The node that reads the relation: the Bitmap Heap Scan above a Bitmap Index Scan."""
    if node.relation is not None:
        return node
    return next((above for above in plan.ancestors(node) if above.relation is not None), node)


def _has_array(node: PlanNode) -> bool:
    condition = node.quals.index_cond or ""
    if "ANY" not in condition:
        return False
    clauses = read_clauses(condition)
    return any(clause.kind is ClauseKind.IN_LIST for clause in clauses)


def _symptom(node: PlanNode, scan: PlanNode, searches: int, found: float, saves: float) -> Symptom:
    seen = Symptom(
        message=f"{node.label} descends the index {searches:,} times to find {found:,.0f} rows",
        node=node.number,
        saves=saves,
        cause=Cause.ACCESS_PATH,
        cause_node=scan.number,
    )
    if _has_array(node):
        return replace(
            seen,
            detail="Each value of the array, or combination of values where there are several arrays, is "
            "looked up by itself, and most are not there.",
            hint="Pass only values that exist, or join with unnest() of the array: the planner may then "
            "hash it.",
        )
    return replace(
        seen,
        detail=f"The condition {node.quals.index_cond} does not fix the leading columns of the index, so the "
        "scan skips from one of their values to the next.",
        hint="Create an index that starts with the columns of the index condition.",
        index_need=IndexNeed(Purpose.FILTER, scan.number),
    )
