"""Tables of one shadow database in, the same tables with empty files for as long as indexes are built out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

from pgtune.model.names import RelationName
from pgtune.shadow.database import ShadowDatabase
from pgtune.shadow.files import hollow_files
from pgtune.sources.connect import ServerConnection

_FROZEN_VERSION_NUM = 180000  # pg_class.relallfrozen

_TABLES = """
WITH RECURSIVE tree AS (
    SELECT oid, relkind FROM pg_catalog.pg_class
    WHERE oid = ANY (SELECT pg_catalog.to_regclass(name) FROM pg_catalog.unnest(%s::text[]) AS name)
    UNION
    SELECT child.oid, child.relkind
    FROM tree
    JOIN pg_catalog.pg_inherits ON inhparent = tree.oid
    JOIN pg_catalog.pg_class AS child ON child.oid = inhrelid
    WHERE tree.relkind = 'p'
)
SELECT oid::int8, pg_catalog.pg_relation_filepath(oid), pg_catalog.pg_relation_size(oid) / 8192, {counts}
FROM tree
JOIN pg_catalog.pg_class USING (oid)
WHERE tree.relkind IN ('r', 'm')
"""
_RESTORE = "UPDATE pg_catalog.pg_class SET ({counts}) = ROW ({values}) WHERE oid = %s"


@contextmanager
def emptied(
    relations: Sequence[RelationName], superuser: ServerConnection, database: ShadowDatabase
) -> Iterator[None]:
    """Have the files of *relations*, with all partitions, empty in the body: CREATE INDEX then reads nothing.

    Afterwards they are as long as before, and so are the counts in pg_class that CREATE INDEX overwrote. Only
    sessions that begin in the body find the files empty, because the server keeps the count of full segments.
    """
    counts = ["relpages", "reltuples", "relallvisible"]
    if superuser.info.server_version >= _FROZEN_VERSION_NUM:
        counts.append("relallfrozen")
    query = _TABLES.format(counts=", ".join(counts))
    rows = superuser.execute(query.encode(), [[str(relation) for relation in relations]]).fetchall()
    tables = cast("list[tuple[int, str, int, object]]", rows)
    restore = _RESTORE.format(counts=", ".join(counts), values=", ".join(["%s"] * len(counts)))
    try:
        for _, path, *_ in tables:
            hollow_files.empty(database.data / path)
        yield
    finally:
        for oid, path, blocks, *values in tables:
            hollow_files.extend(database.data / path, blocks, database.account)
            superuser.execute(restore.encode(), [*values, oid])
