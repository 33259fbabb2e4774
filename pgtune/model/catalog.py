"""What the system catalog says about the relations of a query: columns, indexes, foreign keys, activity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pgtune.model.names import RelationName


@dataclass(frozen=True, slots=True)
class Column:
    """A column with what ANALYZE found in it, where the role may read that."""

    name: str
    type: str  # as format_type() prints it: "character varying(20)"; of a domain the type below it
    not_null: bool
    n_distinct: float | None = None  # < 0: minus a fraction of the rows; None: no statistics, or no privilege
    avg_width: int | None = None  # bytes
    null_fraction: float | None = None  # 0..1
    correlation: float | None = None  # -1..1, physical against logical order
    default: str | None = None  # as SQL; of a generated column its expression
    generated: str = ""  # pg_attribute.attgenerated: s stored, v virtual
    identity: str = ""  # pg_attribute.attidentity: a always, d by default
    is_domain: bool = False
    sorts_by_bytes: bool | None = None  # its collation is C; None: its type has none, or not known
    is_nondeterministic: bool = False  # its collation takes some different texts for equal


@dataclass(frozen=True, slots=True)
class IndexKey:
    """One key column of an index."""

    text: str  # a column's name without quotes, or an expression as SQL
    is_expression: bool = False
    descending: bool = False
    nulls_first: bool = False  # True also for a plain DESC
    opclass: str | None = None  # None: the default operator class of the type
    collation: str | None = None  # as SQL spells it; None: the column's own


@dataclass(frozen=True, slots=True)
class CatalogIndex:
    """An index that exists."""

    name: RelationName
    relation: RelationName
    access_method: str  # "btree", "gin", ...
    keys: tuple[IndexKey, ...]
    include: tuple[str, ...]
    predicate: str | None
    unique: bool
    primary: bool
    constraint: str | None  # the constraint that this index backs: it cannot be dropped alone
    valid: bool  # False after a failed CREATE INDEX CONCURRENTLY
    size_bytes: int | None
    scans: int | None  # since the statistics were last reset
    definition: str  # CREATE INDEX ..., as pg_get_indexdef() writes it
    parent: RelationName | None = None  # the index of a partitioned table that this is a part of
    partitioned: bool = False  # of a partitioned table: no file of its own
    foreign_key: str | None = None  # one that refers to the columns by this index: it cannot be dropped
    replica_identity: bool = False  # logical replication finds updated and deleted rows by it
    clustered: bool = False  # CLUSTER sorts the table by it
    immediate: bool = True  # False: uniqueness is checked when a deferrable constraint says
    nulls_distinct: bool = True  # False: NULLs count as equal (15 and later)

    @property
    def columns(self) -> frozenset[str]:
        """Names of the columns that an index-only scan can return."""
        return frozenset((*(part.text for part in self.keys if not part.is_expression), *self.include))

    @property
    def key(self) -> tuple[str, ...]:
        """Column names and expressions in key order."""
        return tuple(part.text for part in self.keys)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key constraint, seen from either side."""

    name: str
    relation: RelationName
    columns: tuple[str, ...]
    referenced: RelationName
    referenced_columns: tuple[str, ...]
    indexed: bool  # a valid, unconditional index of `relation` starts with `columns`, in any order
    validated: bool = True  # False: NOT VALID or NOT ENFORCED, old rows may break it
    deferrable: bool = False  # True: rows may break it until their transaction ends


@dataclass(frozen=True, slots=True)
class Trigger:
    """A user's trigger that is enabled."""

    name: str
    is_row: bool  # FOR EACH ROW
    timing: str  # BEFORE, AFTER, INSTEAD OF
    events: tuple[str, ...]  # INSERT, UPDATE, DELETE, TRUNCATE


@dataclass(frozen=True, slots=True)
class TableActivity:
    """What the statistics views and pg_class count for a relation; all are estimates."""

    reltuples: float  # -1 = never vacuumed or analyzed (since 14; 0 before)
    relpages: int  # blocks
    relallvisible: int  # blocks
    n_live_tup: int
    n_dead_tup: int
    n_mod_since_analyze: int
    last_vacuum: datetime | None  # by hand or by autovacuum, whichever is later
    last_analyze: datetime | None


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, partition, materialized view or foreign table."""

    name: RelationName
    kind: str  # pg_class.relkind: r, p, m, f, v
    columns: tuple[Column, ...]
    indexes: tuple[CatalogIndex, ...]
    foreign_keys: tuple[ForeignKey, ...]
    referenced_by: tuple[ForeignKey, ...]
    activity: TableActivity
    size_bytes: int | None  # main fork, without indexes and TOAST; None: dropped meanwhile
    partition_key: str | None  # "RANGE (created_at)" of a partitioned table
    parent: RelationName | None  # the partitioned table this is a partition of
    triggers: tuple[Trigger, ...] = ()
    has_heirs: bool = False  # tables that INHERIT it: its constraints need not hold for their rows
    has_row_security: bool = False  # a role may see fewer rows than foreign keys do

    @property
    def is_partition(self) -> bool:
        """True for a partition of another relation."""
        return self.parent is not None

    def column(self, name: str) -> Column | None:
        """The column called *name*, or None."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Catalog:
    """The relations of one query and the settings that shape plans."""

    version_num: int  # 180006 = 18.6
    relations: Mapping[RelationName, Relation]
    settings: Mapping[str, str] = field(default_factory=dict)  # as SHOW prints them: "4MB"
    volatile_functions: frozenset[str] | None = None  # names, without schema; None: not known

    def find(self, name: RelationName) -> Relation | None:
        """The relation called *name*; without a schema only where one relation alone bears the name."""
        if name.schema is not None:
            return self.relations.get(name)
        found = [relation for key, relation in self.relations.items() if key.name == name.name]
        return found[0] if len(found) == 1 else None
