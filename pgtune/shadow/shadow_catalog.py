"""A shadow and its snapshot in, the catalog of the server that they stand for out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pgtune.model.catalog import Catalog, CatalogIndex, Relation, TableActivity
from pgtune.model.names import RelationName
from pgtune.model.snapshot import IndexUsage, Snapshot, TableUsage
from pgtune.shadow.database import Shadow
from pgtune.shadow.what_if.session import connect_planner
from pgtune.sources.catalog import read_catalog

_TABLE_KINDS = frozenset({"r", "p", "m"})


def shadow_catalog(shadow: Shadow, snapshot: Snapshot) -> Catalog:
    """Return all tables of the snapshot that the shadow has, with the counters that only the snapshot knows.

    Raises:
        ServerError: the shadow ended.
    """
    names = [state.name for state in snapshot.relations if state.kind in _TABLE_KINDS]
    with connect_planner(shadow.databases[0]) as connection:
        catalog = read_catalog(connection, names)
    tables = {usage.relation: usage for usage in snapshot.table_usage}
    indexes = {usage.name: usage for usage in snapshot.index_usage}
    relations = {
        name: _counted(relation, tables.get(name), indexes) for name, relation in catalog.relations.items()
    }
    return replace(catalog, version_num=snapshot.version_num, relations=relations, settings=snapshot.settings)


def _counted(
    relation: Relation, usage: TableUsage | None, indexes: Mapping[RelationName, IndexUsage]
) -> Relation:
    return replace(
        relation,
        activity=relation.activity if usage is None else _activity(relation.activity, usage),
        indexes=tuple(_used(index, indexes.get(index.name)) for index in relation.indexes),
    )


def _activity(activity: TableActivity, usage: TableUsage) -> TableActivity:
    return replace(
        activity,
        n_live_tup=usage.live,
        n_dead_tup=usage.dead,
        n_mod_since_analyze=usage.modified_since_analyze,
        last_vacuum=usage.last_vacuum,
        last_analyze=usage.last_analyze,
    )


def _used(index: CatalogIndex, usage: IndexUsage | None) -> CatalogIndex:
    if usage is None:
        return index
    return replace(index, scans=usage.scans, size_bytes=usage.size_bytes)
