"""An index finds many rows of which the node then throws most away.

The Index Cond is only part of the predicate. What the index does not know is tested row by row: by the
Filter, after a visit to the heap, or by a recheck where the index answers approximately. An index on
all the columns of the predicate visits the wanted rows only.

Instead of:
    CREATE INDEX ON orders (user_id);  -- WHERE user_id = 42 AND status = 'pending'
Use:
    CREATE INDEX CONCURRENTLY ON orders (user_id, status);

Ignore when: the query is rare, or the filter's columns change so often that one more index on them costs
more than it saves.
Source: https://www.postgresql.org/docs/current/indexes-multicolumn.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.fractions import percent
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.plan import Actual, PlanNode
from pgtune.model.qual import ClauseKind
from pgtune.parse.qual import read_clauses

MIN_DISCARDED_FRACTION = 0.7  # of the rows that the index found; chosen
MIN_ROWS_READ = 1000  # over all loops; fewer take well under a millisecond; chosen
# A descent, which stays, costs about as much as reading this many rows. Chosen: of three joins of 6,000 to
# 30,000 loops, with 4 to 5 rows each, the savings then came to 0.8 to 1.1 of those measured on 18.6.
DESCENT_COST_ROWS = 2.0

_SCANS = frozenset({"Index Scan", "Index Only Scan", "Bitmap Heap Scan"})


def check(
    plan: MeasuredPlan,
    *,
    min_discarded_fraction: float = MIN_DISCARDED_FRACTION,
    min_rows_read: float = MIN_ROWS_READ,
) -> Iterator[Symptom]:
    """Yield each scan by an index condition whose filter or recheck removes most of the rows."""
    for node, actual in plan.measured():
        if node.node_type not in _SCANS:
            continue
        removed = _removed(node) * actual.loops
        read = actual.total_rows + (node.removed.by_filter + node.removed.by_index_recheck) * actual.loops
        if read < min_rows_read or removed < min_discarded_fraction * read:
            continue
        if node.node_type == "Bitmap Heap Scan" or _has_restricting_condition(node):
            # The rows removed were as dear as those kept.
            work = read + actual.loops * DESCENT_COST_ROWS
            yield _symptom(node, actual, read, saves=plan.share(node) * removed / work)


def _removed(node: PlanNode) -> float:
    """Rows per loop that a better index would not find."""
    blocks = node.heap_blocks
    if blocks is not None and blocks.exact > 0 and blocks.lossy > 0:
        return node.removed.by_filter  # the recheck is due to work_mem, not to the index
    return node.removed.by_filter + node.removed.by_index_recheck


def _has_restricting_condition(node: PlanNode) -> bool:
    """False when the index is read for its order alone; min() and max() add IS NOT NULL to that."""
    condition = node.quals.index_cond
    if condition is None or "IS NOT NULL" not in condition:
        return condition is not None
    return any(clause.kind is not ClauseKind.IS_NOT_NULL for clause in read_clauses(condition))


def _symptom(node: PlanNode, actual: Actual, read: float, saves: float) -> Symptom:
    kept = actual.total_rows
    loops = f" in {actual.loops:,} loops" if actual.loops > 1 else ""
    by_recheck = node.removed.by_index_recheck > node.removed.by_filter
    qual = node.quals.recheck_cond or node.quals.index_cond if by_recheck else node.quals.filter
    return Symptom(
        message=f"{node.label} reads {read:,.0f} rows to keep {kept:,.0f}{loops}",
        node=node.number,
        saves=saves,
        cause=Cause.ACCESS_PATH,
        detail=f"The {'recheck of' if by_recheck else 'filter'} {qual} removes"
        f" {percent(read - kept, read)} of the rows that the index found.",
        hint=(
            "Use an index that answers the condition exactly: a B-tree on the column, a smaller "
            "pages_per_range of a BRIN index, or a longer pattern for a trigram index."
            if by_recheck
            else "Create an index on the columns of the index condition and of the filter."
        ),
        index_need=None if by_recheck else IndexNeed(Purpose.FILTER, node.number),
    )
