"""Rows are sorted although an index could deliver them in that order.

The classic case is ORDER BY with LIMIT: without an index every row is read to find the first few ("top-N
heapsort"), with one the scan stops after these. Without LIMIT an index helps where the rows are found by
equality through an index anyway: with the sort columns added behind, they come out sorted.

Instead of:
    SELECT * FROM orders ORDER BY created_at DESC LIMIT 20;  -- reads and sorts all orders
Use:
    CREATE INDEX CONCURRENTLY ON orders (created_at);

Ignore when: a filter that no index serves keeps few rows; then the index would be read far to find them.
Source: https://www.postgresql.org/docs/current/indexes-ordering.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.charge import MeasuredPlan
from pgtune.model.estimate_error import JOINS
from pgtune.model.finding import Cause, Symptom
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.plan import PlanNode, Role
from pgtune.model.qual import ClauseKind
from pgtune.parse.qual import read_clauses
from pgtune.parse.sort_key import read_sort_key

MIN_ROWS_READ = 1000  # by the scan, over all loops; a smaller sort takes under a millisecond; chosen
# A row fetched in index order costs about this many read in table order: random_page_cost's default; chosen.
RANDOM_ACCESS_COST = 4.0
# Of the sort, when an index finds the rows already: they are then fetched in another order; chosen.
KEPT_ORDER_FRACTION = 0.5
_TABLE_SCANS = frozenset({"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"})
# Sides of a join whose rows come out in the order in which they go in, by join type.
_KEPT_SIDES = {"Inner": (Role.OUTER, Role.INNER), "Left": (Role.OUTER,), "Right": (Role.INNER,)}
_HANDS_ON = frozenset({"Gather Merge", "Gather", "LockRows", "Subquery Scan", "Result"})


def check(plan: MeasuredPlan, *, min_rows_read: float = MIN_ROWS_READ) -> Iterator[Symptom]:
    """Yield each sort of a single relation's rows that an index in its order would save."""
    for node, actual in plan.measured():
        scan = _scan_below(node) or _joined_scan(node)
        if scan is None or scan.actual is None or not _is_order_of(node, scan):
            continue
        read = scan.actual.total_rows + scan.removed.by_filter * scan.actual.loops
        if read < min_rows_read:
            continue
        limit = _limit_above(plan, node)
        if limit is not None and limit.actual is not None:
            symptom = _top_rows(plan, node, scan, read, min(limit.actual.total_rows, actual.total_rows))
        elif plan.parent(scan) is node:
            symptom = _rows_by_equality(plan, node, scan)
        else:
            symptom = None
        if symptom is not None:
            yield symptom


def _scan_below(node: PlanNode) -> PlanNode | None:
    """The scan whose rows the sort reads as they are."""
    below = node.child(Role.OUTER) if node.node_type == "Sort" else None
    return below if below is not None and below.node_type in _TABLE_SCANS else None


def _joined_scan(node: PlanNode) -> PlanNode | None:
    """The scan whose columns make the order, below joins that keep each of its rows or drop it."""
    aliases = {ref.alias for key in node.sort_key for ref in read_sort_key(key).columns}
    below = node.child(Role.OUTER) if node.node_type == "Sort" else None
    if below is None or below.node_type not in JOINS or len(aliases) != 1:
        return None
    waiting = [below]
    while waiting:
        here = waiting.pop()
        if here.node_type in _TABLE_SCANS and here.alias in aliases:
            return here
        if here.node_type in JOINS:
            kept_sides = _KEPT_SIDES.get(here.join_type or "Inner", ())
            waiting.extend(child for child in here.inputs if child.role in kept_sides)
        elif here.node_type == "Hash":
            waiting.extend(here.inputs)
    return None


def _is_order_of(node: PlanNode, scan: PlanNode) -> bool:
    """True when the relation's own columns make the order, as far as the plan says."""
    keys = [read_sort_key(key) for key in node.sort_key]
    refs = [ref for key in keys for ref in key.columns]
    own = all(ref.alias in (None, scan.alias) for ref in refs)
    return bool(keys) and own and all(key.columns and key.operator is None for key in keys)


def _limit_above(plan: MeasuredPlan, node: PlanNode) -> PlanNode | None:
    """The LIMIT that takes the first rows of the order."""
    for above in plan.ancestors(node):
        if above.node_type == "Limit":
            return above
        if above.node_type not in _HANDS_ON or above.quals.filter is not None:
            return None
    return None


def _top_rows(
    plan: MeasuredPlan, node: PlanNode, scan: PlanNode, read: float, wanted: float
) -> Symptom | None:
    assert scan.actual is not None
    source = node.child(Role.OUTER)
    assert source is not None
    joined = source is not scan
    kept = source.actual.total_rows if source.actual is not None else 0.0
    # In index order the scan stops when it has the wanted rows; of those it meets as many fail as now.
    visited_fraction = RANDOM_ACCESS_COST * min(1.0, wanted / kept) if kept else 1.0
    if visited_fraction >= 1.0:
        return None
    # Of the joins the own parts go with the scan's; the other sides are left out.
    path = [] if not joined else [above for above in plan.ancestors(scan) if node.number < above.number]
    reading = plan.share_below(scan) + sum(map(plan.share, path))
    rows = f"{kept:,.0f} joined rows are sorted" if joined else f"sorts {kept:,.0f}"
    return Symptom(
        message=f"{scan.label} reads {read:,.0f} rows and {rows} to return the first {wanted:,.0f}",
        node=node.number,
        saves=plan.share(node) + reading * (1 - visited_fraction),
        cause=Cause.ACCESS_PATH,  # with an index that also serves the filter, the scan is another one
        cause_node=scan.number,
        object=scan.object_name,
        detail=f"Without an index in the order of {', '.join(node.sort_key)} every row has to be seen.",
        hint="Create an index that delivers the rows in the order of the sort.",
        index_need=IndexNeed(Purpose.ORDER, scan.number if joined else node.number),
    )


def _rows_by_equality(plan: MeasuredPlan, node: PlanNode, scan: PlanNode) -> Symptom | None:
    cond = scan.quals.index_cond or scan.quals.recheck_cond
    clauses = read_clauses(cond) if cond is not None else ()
    if not clauses or any(clause.kind is not ClauseKind.EQUALITY for clause in clauses):
        return None
    assert scan.actual is not None
    return Symptom(
        message=f"{scan.actual.total_rows:,.0f} rows that an index finds by equality are sorted afterwards",
        node=node.number,
        saves=KEPT_ORDER_FRACTION * plan.share(node),
        cause=Cause.ORDER,
        object=scan.object_name,
        detail=f"Behind the columns of {cond} an index can hold the order of {', '.join(node.sort_key)}.",
        hint="Create an index on the compared columns, followed by the sort key.",
        index_need=IndexNeed(Purpose.ORDER, node.number),
    )
