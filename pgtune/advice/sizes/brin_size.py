"""The shape of a BRIN index in, the pages of a fresh build out (brin.c, brin_pageops.c)."""

from __future__ import annotations

from math import ceil

from pgtune.advice.sizes.entry_layout import aligned, max_align
from pgtune.model.index_shape import BLOCK_BYTES, IndexShape, IndexSize

PAGES_PER_RANGE = 128  # BRIN_DEFAULT_PAGES_PER_RANGE
RANGES_PER_REVMAP_PAGE = 1360  # REVMAP_PAGE_MAXITEMS
HEADER_BYTES = 8  # BrinTuple and its null bitmap, aligned
PAGE_BYTES = BLOCK_BYTES - 24 - 8  # without page header and BrinSpecialSpace
LINE_POINTER_BYTES = 4


def brin_size(shape: IndexShape) -> IndexSize:
    """Return the size of a fresh build with minmax operator classes."""
    ranges = ceil(shape.heap_blocks / PAGES_PER_RANGE)
    summary_bytes = max_align(_data_bytes(shape) + HEADER_BYTES) + LINE_POINTER_BYTES
    summary_pages = ceil(ranges / max(1, PAGE_BYTES // summary_bytes))
    revmap_pages = max(1, ceil(ranges / RANGES_PER_REVMAP_PAGE))
    return IndexSize(1 + revmap_pages + summary_pages, height=0, entries=float(ranges))


def _data_bytes(shape: IndexShape) -> int:
    """Of a summary: the least and the greatest value of each column."""
    offset = 0
    for column in shape.key:
        width = column.length if column.length > 0 else column.avg_width
        for _ in range(2):
            offset = aligned(offset, column, width) + width
    return offset
