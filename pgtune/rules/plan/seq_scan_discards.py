"""A sequential scan reads the whole relation and throws most rows away.

Each row that the filter removes was read and tested for nothing. When few rows are wanted, an index on
the filter's columns finds them directly.

Instead of:
    SELECT * FROM orders WHERE user_id = 42;  -- no index on user_id
Use:
    CREATE INDEX CONCURRENTLY ON orders (user_id);

Ignore when: the relation is small, the query is rare, or writes to the relation matter more.
Source: https://www.postgresql.org/docs/current/indexes-intro.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Note, Symptom
from pgtune.model.fractions import percent
from pgtune.model.index_need import IndexNeed, Purpose

MIN_DISCARDED_FRACTION = 0.7  # of the rows read; below, an index scan rarely wins; chosen
MIN_ROWS_READ = 1000  # smaller scans take well under a millisecond; chosen
MIN_ROWS_PER_SCAN = 50  # a relation this small is a page or two: an index look-up reads as many; chosen


def check(
    plan: MeasuredPlan,
    *,
    min_discarded_fraction: float = MIN_DISCARDED_FRACTION,
    min_rows_read: float = MIN_ROWS_READ,
) -> Iterator[Symptom | Note]:
    """Yield each sequential scan whose filter removes most of what it reads."""
    for node, actual in plan.measured():
        if node.node_type != "Seq Scan" or node.quals.filter is None:
            continue
        removed = node.removed.by_filter * actual.loops
        read = removed + actual.total_rows
        if read < MIN_ROWS_PER_SCAN * actual.loops:
            continue
        if read < min_rows_read or removed < min_discarded_fraction * read:
            continue
        fraction = percent(removed, read)
        yield Symptom(
            message=f"{node.label} reads {read:,.0f} rows to keep {actual.total_rows:,.0f}",
            node=node.number,
            saves=plan.share(node) * removed / read,
            cause=Cause.ACCESS_PATH,
            detail=f"The filter {node.quals.filter} removes {fraction} of the rows after reading them.",
            hint="Create an index that finds the rows that the filter keeps.",
            index_need=IndexNeed(Purpose.FILTER, node.number),
        )
