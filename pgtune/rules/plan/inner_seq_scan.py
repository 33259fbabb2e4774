"""A relation is read from start to end again for each row of a nested loop's outer side.

Without an index on the inner relation's join columns a nested loop can only read all of it, for every outer
row. An index turns each of these scans into a look-up; with a join by equality a hash join, which reads the
relation once, is the other way out.

Instead of:
    SELECT * FROM carts c JOIN prices p ON p.product_id = c.product_id;  -- Seq Scan on prices, loops=4000
Use:
    CREATE INDEX CONCURRENTLY ON prices (product_id);

Ignore when: the inner relation has a page or two; then the index saves little.
Source: https://www.postgresql.org/docs/current/planner-optimizer.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.plan import Actual, PlanNode, Role

MIN_LOOPS = 10  # scans; chosen
MIN_ROWS_READ = 10_000  # over all loops; a scan reads these in about a millisecond; chosen
MIN_ROWS_PER_SCAN = 50  # a relation this small is a page or two: an index look-up reads as many; chosen
_HANDS_ON = frozenset({"Memoize", "Result", "Subquery Scan"})


def check(
    plan: MeasuredPlan, *, min_loops: float = MIN_LOOPS, min_rows_read: float = MIN_ROWS_READ
) -> Iterator[Symptom]:
    """Yield each sequential scan that a nested loop repeats to find matching rows."""
    for node, actual in plan.measured():
        if node.node_type != "Seq Scan" or actual.loops < min_loops:
            continue
        join = _loop_above(plan, node)
        if join is None or (join.quals.join_filter is None and node.quals.filter is None):
            continue  # without any condition: see cartesian-join
        read_per_scan = actual.rows + node.removed.by_filter
        if read_per_scan < MIN_ROWS_PER_SCAN or read_per_scan * actual.loops < min_rows_read:
            continue
        if actual.loops / plan.processes(node) >= min_loops:
            yield _symptom(plan, join, node, actual, read_per_scan)


def _loop_above(plan: MeasuredPlan, scan: PlanNode) -> PlanNode | None:
    """The nested loop that the scan is the inner side of."""
    below = scan
    for above in plan.ancestors(scan):
        if above.node_type == "Nested Loop":
            return above if below.role is Role.INNER else None
        if above.node_type not in _HANDS_ON:
            return None
        below = above
    return None


def _symptom(
    plan: MeasuredPlan, join: PlanNode, scan: PlanNode, actual: Actual, read_per_scan: float
) -> Symptom:
    read = read_per_scan * actual.loops
    matched = min(read, join.actual.total_rows if join.actual is not None else 0.0)
    # An index look-up touches the matching rows only; the join filter is not tested for the others.
    spent = plan.share(scan) + (plan.share(join) if join.quals.join_filter is not None else 0.0)
    return Symptom(
        message=f"{scan.label} is read {actual.loops:,} times, {read:,.0f} rows to match {matched:,.0f}",
        node=scan.number,
        saves=spent * (1 - matched / read),
        cause=Cause.ACCESS_PATH,
        detail=f"The nested loop at node {join.number} reads all of the relation for each outer row.",
        hint="Create an index on the columns that the join compares.",
        index_need=IndexNeed(Purpose.JOIN, join.number),
    )
