"""What decides the size of an index that does not exist, and the size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

BLOCK_BYTES = 8192  # BLCKSZ of every packaged PostgreSQL


class Width(NamedTuple):
    """How many of a column's values have one width."""

    width_bytes: int  # as stored, header included
    share: float  # of the values that are not NULL; all shares of a column add up to 1


class ItemClass(NamedTuple):
    """Items of a GIN index that are about equally frequent: array elements, lexemes, paths, trigrams."""

    items: float  # different ones
    rows_each: float  # rows that one of them is in


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """One key or INCLUDE column as the index stores it; for GIN, one item of the column."""

    type: str  # as format_type() prints it
    length: int  # pg_type.typlen: bytes, -1 varlena, -2 C string
    align: str  # pg_type.typalign: c 1, s 2, i 4, d 8 bytes
    avg_width: int  # bytes of a value that is not NULL, header included, as in pg_stats
    null_fraction: float
    equal_image: bool  # the operator class lets B-tree entries be deduplicated
    distinct: float  # values, of the rows the index holds
    correlation: float = 0.0  # -1..1
    widths: tuple[Width, ...] = ()  # of a sample; empty: only the average is known


@dataclass(frozen=True, slots=True)
class IndexShape:
    """An index before it is built."""

    access_method: str
    rows: float  # that the index holds: those that its predicate keeps
    key: tuple[ColumnShape, ...]
    include: tuple[ColumnShape, ...]
    key_distinct: float  # combinations of the whole key; NULL is none where it is one column
    heap_blocks: int
    unique: bool = False
    fill_factor: int = 90
    common_keys: float = 0.0  # most common values of a key of one column
    common_rows: float = 0.0  # rows that have one of them
    items: tuple[ItemClass, ...] = ()  # GIN


@dataclass(frozen=True, slots=True)
class IndexSize:
    """How large a fresh build is, and how deep."""

    blocks: int
    height: int  # levels above the leaves; 0 for all but B-trees
    entries: float  # pg_class.reltuples of the index
    entry_blocks: int = 0  # GIN: pages of the entry tree
    data_blocks: int = 0  # GIN: pages of posting trees
    items: float = 0.0  # GIN: different ones; the metapage's count of entries

    @property
    def size_bytes(self) -> int:
        """Size of the main fork."""
        return self.blocks * BLOCK_BYTES
