"""A sort does not fit in work_mem and goes through temporary files.

Each process sorts what fits in work_mem, writes it out as a run, and merges the runs afterwards: every row
is written and read once more. Rows need more room in memory than in the file, the more so the narrower they
are, so the work_mem that suffices is larger than the "Disk" that EXPLAIN prints; pgtune computes it.

Instead of:
    SELECT * FROM orders ORDER BY total;  -- Sort Method: external merge  Disk: 48560kB
Use:
    SET LOCAL work_mem = '81MB';  -- in the transaction that runs the query, or ALTER ROLE reporting SET ...
    SELECT * FROM orders ORDER BY total;

Fewer and narrower columns in the sorted rows help as much, and an index in that order avoids the sort.

Ignore when: the statement is rare, or runs in so many sessions at once that memory serves better as cache.
Source: https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-WORK-MEM
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.catalog import Catalog
from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Note, Symptom
from pgtune.model.memory import (
    MemorySettings,
    format_kb,
    memory_settings,
    sorted_kb,
    spill_saving,
    suggest_work_mem,
)
from pgtune.model.node_details import IncrementalSortGroups, SortSpace
from pgtune.model.plan import Actual, PlanNode, Role

# Of the sort's own time, with temporary files in the page cache; slower disks save more. Measured on 15.18
# and 18.6, 16 row shapes and sizes: 0 to 0.57, median 0.2; on four queries over TPC-H data -0.2 to 0.3.
SPILL_FRACTION = 0.1
MIN_ROWS_NOTED = 1000  # nobody worries about smaller sorts; chosen
# A sorted row takes at least its estimated width and this much more in the file; measured: 4 to 18 bytes.
_DISK_ROW_HEADER_BYTES = 4


def check(plan: MeasuredPlan, catalog: Catalog | None) -> Iterator[Symptom | Note]:
    """Yield each sort that some process wrote to disk, and a note for those that fitted."""
    settings = memory_settings(plan.plan, catalog)
    for node, actual in plan.measured():
        spaces = _spaces(node)
        on_disk = [space for space in spaces if space.on_disk]
        if on_disk:
            yield _sort_symptom(plan, node, actual, on_disk, settings)
        elif _groups_disk_kb(node):
            yield _groups_symptom(plan, node, actual, settings)
        elif spaces and actual.total_rows >= MIN_ROWS_NOTED:
            used_kb = max(space.space_kb for space in spaces)
            yield Note(f"sorted in memory, {format_kb(used_kb)}", node.number)


def _spaces(node: PlanNode) -> tuple[SortSpace, ...]:
    """What each process used, the leader and its workers."""
    return node.worker_sorts if node.sort is None else (node.sort, *node.worker_sorts)


def _groups_disk_kb(node: PlanNode) -> int:
    return max((groups.peak_disk_kb for groups in _groups(node)), default=0)


def _groups(node: PlanNode) -> tuple[IncrementalSortGroups, ...]:
    return tuple(groups for groups in (node.full_sort_groups, node.presorted_groups) if groups is not None)


def _sort_symptom(
    plan: MeasuredPlan, node: PlanNode, actual: Actual, on_disk: list[SortSpace], settings: MemorySettings
) -> Symptom:
    largest_kb = max(space.space_kb for space in on_disk)
    mean_kb = sum(space.space_kb for space in on_disk) / len(on_disk)
    mean_rows = _sorted_rows(node, actual)
    rows = mean_rows * (largest_kb / mean_kb if mean_kb else 1.0)  # of the process that sorted most
    everything_kb = sorted_kb(sum(space.space_kb for space in on_disk), mean_rows * len(on_disk))
    processes = f" in each of {len(on_disk)} processes" if len(on_disk) > 1 else ""
    return _symptom(
        plan,
        node,
        message=f"{node.label} of {mean_rows:,.0f} rows takes {format_kb(largest_kb)} on disk{processes}",
        needed_kb=sorted_kb(largest_kb, rows),
        settings=settings,
        caution=f" With more memory the planner may sort all in one process, in {format_kb(everything_kb)}."
        if len(on_disk) > 1
        else "",
    )


def _groups_symptom(plan: MeasuredPlan, node: PlanNode, actual: Actual, settings: MemorySettings) -> Symptom:
    """EXPLAIN prints the largest group's space but not its rows."""
    disk_kb = _groups_disk_kb(node)
    width = node.estimate.width if node.estimate is not None else 0
    rows = min(actual.rows, disk_kb * 1024 / (width + _DISK_ROW_HEADER_BYTES))
    return _symptom(
        plan,
        node,
        message=f"{node.label} sorts a group that takes {format_kb(disk_kb)} on disk",
        needed_kb=sorted_kb(disk_kb, rows),
        settings=settings,
    )


def _sorted_rows(node: PlanNode, actual: Actual) -> float:
    """Rows that one process sorts, in one loop; under a LIMIT the sort returns fewer than it reads."""
    below = node.child(Role.OUTER)
    return (
        max(actual.rows, below.actual.rows) if below is not None and below.actual is not None else actual.rows
    )


def _symptom(
    plan: MeasuredPlan,
    node: PlanNode,
    *,
    message: str,
    needed_kb: float,
    settings: MemorySettings,
    caution: str = "",
) -> Symptom:
    advice = suggest_work_mem(needed_kb, settings)
    return Symptom(
        message=message,
        node=node.number,
        saves=spill_saving(plan, node, SPILL_FRACTION),
        cause=Cause.MEMORY,  # where an index can remove the sort, that is a remedy of its own
        detail=f"In memory the rows take {format_kb(needed_kb)}, more than in the file.{caution}",
        hint=advice.hint,
        action=advice.action,
    )
