"""Names of relations in, what the system catalog says about them out."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.rows import dict_row

from pgtune.model.catalog import (
    Catalog,
    CatalogIndex,
    Column,
    ForeignKey,
    IndexKey,
    Relation,
    TableActivity,
    Trigger,
)
from pgtune.model.names import RelationName
from pgtune.sources.connect import ServerConnection
from pgtune.sources.server_errors import Sent, translate
from pgtune.sources.transaction import Timeouts, rolled_back

_TIMEOUTS = Timeouts(statement_ms=10_000, lock_ms=2_000)  # chosen: catalogs of 100,000 tables answer in less
_SETTINGS = {"DateStyle": "ISO"}  # psycopg reads timestamptz in no other style
_INDEX_FLAGS = (
    "partitioned",
    "foreign_key",
    "replica_identity",
    "clustered",
    "immediate",
    "nulls_distinct",
)

Row = dict[str, Any]


def read_catalog(connection: ServerConnection, relations: Collection[RelationName]) -> Catalog:
    """Return *relations*, those that exist, with columns, indexes, foreign keys and activity.

    Where the role may not read the catalog itself, the catalog is empty: missing evidence, no failure.

    Raises:
        StatementCancelled: a lock was not to be had, or the catalog took too long.
        ConnectionLost: the server went away.
    """
    version_num = connection.info.server_version
    started_s = time.perf_counter()
    try:
        with rolled_back(connection, "READ ONLY", _TIMEOUTS, settings=_SETTINGS):
            return _read(connection, relations, version_num)
    except psycopg.errors.InsufficientPrivilege:
        return Catalog(version_num, relations={})
    except psycopg.Error as error:
        sent = Sent(
            target=f"{connection.info.host}:{connection.info.port}",
            text="",
            prefix_chars=0,
            timeout_ms=_TIMEOUTS.statement_ms,
            lock_timeout_ms=_TIMEOUTS.lock_ms,
            elapsed_ms=(time.perf_counter() - started_s) * 1000,
        )
        raise translate(error, sent) from error


def _read(connection: ServerConnection, names: Collection[RelationName], version_num: int) -> Catalog:
    settings = {row["name"]: row["value"] for row in _rows(connection, "settings", {})}
    wanted = {"schemas": [name.schema for name in names], "names": [name.name for name in names]}
    relations = _rows(connection, "relations", wanted)
    oids = {"oids": [row["oid"] for row in relations]}
    columns = _by(_rows(connection, "columns", oids), "relation_oid")
    indexes = _by(_rows(connection, "indexes", oids), "relation_oid")
    foreign_keys = _rows(connection, "foreign_keys", oids)
    triggers = _by(_rows(connection, "triggers", oids), "relation_oid")
    outgoing, incoming = _by(foreign_keys, "relation_oid"), _by(foreign_keys, "referenced_oid")
    found = {}
    for row in relations:
        oid, name = row["oid"], RelationName(row["schema"], row["name"])
        found[name] = Relation(
            name=name,
            kind=row["kind"],
            columns=tuple(_column(column) for column in columns[oid]),
            indexes=tuple(_index(index, name) for index in indexes[oid]),
            foreign_keys=tuple(_foreign_key(key) for key in outgoing[oid]),
            referenced_by=tuple(_foreign_key(key) for key in incoming[oid]),
            activity=_activity(row),
            size_bytes=row["size_bytes"],
            partition_key=row["partition_key"],
            parent=RelationName(row["parent_schema"], row["parent_name"]) if row["parent_name"] else None,
            triggers=tuple(_trigger(trigger) for trigger in triggers[oid]),
            has_heirs=row["has_heirs"],
            has_row_security=row["has_row_security"],
        )
    volatile = frozenset(row["name"] for row in _rows(connection, "volatile_functions", {}))
    return Catalog(version_num, found, settings, volatile)


def _rows(connection: ServerConnection, query: str, parameters: Mapping[str, object]) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_query(query), parameters).fetchall()


@cache
def _query(name: str) -> bytes:
    return files("pgtune.sources").joinpath("queries", f"{name}.sql").read_bytes()


def _by(rows: Iterable[Row], field: str) -> Mapping[int, list[Row]]:
    """Group *rows* as ``{oid: rows}``."""
    groups: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[field]].append(row)
    return groups


def _column(row: Row) -> Column:
    return Column(**{field: value for field, value in row.items() if field != "relation_oid"})


def _index(row: Row, relation: RelationName) -> CatalogIndex:
    fields = ("texts", "is_expression", "descending", "nulls_first", "opclasses", "collations")
    keys = zip(*(row[field] for field in fields), strict=True)
    return CatalogIndex(
        name=RelationName(row["schema"], row["name"]),
        relation=relation,
        access_method=row["access_method"],
        keys=tuple(IndexKey(*key) for key in keys),
        include=tuple(row["include"]),
        predicate=row["predicate"],
        unique=row["unique"],
        primary=row["primary"],
        constraint=row["constraint"],
        valid=row["valid"],
        size_bytes=row["size_bytes"],
        scans=row["scans"],
        definition=row["definition"],
        parent=RelationName(row["parent_schema"], row["parent_name"]) if row["parent_name"] else None,
        **{flag: row[flag] for flag in _INDEX_FLAGS},
    )


def _foreign_key(row: Row) -> ForeignKey:
    return ForeignKey(
        name=row["name"],
        relation=RelationName(row["schema"], row["relation"]),
        columns=tuple(row["columns"]),
        referenced=RelationName(row["referenced_schema"], row["referenced"]),
        referenced_columns=tuple(row["referenced_columns"]),
        indexed=row["indexed"],
        validated=row["validated"],
        deferrable=row["deferrable"],
    )


def _trigger(row: Row) -> Trigger:
    return Trigger(row["name"], row["is_row"], row["timing"], tuple(row["events"]))


def _activity(row: Row) -> TableActivity:
    return TableActivity(**{field: row[field] for field in TableActivity.__dataclass_fields__})
