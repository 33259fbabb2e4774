"""A tuple store outgrows work_mem and goes to disk.

A window function keeps the rows of its partition, Materialize, CTE Scan, WITH RECURSIVE and XMLTABLE or
JSON_TABLE keep the rows of their input. What does not fit in work_mem goes to a temporary file and is read
back. PostgreSQL 18 and later print which way it went and how large the store became.

Instead of:
    SELECT *, sum(total) OVER (PARTITION BY region) FROM orders;  -- Storage: Disk  Maximum Storage: 40132kB
Use:
    SELECT id, region, total, sum(total) OVER (PARTITION BY region) FROM orders;  -- narrower rows

Ignore when: the statement is rare; reading the store once from the page cache costs little.
Source: https://www.postgresql.org/docs/18/runtime-config-resource.html#GUC-WORK-MEM
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.catalog import Catalog
from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.memory import (
    MemorySettings,
    format_kb,
    memory_settings,
    spill_saving,
    stored_kb,
    suggest_work_mem,
)
from pgtune.model.node_details import Storage
from pgtune.model.plan import Actual, PlanNode

# Of the node's own time, with temporary files in the page cache. Measured on 18.6, CTE Scan, WindowAgg and
# Materialize with 4 row widths: 0.04 to 0.28 of the statement, median 0.07.
SPILL_FRACTION = 0.1


def check(plan: MeasuredPlan, catalog: Catalog | None) -> Iterator[Symptom]:
    """Yield each tuple store on disk; the scans of one CTE share one."""
    settings = memory_settings(plan.plan, catalog)
    first_scan: dict[str, int] = {}  # of each CTE
    for node, actual in plan.measured():
        if node.storage is None or not node.storage.on_disk:
            continue
        shared_by = first_scan.setdefault(node.cte_name, node.number) if node.cte_name else node.number
        yield _symptom(plan, node, actual, node.storage, shared_by, settings)


def _symptom(
    plan: MeasuredPlan,
    node: PlanNode,
    actual: Actual,
    storage: Storage,
    shared_by: int,
    settings: MemorySettings,
) -> Symptom:
    needed_kb = stored_kb(storage.max_kb, _most_rows(node, actual))
    advice = suggest_work_mem(needed_kb, settings)
    return Symptom(
        message=f"{node.label} keeps {format_kb(storage.max_kb)} on disk",
        node=node.number,
        saves=spill_saving(plan, node, SPILL_FRACTION),
        cause=Cause.MEMORY,
        cause_node=shared_by,
        detail=f"In memory the rows take {format_kb(needed_kb)}, more than in the file.",
        hint=advice.hint,
        action=advice.action,
    )


def _most_rows(node: PlanNode, actual: Actual) -> float:
    """Rows that the store may have held: those read back in a loop, or all of its input."""
    filled = max((below.actual.total_rows for below in node.inputs if below.actual is not None), default=0.0)
    return max(filled, actual.rows + node.removed.by_filter)
