"""A bitmap did not fit in work_mem and forgot which rows of a page it wants.

A bitmap holds one entry per heap page. When the entries outgrow work_mem, groups of 256 pages shrink to one
bit per page: such pages are lossy, and each row on them is tested again. The pages read stay the same, the
rows tested grow. One entry takes 64 bytes: 48 for the page (its number, and a bit for each of up to 291
rows) and 16 for the two pointers used to sort it; work_mem / 64 entries are allowed. hash_mem_multiplier
does not apply.

Instead of:
    SET work_mem = '64kB';  -- 1,024 pages
Use:
    SET work_mem = '4MB';  -- 65,536 pages, 512 MB of heap

Ignore when: the index is BRIN, which knows pages and not rows: its pages are always lossy, and memory does
not help.
Source: src/backend/nodes/tidbitmap.c, tbm_calculate_entries() and tbm_lossify(), PostgreSQL 12 to 18
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from pgtune.model.action import Action
from pgtune.model.catalog import Catalog
from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Note, Symptom
from pgtune.model.node_details import HeapBlocks
from pgtune.model.plan import PlanNode

ENTRY_BYTES = (
    64  # per page, 64-bit server with 8 kB blocks; measured on 15.18 and 18.6 (7,666 pages: 480 kB, not 479)
)
MIN_RECHECKED_FRACTION = 0.1  # of the rows tested; below, the rechecks hardly cost time; chosen
MARGIN = 1.25  # for data that grows, and loops above the mean; chosen


def check(
    plan: MeasuredPlan,
    catalog: Catalog | None,
    *,
    min_rechecked_fraction: float = MIN_RECHECKED_FRACTION,
) -> Iterator[Symptom | Note]:
    """Yield each bitmap scan that work_mem made lossy; a note where that cost next to nothing."""
    for node, actual in plan.measured():
        blocks = node.heap_blocks
        # Without any exact page the index itself knows pages only (BRIN).
        if blocks is None or blocks.lossy == 0 or blocks.exact == 0 or _reads_brin(node, catalog):
            continue
        tested = actual.rows + node.removed.by_filter + node.removed.by_index_recheck
        rechecked = node.removed.by_index_recheck / max(1.0, tested)
        if rechecked < min_rechecked_fraction:
            yield Note(
                f"bitmap lossy for {blocks.lossy:,} of {blocks.exact + blocks.lossy:,} pages, "
                "at next to no cost",
                node.number,
            )
            continue
        # Memory saves the rechecks, which are processor time; the waits for pages remain.
        waiting = plan.share_of_ms(plan.charge(node).own_buffers.io_ms)
        yield _symptom(
            node,
            blocks,
            _pages(plan, node, blocks, catalog),
            max(0.0, plan.share(node) - waiting) * rechecked,
        )


def _reads_brin(node: PlanNode, catalog: Catalog | None) -> bool:
    relation = catalog.find(node.relation) if catalog is not None and node.relation is not None else None
    if relation is None:
        return False
    names = {below.index_name for below in node.walk() if below.index_name is not None}
    return any(index.name.name in names and index.access_method == "brin" for index in relation.indexes)


def _pages(plan: MeasuredPlan, node: PlanNode, blocks: HeapBlocks, catalog: Catalog | None) -> float:
    """Pages of the largest bitmap, as far as they are known."""
    source = next(iter(node.inputs), None)
    built = source.actual.loops if source is not None and source.actual is not None else 1
    visited = blocks.exact + blocks.lossy
    if node.parallel_aware:  # before 18 the workers' pages are not printed, but their accesses are counted
        visited = max(visited, plan.charge(node).own_buffers.accessed_blocks)
    pages = visited / max(1, built)
    if source is None or source.node_type != "BitmapAnd":
        return pages
    # Each input of an AND has a bitmap of its own, larger than the outcome: at most one page per row.
    inputs = [child.actual.rows for child in source.inputs if child.actual is not None]
    relation = catalog.find(node.relation) if catalog is not None and node.relation is not None else None
    limit = relation.activity.relpages if relation is not None else math.inf
    return max(pages, min(max(inputs, default=0.0), limit))


def _symptom(node: PlanNode, blocks: HeapBlocks, pages: float, saves: float) -> Symptom:
    visited = blocks.exact + blocks.lossy
    setting = _work_mem(pages)
    return Symptom(
        message=f"{node.label} has a bitmap that is lossy for {blocks.lossy:,} of {visited:,} pages",
        node=node.number,
        saves=saves,
        cause=Cause.MEMORY,
        detail=f"All rows of lossy pages are tested again. A bitmap of {pages:,.0f} pages at {ENTRY_BYTES} "
        f"bytes needs {math.ceil(pages * ENTRY_BYTES / 1024):,} kB of work_mem.",
        hint=f"Set work_mem to at least {setting} for this statement.",
        action=Action(sql=f"SET work_mem = '{setting}';", undo="RESET work_mem;"),
    )


def _work_mem(pages: float) -> str:
    kilobytes = math.ceil(pages * ENTRY_BYTES * MARGIN / 1024)
    return f"{kilobytes}kB" if kilobytes < 1024 else f"{math.ceil(kilobytes / 1024)}MB"
