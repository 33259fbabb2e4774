"""An Index Only Scan goes to the heap after all, as the visibility map is out of date.

The index holds the columns but not whether a row is visible. That is known without a look at the heap
only for pages which VACUUM has marked all-visible; a row on any other page costs a heap fetch.

Instead of:
    ALTER TABLE orders SET (autovacuum_enabled = off);
Use:
    VACUUM orders;
    ALTER TABLE orders SET (
        autovacuum_vacuum_scale_factor = 0.02,
        autovacuum_vacuum_insert_scale_factor = 0.02  -- 13 and later
    );

Ignore when: the rows read are the ones that are always being changed; a page stays all-visible only until
its next UPDATE or DELETE. An old transaction or replication slot that is still open keeps VACUUM from
marking pages.
Source: https://www.postgresql.org/docs/current/indexes-index-only-scans.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.action import Action
from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom

MIN_HEAP_FETCHES = 1000  # total of the node; fewer take well under a millisecond in memory; chosen
MIN_HEAP_FETCH_FRACTION = 0.1  # of the index entries read; chosen
# One fetch costs as much as reading this many entries from the index. Measured on 18.6, 75,000 rows in
# shared buffers: 4.1 with the heap in index order, 60 with the heap in random order.
HEAP_FETCH_COST_ROWS = 4.0


def check(
    plan: MeasuredPlan,
    *,
    min_heap_fetches: float = MIN_HEAP_FETCHES,
    min_heap_fetch_fraction: float = MIN_HEAP_FETCH_FRACTION,
) -> Iterator[Symptom]:
    """Yield each index-only scan that fetched many of its rows from the heap."""
    for node, actual in plan.measured():
        fetches = node.heap_fetches or 0  # a total, unlike the rows
        read = max(1.0, fetches, actual.total_rows + node.removed.by_filter * actual.loops)
        if fetches < min_heap_fetches or fetches < min_heap_fetch_fraction * read:
            continue
        relation = node.relation
        fetching = fetches * HEAP_FETCH_COST_ROWS
        yield Symptom(
            message=f"{node.label} makes {fetches:,} heap fetches for {actual.total_rows:,.0f} rows",
            node=node.number,
            saves=plan.share(node) * fetching / (fetching + read),
            cause=Cause.ACCESS_PATH,
            detail="The pages of these rows are not marked all-visible in the visibility map.",
            hint="Run VACUUM, and let autovacuum visit the relation more often.",
            action=None
            if relation is None
            else Action(
                sql=f"VACUUM {relation};",
                lock=f"SHARE UPDATE EXCLUSIVE on {relation}; reads and writes go on",
            ),
        )
