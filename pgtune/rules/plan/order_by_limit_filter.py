"""An index is read in the order of ORDER BY, and LIMIT hopes that a match comes soon.

There is no Index Cond: the scan walks the index from one end, visits the heap for each entry and tests
the Filter, until LIMIT has its rows. The planner assumes that matches are spread evenly over that
order. Where they cluster at the far end, or are rarer than estimated, it reads most of the relation.
min() and max() with a WHERE clause become such plans too.

Instead of:
    SELECT * FROM orders WHERE user_id = 42 ORDER BY created_at DESC LIMIT 10;  -- index on created_at only
Use:
    CREATE INDEX CONCURRENTLY ON orders (user_id, created_at DESC);

Ignore when: the values that are asked for are always common, so that a few entries suffice.
Source: https://www.postgresql.org/docs/current/indexes-ordering.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.plan import Actual, PlanNode, Role
from pgtune.model.qual import ClauseKind
from pgtune.parse.qual import read_clauses

MIN_DISCARDED_ROWS = 1000  # over all loops; fewer take about a millisecond; chosen
MIN_DISCARDED_FRACTION = 0.7  # of the rows read; chosen

_SCANS = frozenset({"Index Scan", "Index Only Scan"})
# They ask their (outer) input for one row at a time and keep its order, so a LIMIT above ends the scan early.
_PIPELINED = frozenset(
    {"Append", "Gather Merge", "Incremental Sort", "LockRows", "Merge Append", "Nested Loop", "ProjectSet"}
    | {"Result", "Subquery Scan", "Unique", "WindowAgg"}
)


def check(
    plan: MeasuredPlan,
    *,
    min_discarded_rows: float = MIN_DISCARDED_ROWS,
    min_discarded_fraction: float = MIN_DISCARDED_FRACTION,
) -> Iterator[Symptom]:
    """Yield each scan that reads an index from its end under a LIMIT and discards most rows."""
    for node, actual in plan.measured():
        if node.node_type not in _SCANS or node.quals.filter is None:
            continue
        removed = node.removed.by_filter * actual.loops
        read = removed + actual.total_rows
        if removed < min_discarded_rows or removed < min_discarded_fraction * read:
            continue
        if _is_under_limit(plan, node) and _is_for_order_only(node):
            yield _symptom(node, actual, read, saves=plan.share(node) * removed / read)


def _is_for_order_only(node: PlanNode) -> bool:
    """True without an index condition, save the IS NOT NULL that min() and max() add."""
    condition = node.quals.index_cond
    if condition is None:
        return node.quals.order_by is None  # a distance order has no end to walk from
    if "IS NOT NULL" not in condition:
        return False
    return all(clause.kind is ClauseKind.IS_NOT_NULL for clause in read_clauses(condition))


def _is_under_limit(plan: MeasuredPlan, node: PlanNode) -> bool:
    below = node
    for above in plan.ancestors(node):
        if below.is_subplan or below.role is Role.INNER:
            return False
        if above.node_type == "Limit":
            return True
        if above.node_type not in _PIPELINED:
            return False
        below = above
    return False


def _symptom(node: PlanNode, actual: Actual, read: float, saves: float) -> Symptom:
    expected = f"; {node.estimate.rows:,.0f} were expected to match" if node.estimate is not None else ""
    return Symptom(
        message=f"{node.label} walks {read:,.0f} rows in index order to find {actual.total_rows:,.0f} "
        "for the LIMIT",
        node=node.number,
        saves=saves,
        cause=Cause.ACCESS_PATH,
        detail=f"The index gives the order only; the filter {node.quals.filter} is tested on each row"
        f" until LIMIT has enough{expected}.",
        hint="Create an index with the columns of the filter first and those of ORDER BY after them. Where "
        "that is not possible, ORDER BY an expression such as (id + 0) keeps the planner from this index.",
        index_need=IndexNeed(Purpose.FILTER, node.number),
    )
