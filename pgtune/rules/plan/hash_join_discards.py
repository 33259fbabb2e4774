"""A hash join reads a whole relation to find the partners of a few rows.

A hash join has to look at every row of its outer side. When the hash table holds few rows and few outer rows
match one of them, nearly all of that reading is for nothing. With an index on the join column of the large
relation PostgreSQL looks up the partners of each row instead, in a nested loop. PostgreSQL makes no index for
a foreign key by itself.

Instead of:
    SELECT o.* FROM users u JOIN orders o ON o.user_id = u.id
    WHERE u.email = 'ann@example.com';  -- no index on orders.user_id
Use:
    CREATE INDEX CONCURRENTLY ON orders (user_id);

Ignore when: the query is rare, or usually asks for many of the rows.
Source: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.plan import PlanNode, Role

MIN_ROWS_READ = 10_000  # of the large relation; a scan reads these in about a millisecond; chosen
MAX_MATCHED_FRACTION = 0.05  # of the rows read; chosen
# One look-up costs as much as reading this many rows one after the other, and so does a row found: it lies
# anywhere. Chosen; random_page_cost is 4 by default, and a look-up descends three or four pages.
LOOK_UP_COST_ROWS = 15.0
MATCH_COST_ROWS = 4.0
# Of the rows read; with more to look up PostgreSQL prefers the hash join even so. On 18.6 with TPC-H data,
# measured: with an index it changed to a nested loop at 0.18 and 0.2, and kept the hash join at 0.43.
MAX_KEPT_COST = 0.25
# Joins that do not return outer rows without a partner.
_DROPS_OUTER = frozenset({"Inner", "Semi", "Right", "Right Semi", "Right Anti"})


def check(
    plan: MeasuredPlan,
    *,
    min_rows_read: float = MIN_ROWS_READ,
    max_matched_fraction: float = MAX_MATCHED_FRACTION,
) -> Iterator[Symptom]:
    """Yield each sequential scan of which a hash join finds a partner for few rows."""
    for join, actual in plan.measured():
        scan, table = join.child(Role.OUTER), join.child(Role.INNER)
        if join.node_type != "Hash Join" or (join.join_type or "Inner") not in _DROPS_OUTER:
            continue
        if (
            scan is None
            or table is None
            or scan.node_type != "Seq Scan"
            or actual.loops > plan.processes(join)
        ):
            continue
        read = _rows_read(scan)
        matched = actual.total_rows + join.removed.by_join_filter * actual.loops
        if read < min_rows_read or matched > max_matched_fraction * read:
            continue
        kept = (_hashed_rows(table) * LOOK_UP_COST_ROWS + matched * MATCH_COST_ROWS) / read
        if kept <= MAX_KEPT_COST:
            yield _symptom(plan, join, scan, table, kept)


def _rows_read(scan: PlanNode) -> float:
    if scan.actual is None:
        return 0.0
    return scan.actual.total_rows + scan.removed.by_filter * scan.actual.loops


def _hashed_rows(table: PlanNode) -> float:
    """Rows in the hash table: all processes share that of a Parallel Hash, else each has its own."""
    if table.actual is None:
        return 0.0
    return table.actual.total_rows if table.parallel_aware else table.actual.rows


def _symptom(plan: MeasuredPlan, join: PlanNode, scan: PlanNode, table: PlanNode, kept: float) -> Symptom:
    assert join.actual is not None
    return Symptom(
        message=f"{scan.label} reads {_rows_read(scan):,.0f} rows of which the hash join keeps "
        f"{join.actual.total_rows:,.0f}",
        node=scan.number,
        # The other side stays; what the look-ups will cost is taken off.
        saves=(plan.share(scan) + plan.share(join)) * (1 - kept),
        cause=Cause.ACCESS_PATH,
        detail=f"The hash join at node {join.number} tests {join.quals.hash_cond} for every row, "
        f"against {_hashed_rows(table):,.0f} in the hash table.",
        hint="Create an index on the columns that the join compares.",
        index_need=IndexNeed(Purpose.JOIN, scan.number),
    )
