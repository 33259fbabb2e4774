"""An index and what a query wants of its table in, the forms that spare the query the table out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from math import prod

from pgtune.advice.accesses.accesses import Access
from pgtune.advice.accesses.stored_width import is_second_table, width_bytes
from pgtune.advice.candidates.candidate_keys import MAX_KEY_COLUMNS, distinct_values
from pgtune.advice.candidates.candidate_predicates import Predicate
from pgtune.model.index import Index, IndexPart

MAX_INCLUDE_COLUMNS = 8  # chosen
MIN_ROWS_OF_AN_ENTRY = 4  # equal ones, for a B-tree without INCLUDE to be much smaller; chosen

# Types of which equal values are the same bytes, so that B-trees store them once (btree.sgml, Deduplication).
_DEDUPLICATED = re.compile(
    r"(smallint|integer|bigint|oid|date|timestamp|boolean|uuid|text|character varying)\b"
)


def covering_indexes(index: Index, access: Access, predicate: Predicate) -> Iterator[Index]:
    """Yield the index with all that the query needs of the table, if that can be and is worth it.

    Where many rows have the same values, also with all columns in the key: B-trees with INCLUDE store each.
    """
    missing = _missing(index.columns, access, predicate)
    if missing is None:
        return
    yield index.with_include(missing)
    key = (*index.key, *map(IndexPart, missing))
    if missing and _repeats(key, access):
        yield replace(index, key=key)


def end_to_end_key(access: Access, predicate: Predicate) -> Iterator[IndexPart]:
    """Yield the smallest column that the query needs, where an index can give it all of them.

    Of an index that cannot, but that a predicate makes small, the smallest column of the predicate.
    """
    needed = _missing(frozenset(), access, predicate)
    names = needed or [ref.name for clause in predicate for ref in clause.columns]
    widths = {column.name: width_bytes(column) for column in access.table.columns if column.name in names}
    known = sorted((width, name) for name, width in widths.items() if width is not None)
    yield from (IndexPart(name) for _, name in known[:1])


def _missing(held: frozenset[str], access: Access, predicate: Predicate) -> list[str] | None:
    """Columns that the query needs besides those held; None when no index can or should give them all."""
    needed = access.needed(predicate)
    columns = access.table.columns
    if needed is None or not set(needed) <= {column.name for column in columns}:
        return None  # not told, a whole row, or ctid
    missing = sorted(set(needed) - held)
    widths = [width_bytes(column) for column in columns if column.name in missing]
    if len(missing) > MAX_INCLUDE_COLUMNS or None in widths:
        return None
    return None if is_second_table(held | set(missing), columns) else missing


def _repeats(key: tuple[IndexPart, ...], access: Access) -> bool:
    if len(key) > MAX_KEY_COLUMNS or not all(
        _DEDUPLICATED.match(access.type_of(part.text) or "") for part in key
    ):
        return False
    combinations = prod(distinct_values(part, access.table) or access.rows for part in key)
    return combinations * MIN_ROWS_OF_AN_ENTRY <= access.table.activity.reltuples
