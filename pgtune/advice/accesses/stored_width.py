"""Columns of a table in, what they take in an index entry out."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from pgtune.model.catalog import Column

MAX_ROW_FRACTION = 0.75  # of the row's average width, in an index; above, it is a second table; chosen
MAX_TEXT_BYTES = 64  # average width of one value of unlimited length; chosen
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


def width_bytes(column: Column) -> int | None:
    """Bytes of one value; None when it may be too long for an index entry."""
    if _UNBOUNDED.match(column.type):
        return None
    if _TEXT.match(column.type):
        known = column.avg_width
        return known if known is not None and known <= MAX_TEXT_BYTES else None
    if limited := _LIMITED_TEXT.match(column.type):
        return min(int(limited[1]), column.avg_width or int(limited[1]))
    return column.avg_width or _FIXED_BYTES.get(column.type, _OTHER_FIXED_BYTES)


def is_second_table(names: Collection[str], columns: Sequence[Column]) -> bool:
    """True when these are all or most of the columns of a table that has more than a few."""
    if len(columns) < MIN_COLUMNS_OF_A_WIDE_TABLE:
        return False
    return {column.name for column in columns} <= set(names) or _takes_most(names, columns)


def _takes_most(names: Collection[str], columns: Sequence[Column]) -> bool:
    """True when these columns are most of the row; False as long as a width is not known."""
    widths = {column.name: column.avg_width for column in columns}
    known = {name: width for name, width in widths.items() if width is not None}
    needed_bytes = sum(known.get(name, 0) for name in names)
    return len(known) == len(widths) and needed_bytes > MAX_ROW_FRACTION * sum(known.values())
