"""What decides the size of an index that does not exist, and the size."""

from __future__ import annotations

from dataclasses import dataclass

BLOCK_BYTES = 8192  # BLCKSZ of every packaged PostgreSQL


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """One key or INCLUDE column as the index stores it."""

    type: str  # as format_type() prints it
    length: int  # pg_type.typlen: bytes, -1 varlena, -2 C string
    align: str  # pg_type.typalign: c 1, s 2, i 4, d 8 bytes
    avg_width: int  # bytes of a value that is not NULL, header included, as in pg_stats
    null_fraction: float
    equal_image: bool  # the operator class lets B-tree entries be deduplicated
    distinct: float  # values, of the rows the index holds
    correlation: float = 0.0  # -1..1


@dataclass(frozen=True, slots=True)
class IndexShape:
    """An index before it is built."""

    access_method: str
    rows: float  # that the index holds: those that its predicate keeps
    key: tuple[ColumnShape, ...]
    include: tuple[ColumnShape, ...]
    key_distinct: float  # combinations of the whole key
    heap_blocks: int
    unique: bool = False
    fill_factor: int = 90
    items_per_row: float = 1.0  # GIN: array elements, lexemes, jsonb paths or trigrams of one row
    distinct_items: float = 0.0  # GIN: different ones over all rows


@dataclass(frozen=True, slots=True)
class IndexSize:
    """How large a fresh build is, and how deep."""

    blocks: int
    height: int  # levels above the leaves; 0 for all but B-trees
    entries: float  # pg_class.reltuples of the index
    entry_blocks: int = 0  # GIN: pages of the entry tree
    data_blocks: int = 0  # GIN: pages of posting trees

    @property
    def size_bytes(self) -> int:
        """Size of the main fork."""
        return self.blocks * BLOCK_BYTES
