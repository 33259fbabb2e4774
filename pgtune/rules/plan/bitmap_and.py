"""Two indexes are read in full and intersected, where one on both columns would find the rows at once.

A BitmapAnd reads every entry that matches the first condition and every entry that matches the second, to
keep the few rows that are in both. An index on both columns, those compared with "=" first, reads just those.

Instead of:
    CREATE INDEX ON orders (user_id);
    CREATE INDEX ON orders (status);
Use:
    CREATE INDEX CONCURRENTLY ON orders (user_id, status);

Ignore when: users combine many columns freely: then single-column indexes that combine are the right design.
Source: https://www.postgresql.org/docs/current/indexes-bitmap-scans.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.catalog import Catalog
from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.plan import PlanNode
from pgtune.model.qual import ClauseKind
from pgtune.parse.qual import read_clauses

MIN_ENTRIES_READ = 1000  # of all indexes, over all loops; chosen
MIN_WASTED_FRACTION = 0.5  # of the entries read; below, one index is hardly faster than two; chosen

_POINTS = frozenset({ClauseKind.EQUALITY, ClauseKind.IN_LIST, ClauseKind.IS_NULL, ClauseKind.BOOLEAN})
_BTREE = _POINTS | {ClauseKind.RANGE, ClauseKind.PREFIX, ClauseKind.IS_NOT_NULL}


def check(
    plan: MeasuredPlan,
    catalog: Catalog | None,
    *,
    min_entries_read: float = MIN_ENTRIES_READ,
    min_wasted_fraction: float = MIN_WASTED_FRACTION,
) -> Iterator[Symptom]:
    """Yield each bitmap scan over the intersection of B-tree indexes that one index could replace."""
    for node, actual in plan.measured():
        bitmap_and = next((child for child in node.inputs if child.node_type == "BitmapAnd"), None)
        if node.node_type != "Bitmap Heap Scan" or bitmap_and is None:
            continue
        scans = [child for child in bitmap_and.inputs if child.executed]
        read = sum(child.actual.total_rows for child in scans if child.actual is not None)
        # BitmapAnd itself always reports 0 rows: what the heap scan got is the intersection.
        common = actual.total_rows + node.removed.by_filter * actual.loops
        wasted = 1 - min(1.0, common / max(1.0, read))
        if read < min_entries_read or wasted < min_wasted_fraction:
            continue
        if len(scans) > 1 and _one_btree_serves(scans) and _are_btrees(node, scans, catalog):
            yield _symptom(node, scans, read, common, saves=plan.share_below(bitmap_and) * wasted)


def _one_btree_serves(scans: list[PlanNode]) -> bool:
    """True when all inputs are plain index scans and at most one of them is by a range alone."""
    ranges = 0
    for scan in scans:
        kinds = {clause.kind for clause in read_clauses(scan.quals.index_cond or "")}
        if scan.node_type != "Bitmap Index Scan" or not kinds or not kinds <= _BTREE:
            return False
        ranges += not kinds & _POINTS
    return ranges <= 1


def _are_btrees(node: PlanNode, scans: list[PlanNode], catalog: Catalog | None) -> bool:
    relation = catalog.find(node.relation) if catalog is not None and node.relation is not None else None
    if relation is None:
        return True
    methods = {index.name.name: index.access_method for index in relation.indexes}
    return all(methods.get(scan.index_name or "", "btree") == "btree" for scan in scans)


def _symptom(node: PlanNode, scans: list[PlanNode], read: float, common: float, saves: float) -> Symptom:
    names = " and ".join(scan.index_name or "?" for scan in scans)
    return Symptom(
        message=f"{names} are read for {read:,.0f} entries to find the {common:,.0f} that they share",
        node=node.number,
        saves=saves,
        cause=Cause.ACCESS_PATH,
        detail=f"Each index on {node.object_name} is read for its own condition alone; then the bitmaps are "
        "intersected.",
        hint="Create one index on the columns of these conditions.",
        index_need=IndexNeed(Purpose.COMBINE, node.number),
    )
