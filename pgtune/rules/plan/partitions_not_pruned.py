"""A partitioned table is searched partition by partition, and most have nothing.

The planner leaves out partitions only when a predicate compares the partition key itself with a constant
or a parameter. Without one, every partition is opened and searched; with thousands of them, planning
suffers too.

Instead of:
    SELECT * FROM events WHERE session_id = 7;  -- PARTITION BY RANGE (created_at)
    SELECT * FROM events WHERE created_at::date = '2026-03-01';
Use:
    SELECT * FROM events WHERE session_id = 7 AND created_at >= '2026-03-01';
    SELECT * FROM events WHERE created_at >= '2026-03-01' AND created_at < '2026-03-02';

Ignore when: the rows wanted really may be in any partition and an index in each of them finds out quickly.
Source: https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITION-PRUNING
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgtune.model.catalog import Catalog
from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.names import RelationName
from pgtune.model.plan import Actual, PlanNode
from pgtune.parse.qual import read_clauses

MIN_PARTITIONS = 4  # searched; fewer are hardly worth a predicate; chosen
MIN_IDLE_FRACTION = 0.7  # of the partitions searched, that returned nothing; chosen

_APPENDS = frozenset({"Append", "Merge Append"})
_NUMBERED = re.compile(r"_\d+$")


def check(
    plan: MeasuredPlan,
    catalog: Catalog | None,
    *,
    min_partitions: float = MIN_PARTITIONS,
    min_idle_fraction: float = MIN_IDLE_FRACTION,
) -> Iterator[Symptom]:
    """Yield each Append that searches many partitions of one table of which most return nothing."""
    for node, actual in plan.measured():
        if node.node_type not in _APPENDS or node.subplans_removed:
            continue
        searched = [child for child in node.inputs if child.executed]
        if len(searched) < min_partitions:
            continue
        idle = _idle(actual, searched)
        scans = [scan for child in searched if (scan := _scan_below(child)) is not None]
        if idle < min_idle_fraction * len(searched) or len(scans) < len(searched):
            continue
        table = _partitioned_table(scans, catalog)
        # Without a predicate there is nothing to prune by, and empty partitions cost nothing.
        if table is not None and all(any(scan.quals.texts()) for scan in scans):
            yield _symptom(plan, node, searched, idle, _key_problem(scans[0], table, catalog), table)


def _idle(actual: Actual, searched: list[PlanNode]) -> float:
    """Partitions that returned nothing, in the mean of the loops; a lower bound where rows are rounded."""
    if actual.loops == 1:
        return sum(child.actual is not None and child.actual.rows == 0 for child in searched)
    return max(0.0, len(searched) - actual.rows - 0.5)  # each row comes from one partition


def _scan_below(child: PlanNode) -> PlanNode | None:
    """The scan of a partition, perhaps below a Sort or the like."""
    node = child
    while node.relation is None and len(node.inputs) == 1:
        node = node.inputs[0]
    return node if node.relation is not None else None


def _partitioned_table(scans: list[PlanNode], catalog: Catalog | None) -> str | None:
    """The one table that all scans are partitions of; None when they are not, as in a UNION ALL."""
    relations = {scan.relation for scan in scans if scan.relation is not None}
    parents = {_parent(relation, catalog) for relation in relations}
    if parents != {None}:
        (parent, *others) = parents
        return str(parent) if not others else None
    # EXPLAIN numbers the partitions from the alias of their table: events_1, events_2, ...
    stems = {_NUMBERED.sub("", scan.alias or "") for scan in scans}
    numbered = all(_NUMBERED.search(scan.alias or "") for scan in scans)
    return stems.pop() if numbered and len(stems) == 1 and len(relations) == len(scans) else None


def _parent(relation: RelationName, catalog: Catalog | None) -> RelationName | None:
    found = catalog.find(relation) if catalog is not None else None
    return found.parent if found is not None else None


def _key_problem(scan: PlanNode, table: str, catalog: Catalog | None) -> str:
    """Why nothing was pruned, as far as the catalog tells."""
    parent = _parent(scan.relation, catalog) if scan.relation is not None else None
    partitioned = catalog.find(parent) if catalog is not None and parent is not None else None
    if partitioned is None or partitioned.partition_key is None:
        return f"No predicate lets the planner leave out partitions of {table}."
    key = partitioned.partition_key
    mentioned = {
        ref.name for text in scan.quals.texts() for clause in read_clauses(text) for ref in clause.columns
    }
    if any(
        re.search(rf'[(, "]{re.escape(column.name)}[), "]', key)
        for column in partitioned.columns
        if column.name in mentioned
    ):
        return f"The partition key, {key}, is in the predicate, but not compared by itself with a constant."
    return f"The partition key, {key}, is not in the predicate."


def _symptom(
    plan: MeasuredPlan, node: PlanNode, searched: list[PlanNode], idle: float, problem: str, table: str
) -> Symptom:
    loops = node.actual.loops if node.actual is not None else 1
    wasted = sum(
        plan.share_below(child)
        for child in searched
        if loops > 1 or (child.actual is not None and child.actual.rows == 0)
    )
    each = " in each loop" if loops > 1 else ""
    return Symptom(
        message=f"{node.node_type} searches {len(searched):,} partitions of {table}, of which {idle:,.0f} "
        f"return nothing{each}",
        node=node.number,
        # The searches that found nothing; in several loops, their part of all searches.
        saves=wasted * idle / len(searched) if loops > 1 else wasted,
        cause=Cause.ACCESS_PATH,
        object=table,
        detail=problem,
        hint="Add a predicate that compares the partition key, bare, with a constant or parameter.",
    )
