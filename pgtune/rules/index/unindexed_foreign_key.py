"""A foreign key has no index on the side that refers.

PostgreSQL makes an index for the referenced key, none for the referring columns. So each row that is deleted
from the referenced table, or whose key changes, costs a scan of the whole referring one, and joins from the
referenced side have no index either. Any B-tree that starts with the columns will do, in any order, also one
that leaves out NULLs.

It is a warning where rows of the referenced table were deleted since the server began to count, an info where
only the referring table is large.

Instead of:
    CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users);
Use:
    CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id);

Ignore when: rows of the referenced table are never deleted, as those of a table of countries, and no query
looks for the referring rows of one of them.
Source: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pgtune.model.catalog import ForeignKey, Relation
from pgtune.model.existing_indexes import ExistingIndexes
from pgtune.model.finding import Cause, Severity, Symptom
from pgtune.model.index import Index, IndexPart
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.names import quote_ident
from pgtune.rules.foreign_key_index import serves

MIN_BLOCKS = 1000  # of the referring table, when nothing was deleted: 8 MB take some milliseconds; chosen
MIN_SCANNED_BLOCKS = 10  # of the referring table: fewer are read as fast without an index; chosen


@dataclass(frozen=True, slots=True)
class _Search:
    """A foreign key whose check reads the whole referring table."""

    key: ForeignKey
    blocks: int  # of the referring table
    deleted: int  # rows of the referenced table


def check(
    existing: ExistingIndexes,
    *,
    min_blocks: float = MIN_BLOCKS,
    min_scanned_blocks: float = MIN_SCANNED_BLOCKS,
) -> Iterator[Symptom]:
    """Yield each foreign key whose check has to read a whole table, where that costs something."""
    for relation in existing.catalog.relations.values():
        blocks = existing.table_blocks(relation)
        searched = [
            _Search(key, blocks, deleted)
            for key in _own_keys(relation, existing)
            if not any(serves(index, key) for index in relation.indexes)
            and blocks >= (min_scanned_blocks if (deleted := _deleted_rows(key, existing)) else min_blocks)
        ]
        for search in searched:
            if not any(_includes(other, search) for other in searched):
                yield _symptom(search, relation, existing)


def _includes(longer: _Search, search: _Search) -> bool:
    """True when the index for the longer foreign key serves this one as well, and is as much needed."""
    count = len(search.key.columns)
    return (
        len(longer.key.columns) > count
        and set(longer.key.columns[:count]) == set(search.key.columns)
        and (longer.deleted > 0 or search.deleted == 0)
    )


def _own_keys(relation: Relation, existing: ExistingIndexes) -> Iterator[ForeignKey]:
    """One foreign key for each list of columns, without those that a partition has from its table.

    A key that refers to a partitioned table is there once more for each partition of that.
    """
    parent = existing.catalog.relations.get(relation.parent) if relation.parent is not None else None
    seen = {key.columns for key in parent.foreign_keys} if parent is not None else set()
    for key in sorted(relation.foreign_keys, key=lambda key: _is_partition(key, existing)):
        if key.columns not in seen:
            seen.add(key.columns)
            yield key


def _is_partition(key: ForeignKey, existing: ExistingIndexes) -> bool:
    referenced = existing.catalog.relations.get(key.referenced)
    return referenced is not None and referenced.is_partition


def _deleted_rows(key: ForeignKey, existing: ExistingIndexes) -> int:
    referenced = existing.catalog.relations.get(key.referenced)
    return existing.deleted_rows(referenced) if referenced is not None else 0


def _symptom(search: _Search, relation: Relation, existing: ExistingIndexes) -> Symptom:
    key, deleted = search.key, search.deleted
    columns = ", ".join(map(quote_ident, key.columns))
    reads = f"has to read {relation.name} ({search.blocks:,} blocks)"
    index = Index(relation.name, tuple(map(IndexPart, key.columns)), partitioned=relation.kind == "p")
    return Symptom(
        message=f"{relation.name} ({columns}) has no index",
        cause=Cause.INDEX,
        max_severity=Severity.ERROR if deleted else Severity.INFO,
        object=f"{relation.name}.{quote_ident(key.name)}",
        at=f"foreign key {quote_ident(key.name)} of {relation.name}",
        detail=f"{deleted:,} rows of {key.referenced} were deleted, and each time the check {reads}."
        if deleted
        else f"To delete a row of {key.referenced}, or to change its key, the check {reads}.",
        hint=f"Create an index on {relation.name} ({columns}).",
        action=index.action(index.default_name(existing.taken_names(relation.name.schema))),
        index_need=IndexNeed(Purpose.REFERENCE, relation=relation.name, columns=key.columns),
    )
