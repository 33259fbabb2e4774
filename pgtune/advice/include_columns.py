"""What a scan returns and tests in, the INCLUDE columns that make it index-only out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from pgtune.advice.index_target import Target
from pgtune.advice.scan_columns import local_alias, names_of
from pgtune.model.catalog import Column
from pgtune.model.index import Index
from pgtune.model.index_need import Purpose
from pgtune.parse.qual import bare_spelling, read_clauses

MAX_INCLUDE_COLUMNS = 6  # chosen
MAX_INCLUDE_BYTES = 100  # of all INCLUDE columns of one row; an entry of a plain bigint key has 16; chosen
MIN_ROWS_RETURNED = 10  # by the scan, over all loops; fewer visits to the heap take little time; chosen
MAX_ROW_FRACTION = 0.75  # of the row's average width, in an index; above, it is a second table; chosen
MAX_TEXT_BYTES = 64  # average width of one value of unlimited length; chosen
MAX_UNKNOWN_ROW_BYTES = 64  # planner's width of the scan's rows when no catalog gives types; chosen
MIN_COLUMNS_OF_A_WIDE_TABLE = 4  # an index of all columns is a second table; smaller ones may be; chosen

# Values without a useful bound: one of 2,700 bytes makes the INSERT fail (BTMaxItemSize).
_UNBOUNDED = re.compile(r"(json|jsonb|xml|bytea|tsvector|geometry|geography)\b|.*\[\]$")
_TEXT = re.compile(r"(text|character varying|citext)$")
_LIMITED_TEXT = re.compile(r"character(?: varying)?\((\d+)\)$")
_FIXED_BYTES = {
    "boolean": 1,
    "smallint": 2,
    "integer": 4,
    "real": 4,
    "date": 4,
    "numeric": 8,
    "uuid": 16,
}
_OTHER_FIXED_BYTES = 8


def include_columns(index: Index, target: Target) -> tuple[str, ...]:
    """Columns that *index* lacks to make the scan index-only; empty when none or too dear."""
    if target.returned is None or target.scan is None or index.access_method != "btree":
        return ()
    if not _returns_many(target):
        return ()
    needed = tuple(dict.fromkeys((*target.returned, *_tested(index, target))))
    more = tuple(name for name in needed if name not in index.columns)
    if len(more) > MAX_INCLUDE_COLUMNS or not _all_storable(needed, more, target):
        return ()
    return more


def is_covered(index: Index, target: Target) -> bool:
    """True when the index gives all that the scan returns and tests, as far as the plan says that."""
    if target.returned is None:
        return True
    return {*target.returned, *_tested(index, target)} <= index.columns


def _returns_many(target: Target) -> bool:
    """Always true of a COVER need: its rule has counted the visits to the heap."""
    actual = target.scan.actual if target.scan is not None else None
    return target.purpose is Purpose.COVER or actual is None or actual.total_rows >= MIN_ROWS_RETURNED


def _tested(index: Index, target: Target) -> Iterator[str]:
    """Columns of the scan's quals, but for clauses that the predicate of the index settles."""
    if target.scan is None:
        return
    settled = {bare_spelling(clause.text) for clause in read_clauses(index.predicate or "")}
    for text in target.scan.quals.texts():
        for clause in read_clauses(text):
            if bare_spelling(clause.text) not in settled:
                yield from names_of(clause.columns, local_alias(target.scan))


def _all_storable(needed: tuple[str, ...], more: tuple[str, ...], target: Target) -> bool:
    if target.table is None:
        return not any(name in ("*", "ctid") for name in needed) and (
            target.row_bytes is not None and target.row_bytes <= MAX_UNKNOWN_ROW_BYTES
        )
    all_columns = {column.name for column in target.table.columns}
    if not set(needed) <= all_columns:  # ctid, a whole row
        return False
    if len(all_columns) >= MIN_COLUMNS_OF_A_WIDE_TABLE and set(needed) == all_columns:
        return False
    if len(all_columns) >= MIN_COLUMNS_OF_A_WIDE_TABLE and _takes_most(needed, target.table.columns):
        return False
    widths = [_width_bytes(column) for column in target.table.columns if column.name in more]
    known = [width for width in widths if width is not None]
    return len(known) == len(widths) and sum(known) <= MAX_INCLUDE_BYTES


def _takes_most(names: Collection[str], columns: Sequence[Column]) -> bool:
    """True when these columns are most of the row; False as long as a width is not known."""
    widths = {column.name: column.avg_width for column in columns}
    known = {name: width for name, width in widths.items() if width is not None}
    needed_bytes = sum(known.get(name, 0) for name in names)
    return len(known) == len(widths) and needed_bytes > MAX_ROW_FRACTION * sum(known.values())


def _width_bytes(column: Column) -> int | None:
    """Bytes of one value; None when it may be too long for an index entry."""
    if _UNBOUNDED.match(column.type):
        return None
    if _TEXT.match(column.type):
        known = column.avg_width
        return known if known is not None and known <= MAX_TEXT_BYTES else None
    if limited := _LIMITED_TEXT.match(column.type):
        return min(int(limited[1]), column.avg_width or int(limited[1]))
    return column.avg_width or _FIXED_BYTES.get(column.type, _OTHER_FIXED_BYTES)
