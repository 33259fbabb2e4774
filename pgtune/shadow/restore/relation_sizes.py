"""Sizes of the snapshot's relations in, pg_class and files of a shadow database that say the same out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psycopg

from pgtune.advice.sizes.btree_size import existing_btree_height
from pgtune.embedded.account import ServerAccount
from pgtune.model.index_shape import ColumnShape
from pgtune.model.names import RelationName
from pgtune.model.snapshot import RelationState
from pgtune.shadow.database import ShadowDatabase
from pgtune.shadow.files import btree_file, hollow_files
from pgtune.shadow.shapes.index_shapes import existing_key_shapes

_Connection = psycopg.Connection[tuple[object, ...]]
_FIRST_WITH_FROZEN = 180000
_EMPTY_TREE_BLOCKS = 1  # CREATE INDEX without rows writes the metapage alone
_TABLE_KINDS = ("r", "m", "f")
_SET_COUNTS = """
UPDATE pg_class AS c
SET relpages = s.pages, reltuples = s.tuples, relallvisible = s.visible{frozen}
FROM pg_namespace AS n,
     unnest(%s::text[], %s::text[], %s::int4[], %s::float4[], %s::int4[], %s::int4[])
         AS s (schema, relation, pages, tuples, visible, frozen)
WHERE c.relnamespace = n.oid AND n.nspname = s.schema AND c.relname = s.relation
  AND c.relkind NOT IN ('v', 'c', 'S')
"""
_FILES = """
SELECT n.nspname, c.relname, c.oid, pg_relation_filepath(c.oid), COALESCE(m.amname = 'btree', false)
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_am AS m ON m.oid = c.relam
WHERE c.relkind IN ('r', 'm', 'i') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""


class _File(NamedTuple):
    schema: str
    relation: str
    oid: int
    path: str
    is_tree: bool


@dataclass(frozen=True, slots=True)
class HollowFile:
    """The file of a relation that the shadow has, and how it is to look."""

    path: str  # below the data directory, with the original database's number in it
    blocks: int
    height: int | None  # levels above the leaves of a B-tree; None: no B-tree

    def write(self, data: Path, database_oid: int, account: ServerAccount | None) -> None:
        """Make the file of this relation in the copy *database_oid*."""
        tablespace, _, number = self.path.split("/")
        file = data / tablespace / str(database_oid) / number
        if self.height is None or self.blocks <= _EMPTY_TREE_BLOCKS:
            hollow_files.extend(file, self.blocks, account)
        else:
            btree_file.write_tree(file, self.blocks, self.height, account)


def set_counts(connection: _Connection, relations: Sequence[RelationState]) -> None:
    """Write the counts of VACUUM and ANALYZE to pg_class by a superuser's *connection*."""
    with_frozen = connection.info.server_version >= _FIRST_WITH_FROZEN
    statement = _SET_COUNTS.format(frozen=", relallfrozen = s.frozen" if with_frozen else "")
    columns = [
        [state.name.schema for state in relations],
        [state.name.name for state in relations],
        [state.relpages for state in relations],
        [state.reltuples for state in relations],
        [state.relallvisible for state in relations],
        [state.relallfrozen or 0 for state in relations],
    ]
    connection.execute(statement.encode(), columns)


def plan_files(
    connection: _Connection, database: ShadowDatabase, relations: Sequence[RelationState]
) -> Sequence[HollowFile]:
    """Tell how the files of those *relations* are to look that *database* has.

    *connection* is a superuser's in that database.
    """
    states = {state.name: state for state in relations}
    rows = connection.execute(_FILES.encode()).fetchall()
    found = [
        (_File._make(row), states[name])
        for row in rows
        if (name := RelationName(str(row[0]), str(row[1]))) in states
    ]
    trees = [state for file, state in found if file.is_tree]
    shapes = _key_shapes(database, found) if any(state.height is None for state in trees) else {}
    return [
        HollowFile(
            file.path, _blocks(state), _height(state, shapes.get(file.oid, ())) if file.is_tree else None
        )
        for file, state in found
    ]


def _key_shapes(
    database: ShadowDatabase, found: Sequence[tuple[_File, RelationState]]
) -> Mapping[int, Sequence[ColumnShape]]:
    """Ask the planner for shapes of keys, as the owner, while the tables have their sizes."""
    tables = [(database.data / file.path, state) for file, state in found if state.kind in _TABLE_KINDS]
    try:
        for file, state in tables:
            hollow_files.extend(file, _blocks(state), database.account)
        with psycopg.connect(database.planner_conninfo, autocommit=True) as planner:
            return existing_key_shapes(planner)
    finally:
        for file, _ in tables:
            hollow_files.empty(file)  # a copy would use the disk for the blocks


def _blocks(state: RelationState) -> int:
    """Blocks of the file; a foreign table, a plain one here, has as many as ANALYZE counted."""
    return state.relpages if state.kind == "f" else state.file_blocks


def _height(state: RelationState, key: Sequence[ColumnShape]) -> int:
    if state.height is not None:
        return state.height
    return existing_btree_height(state.file_blocks, key, state.reltuples)
