"""The shape of a GIN index in, the pages of a fresh build out.

Sources: gininsert.c, gindatapage.c, ginpostinglist.c.
"""

from __future__ import annotations

from math import ceil, exp, inf

from pgtune.advice.sizes.entry_layout import max_align, value_widths
from pgtune.model.index_shape import BLOCK_BYTES, ColumnShape, IndexShape, IndexSize

ENTRY_PAGE_BYTES = BLOCK_BYTES - 24 - 8  # without page header and GinPageOpaqueData
DATA_PAGE_BYTES = ENTRY_PAGE_BYTES - 8  # and without the right bound
ENTRY_HEADER_BYTES = 8  # IndexTupleData
LINE_POINTER_BYTES = 4
LONGEST_ENTRY_BYTES = 2712  # GinMaxItemSize: a longer list goes to a posting tree
SEGMENT_BYTES = 256  # GinPostingListSegmentTargetSize
SEGMENT_HEADER_BYTES = 8  # GinPostingList: the first TID and a length
ENTRY_FILL = 0.58  # of entry pages, which split in the middle; measured
DATA_FILL = 0.98  # of the leaves of posting trees; measured
# Bytes that lead to the first row in another block, by how many blocks it is further on: 11 bits tell the
# rows of a block apart, and a byte holds 7.
REACHES = ((2, 0.0, 7.0), (3, 7.0, 1023.0), (4, 1023.0, 131071.0), (5, 131071.0, inf))
CHILDREN = DATA_PAGE_BYTES // 10  # PostingItem


def gin_size(shape: IndexShape) -> IndexSize:
    """Return the size of a fresh build, nothing pending."""
    key_bytes = _key_bytes(shape.key[0]) if shape.key else 0.0
    entry_bytes, data_blocks, items, entries = 0.0, 0.0, 0.0, 0.0
    for each in shape.items:
        list_bytes = posting_bytes(each.rows_each, shape.heap_blocks)
        size = max_align(round(ENTRY_HEADER_BYTES + key_bytes + SEGMENT_HEADER_BYTES + list_bytes))
        if size > LONGEST_ENTRY_BYTES:
            data_blocks += each.items * _tree_blocks(list_bytes)
            size = max_align(round(ENTRY_HEADER_BYTES + key_bytes))
        entry_bytes += each.items * (size + LINE_POINTER_BYTES)
        items += each.items
        entries += each.items * each.rows_each
    entry_blocks = _entry_blocks(entry_bytes)
    return IndexSize(
        blocks=1 + entry_blocks + round(data_blocks),
        height=0,
        entries=entries,
        entry_blocks=entry_blocks,
        data_blocks=round(data_blocks),
        items=items,
    )


def posting_bytes(rows: float, heap_blocks: int) -> float:
    """Return the bytes of a compressed list of so many row pointers, spread evenly over the table."""
    if rows <= 1:
        return 0.0
    per_block = rows / max(heap_blocks, 1)
    first = (1 - exp(-per_block)) / per_block  # share of the rows that are the first of their block
    tid_bytes = 1 - first
    for size_bytes, least_blocks, most_blocks in REACHES:
        reached = exp(-least_blocks * per_block) - exp(-most_blocks * per_block)
        tid_bytes += first * size_bytes * reached
    return rows * tid_bytes


def _key_bytes(item: ColumnShape) -> float:
    return sum(width * share for width, share in value_widths(item))


def _tree_blocks(list_bytes: float) -> int:
    stored_bytes = list_bytes * SEGMENT_BYTES / (SEGMENT_BYTES - SEGMENT_HEADER_BYTES)
    leaves = max(1, ceil(stored_bytes / (DATA_PAGE_BYTES * DATA_FILL)))
    return leaves + (ceil(leaves / CHILDREN) if leaves > 1 else 0)


def _entry_blocks(entry_bytes: float) -> int:
    return 1 if entry_bytes <= ENTRY_PAGE_BYTES else 1 + ceil(entry_bytes / (ENTRY_PAGE_BYTES * ENTRY_FILL))
