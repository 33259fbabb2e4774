"""The indexes of a database with what they were used for; what the rules on existing indexes look at."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from pgtune.model.buffers import BLOCK_BYTES
from pgtune.model.catalog import Catalog, CatalogIndex, Relation
from pgtune.model.memory import format_kb
from pgtune.model.names import RelationName, quote_ident
from pgtune.model.snapshot import Snapshot, TableUsage

_DAY_S = 86_400.0


@dataclass(frozen=True)
class ExistingIndexes:
    """Every table of a database with its indexes; scans and sizes are those of the user's server.

    A partitioned index has no file and counts nothing: it is as large as its parts, and used when they are.
    """

    catalog: Catalog
    taken_at: datetime
    counted_since: datetime | None  # the counters run from then or from before; None: not known
    table_usage: Mapping[RelationName, TableUsage] = field(default_factory=dict)
    standbys: int | None = None  # connected; each counts for itself; None: not known
    in_recovery: bool = False  # the counters are those of a standby
    fresh_bytes: Mapping[RelationName, int] = field(default_factory=dict)  # of a fresh build, where known

    @classmethod
    def of(
        cls, catalog: Catalog, snapshot: Snapshot, fresh_bytes: Mapping[RelationName, int]
    ) -> ExistingIndexes:
        """The catalog, which may be a copy's, with the scans and sizes of the server of the snapshot."""
        usage = {each.name: each for each in snapshot.index_usage}
        relations = {}
        for name, relation in catalog.relations.items():
            indexes = (
                replace(index, scans=counted.scans, size_bytes=counted.size_bytes)
                if (counted := usage.get(index.name)) is not None
                else replace(index, scans=None)
                for index in relation.indexes
            )
            relations[name] = replace(relation, indexes=tuple(indexes))
        return cls(
            catalog=replace(catalog, relations=relations),
            taken_at=snapshot.taken_at,
            counted_since=snapshot.counted_since or _oldest_trace(snapshot),
            table_usage={each.relation: each for each in snapshot.table_usage},
            standbys=snapshot.standbys,
            in_recovery=snapshot.in_recovery,
            fresh_bytes=fresh_bytes,
        )

    @property
    def counted_days(self) -> float | None:
        """How long the counters ran at least; None: not known."""
        if self.counted_since is None:
            return None
        return (self.taken_at - self.counted_since).total_seconds() / _DAY_S

    @property
    def indexes(self) -> Iterator[CatalogIndex]:
        """All indexes, table by table."""
        return (index for relation in self.catalog.relations.values() for index in relation.indexes)

    def scans(self, index: CatalogIndex) -> int | None:
        """How often the index or its parts were scanned; None: not counted."""
        counts = [part.scans for part in self._parts(index)]
        known = [count for count in counts if count is not None]
        return sum(known) if counts and len(known) == len(counts) else None

    def size_bytes(self, index: CatalogIndex) -> int:
        """Size of the index with all its parts."""
        return sum(part.size_bytes or 0 for part in self._parts(index))

    def label(self, index: CatalogIndex) -> str:
        """Name and size: "orders_user_id_idx (7.2 MB)"."""
        return f"{quote_ident(index.name.name)} ({format_kb(self.size_bytes(index) / 1024)})"

    def table_blocks(self, relation: Relation) -> int:
        """Blocks of the table with all its partitions, indexes and TOAST left out."""
        return sum(part.size_bytes or 0 for part in self._partitions(relation)) // BLOCK_BYTES

    def deleted_rows(self, relation: Relation) -> int:
        """Rows deleted from the table and its partitions since counting began."""
        usage = (self.table_usage.get(part.name) for part in self._partitions(relation))
        return sum(each.deleted for each in usage if each is not None)

    def entries_written(self, index: CatalogIndex) -> int:
        """Entries that inserts and updates wrote since counting began, those of a partial index at most."""
        usage = (self.table_usage.get(part.relation) for part in self._parts(index))
        return sum(each.inserted + each.updated - each.hot_updated for each in usage if each is not None)

    def taken_names(self, schema: str | None) -> Collection[str]:
        """Names of tables and indexes in the schema, which a new index cannot have."""
        return self._names.get(schema, ())

    def _parts(self, index: CatalogIndex) -> Iterator[CatalogIndex]:
        """The index itself, or what it consists of on the partitions."""
        if not index.partitioned:
            yield index
        for part in self._attached.get(index.name, ()):
            yield from self._parts(part)

    def _partitions(self, relation: Relation) -> Iterator[Relation]:
        yield relation
        for partition in self._children.get(relation.name, ()):
            yield from self._partitions(partition)

    @cached_property
    def _names(self) -> Mapping[str | None, set[str]]:
        groups: dict[str | None, set[str]] = {}
        for name in (*self.catalog.relations, *(index.name for index in self.indexes)):
            groups.setdefault(name.schema, set()).add(name.name)
        return groups

    @cached_property
    def _attached(self) -> Mapping[RelationName, list[CatalogIndex]]:
        groups: dict[RelationName, list[CatalogIndex]] = {}
        for index in self.indexes:
            if index.parent is not None:
                groups.setdefault(index.parent, []).append(index)
        return groups

    @cached_property
    def _children(self) -> Mapping[RelationName, list[Relation]]:
        groups: dict[RelationName, list[Relation]] = {}
        for relation in self.catalog.relations.values():
            if relation.parent is not None:
                groups.setdefault(relation.parent, []).append(relation)
        return groups


def _oldest_trace(snapshot: Snapshot) -> datetime | None:
    """The earliest time that the counters remember: pg_stat_database.stats_reset is NULL before a reset.

    Times of VACUUM, ANALYZE and scans are lost together with the counters.
    """
    times = [
        *(time for each in snapshot.table_usage for time in (each.last_vacuum, each.last_analyze)),
        *(each.last_scan for each in snapshot.index_usage),
    ]
    return min((time for time in times if time is not None), default=None)
