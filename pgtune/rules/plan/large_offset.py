"""A large OFFSET makes the server find rows only to skip them.

The rows before the page are found, joined and sorted like those on it; each page is slower than the one
before. Keyset pagination remembers the last row of the page and starts behind it.

Instead of:
    SELECT * FROM orders ORDER BY created_at, id LIMIT 20 OFFSET 100000;
Use:
    SELECT * FROM orders WHERE (created_at, id) > ('2026-03-01', 4711) ORDER BY created_at, id LIMIT 20;

Ignore when: nobody turns that many pages outside this test.
Source: https://www.postgresql.org/docs/current/queries-limit.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.plan import PlanNode

MIN_SKIPPED_ROWS = 1000  # per loop; chosen

# They need all their input before the first row: skipping fewer rows would not spare what is below.
_BLOCKING = frozenset({"Aggregate", "Hash", "Materialize", "SetOp", "Sort", "WindowAgg"})


def check(plan: MeasuredPlan, *, min_skipped_rows: float = MIN_SKIPPED_ROWS) -> Iterator[Symptom]:
    """Yield each Limit that reads many more rows than it returns; EXPLAIN does not print the OFFSET."""
    for node, actual in plan.measured():
        source = next(iter(node.inputs), None)
        if node.node_type != "Limit" or source is None or source.actual is None or source.actual.loops == 0:
            continue
        # A Limit without OFFSET stops its input at its last row, or one row later (WITH TIES).
        read = source.actual.total_rows / actual.loops
        skipped = read - actual.rows
        if skipped < min_skipped_rows:
            continue
        loops = f" in each of {actual.loops:,} loops" if actual.loops > 1 else ""
        yield Symptom(
            message=f"OFFSET skips {skipped:,.0f} rows to return {actual.rows:,.0f}{loops}",
            node=node.number,
            saves=_pipelined_share(plan, node) * skipped / read,
            cause=Cause.ACCESS_PATH,
            cause_node=source.number,  # how the rows are found matters less than that they are dropped
            detail=f"{source.label} delivers {read:,.0f} rows; the Limit drops the first {skipped:,.0f}.",
            hint="Use keyset pagination: WHERE (sort columns) > (values of the last row seen), "
            "with the same ORDER BY.",
        )


def _pipelined_share(plan: MeasuredPlan, limit: PlanNode) -> float:
    """The part of the statement that grows with the rows that the Limit asks for."""
    share = 0.0
    waiting = [limit]
    while waiting:
        node = waiting.pop()
        share += plan.share(node)
        if node.node_type not in _BLOCKING:
            waiting.extend(node.inputs)
    return share
