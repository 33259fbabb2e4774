"""The hash table of a join does not fit in its memory and is split into batches.

A Hash may take work_mem times hash_mem_multiplier. A larger one is split: only the first batch is joined at
once, and the rows of the others, from both sides, are written to temporary files and read again. The
planner chooses the number of batches beforehand; when it expected fewer rows, the table is split again
while it is built ("originally 1"), which costs more, and the estimate is what to look at first.

Instead of:
    SELECT * FROM orders o JOIN users u ON u.id = o.user_id;  -- Buckets: 65536  Batches: 8
Use:
    SET LOCAL work_mem = '24MB';  -- in the transaction that runs the query
    SELECT o.id, o.total, u.email FROM orders o JOIN users u ON u.id = o.user_id;

Narrower rows help as much: every column of the inner side that the query needs is in the hash table.

Ignore when: the statement is rare, or the hash is so large that no session should hold it in memory.
Source: https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-HASH-MEM-MULTIPLIER
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.catalog import Catalog
from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.memory import (
    MemorySettings,
    format_kb,
    hash_table_kb,
    memory_settings,
    spill_saving,
    suggest_hash_mem,
)
from pgtune.model.node_details import HashTable
from pgtune.model.plan import Actual, PlanNode

# Of the own time of the Hash and its join, with temporary files in the page cache. Measured on 15.18 and
# 18.6, 32 joins: -0.7 to 0.64 of the statement, median 0.2.
SPILL_FRACTION = 0.2
UNDERESTIMATED = 2.0  # times the expected rows; a table splits again from there on; chosen


def check(plan: MeasuredPlan, catalog: Catalog | None) -> Iterator[Symptom]:
    """Yield each hash table of more than one batch."""
    settings = memory_settings(plan.plan, catalog)
    for node, actual in plan.measured():
        if node.hash_table is not None and node.hash_table.batches > 1:
            yield _symptom(plan, node, actual, node.hash_table, settings)


def _symptom(
    plan: MeasuredPlan, node: PlanNode, actual: Actual, table: HashTable, settings: MemorySettings
) -> Symptom:
    join = plan.parent(node)
    needed_kb = _needed_kb(node, actual, table)
    # The processes of a parallel hash join share one table, and each adds its memory to it.
    advice = suggest_hash_mem(needed_kb / (plan.processes(node) if node.parallel_aware else 1), settings)
    saves = spill_saving(plan, node, SPILL_FRACTION)
    if join is not None:
        saves += spill_saving(plan, join, SPILL_FRACTION)
    expected = f", {table.original_batches:,} expected" if table.batches > table.original_batches else ""
    return Symptom(
        message=f"{node.label} of {_rows(node, actual):,.0f} rows takes {table.batches:,} batches{expected}",
        node=node.number,
        saves=saves,
        cause=Cause.MEMORY,
        object=_object(node),
        detail=f"{_why(node, actual, table)} In one batch it would take {format_kb(needed_kb)}.",
        hint=advice.hint,
        action=advice.action,
    )


def _rows(node: PlanNode, actual: Actual) -> float:
    """Rows in one table: shared by all processes under Parallel Hash, else one table per process."""
    return actual.total_rows if node.parallel_aware else actual.rows


def _needed_kb(node: PlanNode, actual: Actual, table: HashTable) -> float:
    """Memory for one batch, from rows and width; with COSTS OFF the batches at their largest."""
    if node.estimate is None:
        return table.peak_memory_kb * table.batches
    return max(hash_table_kb(_rows(node, actual), node.estimate.width), table.peak_memory_kb)


def _why(node: PlanNode, actual: Actual, table: HashTable) -> str:
    if table.batches <= table.original_batches:
        return "The planner knew that it would not fit."
    if node.estimate is not None and actual.rows >= UNDERESTIMATED * max(1.0, node.estimate.rows):
        return (
            f"The planner expected {node.estimate.rows:,.0f} rows and not {actual.rows:,.0f}, "
            "so the table was split again while it was built: correct the estimate first."
        )
    return "The rows were wider than expected, or many share a value: the table was split while it was built."


def _object(node: PlanNode) -> str | None:
    """The relation that was hashed, for a key that stays the same from run to run."""
    return next((below.object_name for below in node.walk() if below.object_name is not None), None)
