"""A Catalog written down as YAML, for case files.

relations:
  public.orders:
    rows: 600000
    columns: {id: bigint not null, user_id: integer}
    indexes:
      - {name: orders_pkey, key: [id], unique: true, primary: true}
    foreign_keys:
      - {name: orders_user_fk, columns: [user_id], references: public.users, referenced: [id], indexed: false}
    activity: {n_mod_since_analyze: 100, last_analyze: 2026-01-01}
settings: {work_mem: 4MB}
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import yaml

from pgtune.model.catalog import Catalog, CatalogIndex, Column, ForeignKey, IndexKey, Relation, TableActivity
from pgtune.model.names import RelationName

_INDEX_FLAGS = (
    "partitioned",
    "foreign_key",
    "replica_identity",
    "clustered",
    "immediate",
    "nulls_distinct",
)


def read_catalog(text: str) -> Catalog:
    return as_catalog(yaml.safe_load(text))


def as_catalog(raw: dict[str, Any]) -> Catalog:
    relations = {name: _relation(name, body or {}) for name, body in raw["relations"].items()}
    return Catalog(
        version_num=raw.get("version_num", 180000),
        relations={relation.name: relation for relation in relations.values()},
        settings=raw.get("settings", {}),
    )


def as_name(text: str) -> RelationName:
    schema, _, name = text.rpartition(".")
    return RelationName(schema or None, name)


def _relation(text: str, body: dict[str, Any]) -> Relation:
    name = as_name(text)
    return Relation(
        name=name,
        kind=body.get("kind", "r"),
        columns=tuple(_column(column, spec) for column, spec in body.get("columns", {}).items()),
        indexes=tuple(_index(name, index) for index in body.get("indexes", [])),
        foreign_keys=tuple(_foreign_key(name, key) for key in body.get("foreign_keys", [])),
        referenced_by=tuple(
            _foreign_key(as_name(key["relation"]), key) for key in body.get("referenced_by", [])
        ),
        activity=_activity(body.get("rows", 1000), body.get("pages", 10), body.get("activity", {})),
        size_bytes=body.get("pages", 10) * 8192,
        partition_key=body.get("partition_key"),
        parent=as_name(body["parent"]) if "parent" in body else None,
    )


def _column(name: str, spec: str | dict[str, Any]) -> Column:
    extra = dict(spec) if isinstance(spec, dict) else {"type": spec}
    words = extra.pop("type")
    return Column(
        name=name, type=words.removesuffix(" not null"), not_null=words.endswith(" not null"), **extra
    )


def _index(relation: RelationName, body: dict[str, Any]) -> CatalogIndex:
    keys = tuple(IndexKey(key) if isinstance(key, str) else IndexKey(**key) for key in body["key"])
    return CatalogIndex(
        name=RelationName(relation.schema, body["name"]),
        relation=relation,
        access_method=body.get("method", "btree"),
        keys=keys,
        include=tuple(body.get("include", [])),
        predicate=body.get("predicate"),
        unique=body.get("unique", False),
        primary=body.get("primary", False),
        constraint=body.get("constraint"),
        valid=body.get("valid", True),
        size_bytes=int(body["mb"] * 1024**2) if "mb" in body else None,
        scans=body.get("scans"),
        definition=body.get("definition", ""),
        parent=as_name(body["parent"]) if "parent" in body else None,
        **{flag: body[flag] for flag in _INDEX_FLAGS if flag in body},
    )


def _foreign_key(relation: RelationName, body: dict[str, Any]) -> ForeignKey:
    return ForeignKey(
        name=body["name"],
        relation=relation,
        columns=tuple(body["columns"]),
        referenced=as_name(body["references"]),
        referenced_columns=tuple(body["referenced"]),
        indexed=body.get("indexed", False),
        validated=body.get("validated", True),
        deferrable=body.get("deferrable", False),
    )


def _activity(rows: float, pages: int, body: dict[str, Any]) -> TableActivity:
    return TableActivity(
        reltuples=rows,
        relpages=pages,
        relallvisible=body.get("relallvisible", pages),
        n_live_tup=body.get("n_live_tup", int(rows)),
        n_dead_tup=body.get("n_dead_tup", 0),
        n_mod_since_analyze=body.get("n_mod_since_analyze", 0),
        last_vacuum=_time(body.get("last_vacuum")),
        last_analyze=_time(body.get("last_analyze")),
    )


def _time(value: Any) -> datetime | None:
    return None if value is None else datetime(value.year, value.month, value.day, tzinfo=UTC)
