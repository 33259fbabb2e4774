"""Statements that write in, what is written to each table, and what each index costs by that, out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pgtune.advice.selection.write_cost import KeptIndex, Machine, TableWrites, write_cost
from pgtune.model.buffers import BLOCK_BYTES
from pgtune.model.catalog import Catalog, Relation
from pgtune.model.index_advice import WriteCost
from pgtune.model.names import RelationName
from pgtune.model.snapshot import TableUsage
from pgtune.model.workload import Write, WriteKind

_INSERTS = frozenset({WriteKind.INSERT, WriteKind.COPY})
_UPDATES = frozenset({WriteKind.UPDATE, WriteKind.MERGE})


def workload_writes(
    writes: Iterable[Write], catalog: Catalog, usage: Iterable[TableUsage]
) -> Mapping[RelationName, TableWrites]:
    """Return what is written to each table of the catalog that statements name; others are left out.

    The statements count, for they cover the period that the queries do; the counters of the server tell only
    which share of the updates was HOT.
    """
    found: defaultdict[RelationName, list[Write]] = defaultdict(list)
    for write in writes:
        relation = catalog.find(write.relation)
        if relation is not None:
            found[relation.name].append(write)
    counted = {each.relation: each for each in usage}
    return {
        name: _table_writes(catalog.relations[name], own, counted.get(name)) for name, own in found.items()
    }


def _table_writes(relation: Relation, writes: Iterable[Write], usage: TableUsage | None) -> TableWrites:
    writes = tuple(writes)
    updates = tuple(write for write in writes if write.kind in _UPDATES)
    updated = sum(write.rows for write in updates)
    rows = max(relation.activity.reltuples, float(usage.live) if usage is not None else 0.0, 1.0)
    return TableWrites(
        inserted=sum(write.rows for write in writes if write.kind in _INSERTS),
        updated=updated,
        hot_updated=updated * _hot_share(relation, updates, usage),
        updates=updates,
        rows=rows,
        row_bytes=(relation.size_bytes or relation.activity.relpages * BLOCK_BYTES) / rows,
        indexes=sum(index.valid for index in relation.indexes),
    )


def _hot_share(relation: Relation, updates: Iterable[Write], usage: TableUsage | None) -> float:
    """As counted; without counters, the share of updates that touch no index."""
    if usage is not None and usage.updated:
        return usage.hot_updated / usage.updated
    indexed = frozenset(column for index in relation.indexes for column in index.columns)
    rows = {write: write.rows for write in updates}
    total = sum(rows.values())
    free = sum(count for write, count in rows.items() if not write.columns & indexed)
    return free / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Kept:
    """An index to be kept up to date, planned or existing."""

    relation: RelationName
    leading: str  # its first key column, or an expression
    index: KeptIndex


def keeping_costs(
    kept: Mapping[int, Kept],
    written: Mapping[RelationName, TableWrites],
    catalog: Catalog,
    machine: Machine,
) -> Mapping[int, WriteCost]:
    """Return what each of the numbered indexes costs; those of tables without writes are left out."""
    costs = {}
    for number, each in kept.items():
        table = written.get(each.relation)
        if table is not None:
            column = catalog.relations[each.relation].column(each.leading)
            correlation = column.correlation if column is not None else None
            costs[number] = write_cost(each.index, table, machine, correlation)
    return costs
