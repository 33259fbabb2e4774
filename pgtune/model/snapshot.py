"""What production's planner knows, without a row of its tables: schema, statistics, sizes, settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pgtune.model.names import RelationName

STATEMENTS_VIEW = "pg_stat_statements"  # also the Unseen.object of statements that are hidden


@dataclass(frozen=True, slots=True)
class RelationState:
    """A table, index or materialized view as pg_class and its file describe it."""

    name: RelationName
    kind: str  # pg_class.relkind: r, p, m, i, I, f
    file_blocks: int  # of the main fork as it is now; what the planner scales by
    relpages: int  # blocks, when VACUUM or ANALYZE last counted
    reltuples: float  # -1: never counted
    relallvisible: int  # blocks
    relallfrozen: int | None = None  # blocks; 18 and later
    height: int | None = None  # levels above the leaves of a B-tree, where pageinspect could tell


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """One row of pg_stats; arrays of values stay array literals, as the server writes them."""

    relation: RelationName  # an index's name for what it computes
    column: str
    inherited: bool  # of a whole inheritance or partition tree
    null_fraction: float
    avg_width: int  # bytes
    n_distinct: float  # < 0: minus a fraction of the rows
    most_common_values: str | None = None
    most_common_frequencies: tuple[float, ...] | None = None
    histogram_bounds: str | None = None
    correlation: float | None = None
    most_common_elements: str | None = None
    most_common_element_frequencies: tuple[float, ...] | None = None
    element_count_histogram: tuple[float, ...] | None = None
    range_length_histogram: str | None = None  # 17 and later
    range_empty_fraction: float | None = None  # 17 and later
    range_bounds_histogram: str | None = None  # 17 and later
    type: str | None = None  # as format_type() writes it; a domain's base type
    type_category: str | None = None  # pg_type.typcategory; an array's is that of its elements


@dataclass(frozen=True, slots=True)
class ExtendedStatistics:
    """What ANALYZE found for one CREATE STATISTICS, as pg_stats_ext prints it."""

    name: RelationName
    inherited: bool
    n_distinct: str | None = None  # {"1, 2": 5000, ...}: attribute numbers, estimate
    dependencies: str | None = None  # {"1 => 2": 0.97, ...}


@dataclass(frozen=True, slots=True)
class DatabaseLocale:
    """How the database spells and sorts text, from pg_database."""

    encoding: str = "UTF8"
    provider: str = "c"  # datlocprovider: c libc, i ICU (15), b builtin (17)
    collate: str = "C"
    ctype: str = "C"
    locale: str | None = None  # of ICU and builtin
    icu_rules: str | None = None  # 16 and later


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension that is installed."""

    name: str
    schema: str
    version: str


@dataclass(frozen=True, slots=True)
class IndexUsage:
    """How often an index was used on the server that was asked; standbys count for themselves."""

    name: RelationName
    relation: RelationName
    scans: int
    last_scan: datetime | None  # 16 and later
    size_bytes: int


@dataclass(frozen=True, slots=True)
class TableUsage:
    """Rows written and read since the statistics were reset, and the state of the table's own statistics."""

    relation: RelationName
    seq_scans: int
    idx_scans: int
    inserted: int  # rows
    updated: int
    hot_updated: int  # of those updated
    deleted: int
    live: int  # rows, estimated
    dead: int
    modified_since_analyze: int
    last_vacuum: datetime | None
    last_analyze: datetime | None
    replica_identity: str = "d"  # pg_class.relreplident: d default, n nothing, f full, i index
    replica_identity_index: RelationName | None = None


@dataclass(frozen=True, slots=True)
class StatementStatistics:
    """One row of pg_stat_statements, added up over users and levels."""

    query_id: int | None
    text: str  # with $1, $2, ...; a utility statement's own literals are replaced by '***'
    calls: int
    total_ms: float  # execution, and planning where it was counted
    rows: int


@dataclass(frozen=True, slots=True)
class Unseen:
    """Something that the role may not read, and what is missing for it."""

    object: str
    reason: str
    table: RelationName | None = None  # one that is therefore not in the DDL either


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One database of one server, at one moment."""

    pgtune_version: str
    taken_at: datetime
    version_num: int  # 180006 = 18.6
    database: str
    settings: Mapping[str, str]  # that shape plans, as SHOW prints them; search_path with "$user" resolved
    extensions: tuple[Extension, ...]
    # Statements of pg_dump --schema-only --quote-all-identifiers, in its order, without psql commands and
    # timeouts, without CREATE USER MAPPING and without the OPTIONS of CREATE SERVER: those hold passwords.
    ddl: tuple[str, ...]
    relations: tuple[RelationState, ...]
    statistics: tuple[ColumnStatistics, ...]
    extended_statistics: tuple[ExtendedStatistics, ...] = ()
    index_usage: tuple[IndexUsage, ...] = ()
    table_usage: tuple[TableUsage, ...] = ()
    counted_since: datetime | None = None  # pg_stat_database.stats_reset
    standbys: int | None = None  # connected now; None: the role may not see them
    in_recovery: bool = False  # the server that was asked is a standby
    statements: tuple[StatementStatistics, ...] = ()
    statements_since: datetime | None = None  # pg_stat_statements_info.stats_reset
    statements_missing: str | None = None  # why there are none: "pg_stat_statements is not installed"
    unseen: tuple[Unseen, ...] = ()
    redacted: bool = False
    locale: DatabaseLocale = DatabaseLocale()
