"""An index that CREATE INDEX made on an empty table and a size in, the file for the planner to see out."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pgtune.embedded.account import hand_over
from pgtune.model.index_shape import IndexSize
from pgtune.model.names import RelationName
from pgtune.shadow.database import ShadowDatabase
from pgtune.shadow.files import btree_file, gin_file, hollow_files
from pgtune.sources.connect import ServerConnection

BTREE, GIN = "btree", "gin"
_COUNT = "UPDATE pg_catalog.pg_class SET relpages = %s, reltuples = %s WHERE oid = %s"
_UNUSED_NUMBER = "SELECT pg_catalog.pg_nextoid('pg_class', 'oid', 'pg_class_oid_index')::int8"
_TAKE_NUMBER = "UPDATE pg_catalog.pg_class SET relfilenode = %s WHERE oid = %s"


@dataclass(frozen=True, slots=True)
class StoredIndex:
    """An index that has a file: no partitioned one."""

    oid: int
    relation: RelationName  # that it is on; a partition, where the index is a partitioned one's child
    access_method: str
    path: str  # of its file, below the data directory

    def set_size(self, size: IndexSize, superuser: ServerConnection, database: ShadowDatabase) -> None:
        """Make the file what the planner is to see: its length, and the metapage of a B-tree or GIN index.

        A GIN index must have been flushed by a CHECKPOINT. BRIN keeps the metapage and range map of CREATE
        INDEX; of the other kinds the planner reads no page.
        """
        file = database.data / self.path
        if self.access_method == BTREE:
            btree_file.write_tree(file, size.blocks, size.height, database.account)
        elif self.access_method == GIN:
            gin_file.write_meta(self._move(superuser, database), size, database.account)
        else:
            hollow_files.extend(file, size.blocks, database.account)
        superuser.execute(_COUNT, [size.blocks, size.entries, self.oid])

    def _move(self, superuser: ServerConnection, database: ShadowDatabase) -> Path:
        """Give the index a copy of its file under another number, of which the buffers hold no page.

        CREATE INDEX builds a GIN index in the buffers: what is written into its own file would not be seen.
        """
        file = database.data / self.path
        while True:
            (number,) = cast("tuple[int]", superuser.execute(_UNUSED_NUMBER).fetchone())
            moved = file.with_name(str(number))
            if not moved.exists():
                break
        shutil.copyfile(file, moved)
        moved.chmod(0o600)
        hand_over(moved, database.account)
        superuser.execute(_TAKE_NUMBER, [number, self.oid])
        return moved
