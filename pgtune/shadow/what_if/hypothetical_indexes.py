"""Indexes to try in, real ones on the hollow tables of one shadow database out, hidden from its planner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import NamedTuple, cast

import psycopg
from psycopg import sql

from pgtune.errors import ConnectionLost
from pgtune.model.index import Index
from pgtune.model.index_shape import IndexSize
from pgtune.model.names import RelationName
from pgtune.shadow.database import ShadowDatabase
from pgtune.shadow.files.hollow_heap import emptied
from pgtune.shadow.files.index_file import GIN, StoredIndex
from pgtune.shadow.what_if.numbered_index import NumberedIndex
from pgtune.shadow.what_if.session import connect_planner
from pgtune.shadow.what_if.visibility import hide, index_name
from pgtune.sources.connect import ServerConnection

IndexSizes = Mapping[tuple[int, RelationName], IndexSize]  # by number, and table or partition

# The operator classes by which an inverted index serves LIKE are an extension's.
_EXTENSION_BY_OPCLASS = {"gin_trgm_ops": "pg_trgm", "gist_trgm_ops": "pg_trgm"}
_EXISTING = "SELECT indexrelid::int8 FROM pg_catalog.pg_index"
_MADE = """
WITH RECURSIVE made AS (
    SELECT name, oid
    FROM pg_catalog.pg_class
    JOIN pg_catalog.unnest(%s::text[]) AS name ON relname = name
    UNION ALL
    SELECT made.name, inhrelid
    FROM made
    JOIN pg_catalog.pg_inherits ON inhparent = made.oid
)
SELECT made.name, index.oid::int8, index.relname, pg_catalog.pg_relation_filepath(index.oid), amname,
       nspname, heap.relname
FROM made
JOIN pg_catalog.pg_class AS index ON index.oid = made.oid
JOIN pg_catalog.pg_am AS am ON am.oid = index.relam
JOIN pg_catalog.pg_index ON indexrelid = made.oid
JOIN pg_catalog.pg_class AS heap ON heap.oid = indrelid
JOIN pg_catalog.pg_namespace AS schema ON schema.oid = heap.relnamespace
WHERE made.oid <> ALL (%s::oid[])
"""


class _Row(NamedTuple):
    root: str
    oid: int
    name: str
    path: str | None
    access_method: str
    schema: str
    table: str


@dataclass(frozen=True, slots=True)
class MadeIndex:
    """A hypothetical index as it was made in one database."""

    numbered: NumberedIndex
    stored: tuple[StoredIndex, ...]  # of a partitioned index, those on the partitions


def make_indexes(
    indexes: Mapping[int, Index], superuser: ServerConnection, database: ShadowDatabase
) -> Mapping[int, MadeIndex]:
    """Create the numbered indexes and hide them; those that the server refuses are not in the answer.

    The role that owns the tables creates them: expressions may call functions that came with the snapshot.
    Their files are those of empty indexes until `set_sizes`.

    Raises:
        ConnectError: the shadow's server ended.
    """
    before = [oid for (oid,) in superuser.execute(_EXISTING)]
    relations = tuple(dict.fromkeys(index.relation for index in indexes.values()))
    # A new session: it finds the files empty.
    with emptied(relations, superuser, database), closing(connect_planner(database)) as builder:
        _create_extensions(indexes.values(), superuser, builder)
        for number, index in indexes.items():
            _create(builder, index, index_name(number))
    names = {index_name(number): number for number in indexes}
    made = _made(superuser, names, before)
    hide(superuser, (oid for each in made.values() for oid in each.numbered.oids))
    return made


def set_sizes(
    made: Mapping[int, MadeIndex],
    sizes: IndexSizes,
    superuser: ServerConnection,
    database: ShadowDatabase,
) -> None:
    """Make the files of the indexes those of built ones."""
    stored = [(number, index) for number, each in made.items() for index in each.stored]
    if any(index.access_method == GIN for _, index in stored):
        superuser.execute("CHECKPOINT")
    for number, index in stored:
        index.set_size(sizes[number, index.relation], superuser, database)


def _create_extensions(
    indexes: Iterable[Index], superuser: ServerConnection, builder: ServerConnection
) -> None:
    """Create what operator classes need where the builder finds it; without it the index is refused."""
    opclasses = {part.opclass or "" for index in indexes for part in index.key}
    for opclass in sorted(opclasses & _EXTENSION_BY_OPCLASS.keys()):
        (schema,) = cast("tuple[str | None]", builder.execute("SELECT current_schema()").fetchone())
        names = sql.Identifier(_EXTENSION_BY_OPCLASS[opclass]), sql.Identifier(schema or "public")
        # 0A000 since 16, 58P01 before: this PostgreSQL comes without it.
        with suppress(psycopg.errors.FeatureNotSupported, psycopg.errors.UndefinedFile):
            superuser.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {}").format(*names))


def _create(builder: ServerConnection, index: Index, name: str) -> None:
    """Create one index, or nothing when the server refuses it."""
    statement = replace(index, partitioned=True).create_sql(name)  # without CONCURRENTLY
    try:
        builder.execute(statement.encode())
    except psycopg.Error as error:
        if builder.closed:
            raise ConnectionLost(f"shadow: its server ended: {error}; try again") from None


def _made(
    superuser: ServerConnection, numbers: Mapping[str, int], before: Sequence[int]
) -> Mapping[int, MadeIndex]:
    """Find the indexes by name, and those on partitions; one that was there before is not part of it."""
    rows = superuser.execute(_MADE, [list(numbers), before]).fetchall()
    by_number: dict[int, list[_Row]] = defaultdict(list)
    for row in map(_Row._make, rows):
        by_number[numbers[row.root]].append(row)
    return {number: _made_index(number, rows) for number, rows in by_number.items()}


def _made_index(number: int, rows: Sequence[_Row]) -> MadeIndex:
    return MadeIndex(
        numbered=NumberedIndex(
            number, False, tuple(row.oid for row in rows), tuple(row.name for row in rows)
        ),
        stored=tuple(
            StoredIndex(row.oid, RelationName(row.schema, row.table), row.access_method, row.path)
            for row in rows
            if row.path is not None
        ),
    )
