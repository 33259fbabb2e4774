"""One transaction in; what catalogs and statistics views say for a Snapshot out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, TypeVar

import psycopg
from psycopg import sql

from pgtune.model.names import RelationName
from pgtune.model.snapshot import (
    ColumnStatistics,
    DatabaseLocale,
    ExtendedStatistics,
    Extension,
    IndexUsage,
    RelationState,
    TableUsage,
)
from pgtune.sources.connect import ServerConnection
from pgtune.sources.snapshot_queries import Row, fetch_row, fetch_rows

PAGEINSPECT = "pageinspect"

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Database:
    """The database that is asked, and who asks."""

    name: str
    role: str
    backend_pid: int
    is_superuser: bool
    block_bytes: int
    extensions: tuple[Extension, ...]
    locale: DatabaseLocale
    counted_since: datetime | None
    standbys: int | None
    in_recovery: bool


class Relations(TypedDict):
    """Fields of Snapshot."""

    relations: tuple[RelationState, ...]


class Statistics(TypedDict):
    """Fields of Snapshot."""

    statistics: tuple[ColumnStatistics, ...]
    extended_statistics: tuple[ExtendedStatistics, ...]


class Usage(TypedDict):
    """Fields of Snapshot."""

    index_usage: tuple[IndexUsage, ...]
    table_usage: tuple[TableUsage, ...]


def read_settings(connection: ServerConnection) -> Mapping[str, str]:
    """Read the session's settings that shape plans, as SHOW prints them.

    Raises:
        psycopg.Error: the server refused.
    """
    return {row["name"]: row["value"] for row in fetch_rows(connection, "snapshot_settings")}


def read_database(connection: ServerConnection) -> Database:
    """Read what concerns the database as a whole.

    Raises:
        psycopg.Error: the server refused.
    """
    row = fetch_row(connection, "snapshot_database")
    assert row is not None  # the database that we are connected to exists
    extensions = fetch_rows(connection, "snapshot_extensions")
    return Database(
        name=row["database"],
        role=row["role"],
        backend_pid=row["backend_pid"],
        is_superuser=row["is_superuser"],
        block_bytes=int(row["block_size"]),
        extensions=tuple(_value(Extension, extension) for extension in extensions),
        locale=_value(DatabaseLocale, row),
        counted_since=row["counted_since"],
        standbys=row["standbys"],
        in_recovery=row["in_recovery"],
    )


def read_relations(connection: ServerConnection, database: Database) -> Relations:
    """Read sizes as files and catalog have them, with heights of B-trees where pageinspect may tell.

    Raises:
        psycopg.Error: the server refused.
    """
    heights = _heights(connection, database)
    states = (
        _value(RelationState, row, name=_name(row), height=heights.get(_name(row)))
        for row in fetch_rows(connection, "snapshot_relations")
    )
    return Relations(relations=tuple(states))


def read_statistics(connection: ServerConnection) -> Statistics:
    """Read what ANALYZE found.

    Raises:
        psycopg.Error: the server refused.
    """
    columns = fetch_rows(connection, "snapshot_statistics")
    extended = fetch_rows(connection, "snapshot_extended_statistics")
    return Statistics(
        statistics=tuple(_value(ColumnStatistics, row, relation=_name(row)) for row in columns),
        extended_statistics=tuple(_value(ExtendedStatistics, row, name=_name(row)) for row in extended),
    )


def read_usage(connection: ServerConnection) -> Usage:
    """Read the activity counters of tables and indexes.

    Raises:
        psycopg.Error: the server refused.
    """
    indexes = (
        _value(IndexUsage, row, name=_name(row), relation=RelationName(row["schema"], row["table"]))
        for row in fetch_rows(connection, "snapshot_index_usage")
    )
    return Usage(
        index_usage=tuple(indexes),
        table_usage=tuple(_table_usage(row) for row in fetch_rows(connection, "snapshot_table_usage")),
    )


def _heights(connection: ServerConnection, database: Database) -> Mapping[RelationName, int]:
    """Empty without pageinspect or superuser, and where an index cannot be opened just now."""
    schema = next((known.schema for known in database.extensions if known.name == PAGEINSPECT), None)
    if schema is None or not database.is_superuser:
        return {}
    try:
        with connection.transaction():  # a savepoint
            rows = fetch_rows(connection, "snapshot_heights", schema=sql.Identifier(schema))
    except psycopg.DatabaseError as error:
        if error.sqlstate is None:  # the connection is gone
            raise
        return {}
    return {_name(row): row["height"] for row in rows}


def _table_usage(row: Row) -> TableUsage:
    index = row["replica_identity_index"]
    return _value(
        TableUsage,
        row,
        relation=_name(row),
        replica_identity_index=None if index is None else RelationName(row["schema"], index),
    )


def _name(row: Row) -> RelationName:
    return RelationName(row["schema"], row["name"])


def _value(kind: type[Value], row: Mapping[str, Any], **fields: object) -> Value:
    """The columns of *row* that are fields of *kind*, arrays as tuples; *fields* come before them."""
    known: Mapping[str, object] = getattr(kind, "__dataclass_fields__")  # noqa: B009 - type[Value] has no such name
    own = {
        name: tuple(cell) if isinstance(cell, list) else cell for name, cell in row.items() if name in known
    }
    return kind(**{**own, **fields})
