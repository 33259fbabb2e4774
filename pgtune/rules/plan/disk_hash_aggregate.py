"""A hash aggregate does not fit in its memory and goes through temporary files.

A HashAggregate keeps one entry per group. When the entries exceed work_mem times hash_mem_multiplier, rows
of groups that are not there yet are written to partitions on disk, which are aggregated later, one by one
(and split again if they do not fit either). The rows are written, not the groups, so with many rows per
group the files are far larger than the memory that would have sufficed.

Instead of:
    SELECT user_id, count(*) FROM orders GROUP BY user_id;  -- Batches: 21  Disk Usage: 14200kB
Use:
    SET LOCAL work_mem = '24MB';  -- or a higher hash_mem_multiplier, which sorts do not get
    SELECT user_id, count(*) FROM orders GROUP BY user_id;

Ignore when: the statement is rare, or its groups are so many that no session should hold them in memory.
Source: https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-HASH-MEM-MULTIPLIER
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.catalog import Catalog
from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.memory import MemorySettings, format_kb, memory_settings, spill_saving, suggest_hash_mem
from pgtune.model.node_details import HashAggregation
from pgtune.model.plan import PlanNode

# Of the aggregate's own time, with temporary files in the page cache. Measured on 15.18 and 18.6, 14 shapes
# of groups: -0.09 to 0.66, median 0.3; 50,000 groups with 12 rows each on 18.6: -0.2.
SPILL_FRACTION = 0.2


def check(plan: MeasuredPlan, catalog: Catalog | None) -> Iterator[Symptom]:
    """Yield each hash aggregate that some process wrote to disk."""
    settings = memory_settings(plan.plan, catalog)
    for node, _ in plan.measured():
        spilled = [part for part in _parts(node) if part.batches > 1 or part.disk_kb > 0]
        if spilled:
            yield _symptom(plan, node, spilled, settings)


def _parts(node: PlanNode) -> tuple[HashAggregation, ...]:
    """What each process did, the leader and its workers."""
    leader = () if node.hash_aggregation is None else (node.hash_aggregation,)
    return leader + node.worker_hash_aggregations


def _symptom(
    plan: MeasuredPlan, node: PlanNode, spilled: list[HashAggregation], settings: MemorySettings
) -> Symptom:
    # Each batch fitted in the peak, so all at once fit in that many times the peak: measured, 1.1 to 2.7
    # times what was needed with one level of partitions, and never too little.
    needed_kb = max(part.peak_memory_kb * max(2, part.batches) for part in spilled)
    disk_kb = sum(part.disk_kb for part in spilled)
    batches = max(part.batches for part in spilled)
    advice = suggest_hash_mem(needed_kb, settings)
    return Symptom(
        message=f"HashAggregate spills {format_kb(disk_kb)} to disk in {batches:,} batches",
        node=node.number,
        saves=spill_saving(plan, node, SPILL_FRACTION),
        cause=Cause.MEMORY,
        object=", ".join(node.group_key) or None,
        detail=f"A batch took up to {format_kb(max(part.peak_memory_kb for part in spilled))}, "
        f"so {format_kb(needed_kb)} hold all groups at once.",
        hint=advice.hint,
        action=advice.action,
    )
