"""What the counters of a server say about the indexes of a catalog that may be a copy's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from pgtune.model.existing_indexes import ExistingIndexes
from pgtune.model.names import RelationName
from pgtune.model.snapshot import IndexUsage, Snapshot
from tests.catalog_yaml import read_catalog
from tests.existing_indexes_yaml import read_existing_indexes, table_usage

EVENTS, FIRST = RelationName("public", "events"), RelationName("public", "events_1")
SEEN = datetime(2026, 3, 1, tzinfo=UTC)
SNAPSHOT = Snapshot(
    pgtune_version="1",
    taken_at=datetime(2026, 6, 1, tzinfo=UTC),
    version_num=180000,
    database="shop",
    settings={},
    extensions=(),
    ddl=(),
    relations=(),
    statistics=(),
)
TREE = """
relations:
  public.events: {kind: p, pages: 0, indexes: [{name: events_n_idx, key: [n], partitioned: true}]}
  public.events_1:
    parent: public.events
    pages: 7
    indexes: [{name: events_1_n_idx, key: [n], parent: public.events_n_idx, mb: 3, scans: 5}]
  public.events_2:
    parent: public.events
    pages: 8
    indexes: [{name: events_2_n_idx, key: [n], parent: public.events_n_idx, mb: 4, scans: 6}]
tables: {public.events_1: {inserted: 10, updated: 8, hot_updated: 6}, public.events_2: {deleted: 2}}
"""


def test_scans_and_sizes_are_those_of_the_server_and_unknown_where_it_counted_none() -> None:
    indexes = "[{name: i, key: [a], scans: 0}, {name: j, key: [b], scans: 0}]"
    copy = read_catalog(f"relations: {{public.orders: {{indexes: {indexes}}}}}")
    counted = IndexUsage(RelationName("public", "i"), RelationName("public", "orders"), 7, None, 8192)
    existing = ExistingIndexes.of(copy, replace(SNAPSHOT, index_usage=(counted,)), {})
    assert [(index.scans, index.size_bytes) for index in existing.indexes] == [(7, 8192), (None, None)]


def test_a_server_that_never_reset_its_counters_counts_since_the_oldest_time_it_remembers() -> None:
    catalog = read_catalog("relations: {}")
    used = replace(SNAPSHOT, table_usage=(table_usage(EVENTS, last_analyze=SEEN), table_usage(FIRST)))
    reset = replace(used, counted_since=datetime(2026, 5, 31, tzinfo=UTC))
    days = [ExistingIndexes.of(catalog, each, {}).counted_days for each in (SNAPSHOT, used, reset)]
    assert days == [None, 92, 1]


def test_a_partitioned_index_is_as_large_and_as_used_as_its_parts() -> None:
    existing = read_existing_indexes(TREE)
    index = next(existing.indexes)
    assert existing.size_bytes(index) == 7 * 1024**2
    assert existing.scans(index) == 11
    assert existing.entries_written(index) == 12


def test_a_partitioned_table_is_as_large_as_its_partitions() -> None:
    existing = read_existing_indexes(TREE)
    table = existing.catalog.relations[EVENTS]
    assert existing.table_blocks(table) == 15
    assert existing.deleted_rows(table) == 2


def test_a_partitioned_index_without_parts_is_not_counted() -> None:
    bare = "relations: {t: {kind: p, indexes: [{name: i, key: [a], partitioned: true}]}}"
    existing = read_existing_indexes(bare)
    assert existing.scans(next(existing.indexes)) is None
