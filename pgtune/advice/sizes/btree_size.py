"""The shape of a B-tree in, pages and height of a fresh build out (nbtsort.c, nbtdedup.c).

A build fills each level from left to right. Where rows of equal keys are merged, this replays
it on a sample of keys and scales that up.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from math import ceil
from typing import NamedTuple

from pgtune.advice.sizes.distinct_values import combinations, poisson_shares
from pgtune.advice.sizes.entry_layout import entry_sizes, max_align, mean_size
from pgtune.model.index_shape import BLOCK_BYTES, ColumnShape, IndexShape, IndexSize

PAGE_BYTES = BLOCK_BYTES - 24 - 16  # without page header and BTPageOpaqueData
LINE_POINTER_BYTES = 4
TID_BYTES = 6
PIVOT_TID_BYTES = 8  # of an internal entry that repeats the whole key: the TID tells its pages apart
FREE_BYTES = PAGE_BYTES - 2 * LINE_POINTER_BYTES  # one for the high key, one that PageGetFreeSpace keeps back
MINUS_INFINITY_BYTES = 8 + LINE_POINTER_BYTES  # first entry of each internal page
INTERNAL_FILL_FACTOR = 70  # BTREE_NONLEAF_FILLFACTOR
LONGEST_POSTING_BYTES = 808  # MAXALIGN_DOWN(BLCKSZ / 10) less a line pointer, rounded down to 8
SAMPLE_ENTRIES = 2500  # of one replay; chosen
GOLDEN, SILVER = 0.6180339887498949, 0.41421356237309515  # steps that spread evenly over 0..1
SPREAD_FREQUENCY = 30.0  # from which keys are taken to be between half and one and a half as frequent; chosen
SPREAD_STEPS = 64


class Entry(NamedTuple):
    """A leaf entry: one row, or a posting list of several rows with equal keys."""

    size_bytes: int  # without line pointer
    list_bytes: int  # of them the row pointers of a posting list, which a high key leaves out
    rows: int


class _Part(NamedTuple):
    rows: float
    keys: float
    columns: tuple[ColumnShape, ...]


class Packing(NamedTuple):
    """What the leaves hold on average."""

    entries: float  # of one page
    rows: float  # of one page


def btree_size(shape: IndexShape) -> IndexSize:
    """Return the size of a fresh build. Without rows it is the metapage alone."""
    if shape.rows < 1:
        return IndexSize(blocks=1, height=0, entries=0.0)
    packing = _leaf_packing(shape)
    leaves = max(1, ceil(shape.rows / packing.rows))
    entries = shape.rows * packing.entries / packing.rows
    internal, height = _internal_levels(leaves, _fanout(shape, entries))
    return IndexSize(blocks=1 + leaves + internal, height=height, entries=shape.rows)


def existing_btree_height(blocks: int, key: Sequence[ColumnShape], rows: float) -> int:
    """Return the levels above the leaves of an index that has *blocks* pages, metapage among them."""
    if blocks <= 2 or not key:
        return 0
    distinct = combinations((column.distinct for column in key), max(rows, 1.0))
    shape = IndexShape("btree", max(rows, 1.0), tuple(key), (), distinct, heap_blocks=0)
    packing = _leaf_packing(shape)
    fanout = _fanout(shape, shape.rows * packing.entries / packing.rows)
    leaves = max(1, round((blocks - 1) * (1 - 1 / fanout)))
    return _internal_levels(leaves, fanout)[1]


def deduplicates(shape: IndexShape) -> bool:
    """Tell whether a build merges rows of equal keys: never with INCLUDE, or in a unique index."""
    return not shape.unique and not shape.include and all(column.equal_image for column in shape.key)


def _leaf_packing(shape: IndexShape) -> Packing:
    sizes = entry_sizes((*shape.key, *shape.include))
    if not deduplicates(shape) or shape.rows <= shape.key_distinct:
        return _plain_packing(sizes, shape.fill_factor)
    pages, entries = 0.0, 0.0
    for part in _parts(shape):
        if part.rows > 0 and part.keys > 0:
            sizes = entry_sizes(part.columns)
            packing = _merged_packing(tuple(sorted(sizes.items())), part.rows / part.keys, shape.fill_factor)
            pages += part.rows / packing.rows
            entries += part.rows / packing.rows * packing.entries
    return Packing(entries / pages, shape.rows / pages)


def _parts(shape: IndexShape) -> Iterator[_Part]:
    """Rows whose keys are about equally frequent: NULL, the most common values, and all others."""
    columns, null_rows = shape.key, 0.0
    if len(columns) == 1:
        null_rows = shape.rows * columns[0].null_fraction
        yield _Part(null_rows, 1.0, (replace(columns[0], null_fraction=1.0),))
        columns = (replace(columns[0], null_fraction=0.0),)
    yield _Part(shape.common_rows, shape.common_keys, columns)
    rows = shape.rows - null_rows - shape.common_rows
    yield _Part(rows, min(rows, max(1.0, shape.key_distinct - shape.common_keys)), columns)


def _plain_packing(sizes: Mapping[int, float], fill_factor: int) -> Packing:
    """One entry for each row; the one that makes a page full enough begins the next."""
    mean = mean_size(sizes) + LINE_POINTER_BYTES
    room = min(FREE_BYTES - _spare_bytes(fill_factor), FREE_BYTES + LINE_POINTER_BYTES - mean)
    if len(sizes) == 1:
        entries = float(room // mean)
    else:
        variance = sum(share * (size + LINE_POINTER_BYTES - mean) ** 2 for size, share in sizes.items())
        entries = room / mean + (variance / mean**2 - 1) / 2  # renewal theory
    return Packing(max(1.0, entries), max(1.0, entries))


@lru_cache(maxsize=1024)
def _merged_packing(sizes: tuple[tuple[int, float], ...], rows_per_key: float, fill_factor: int) -> Packing:
    return _fill(_posting_lists(dict(sizes), rows_per_key), fill_factor)


def _posting_lists(sizes: Mapping[int, float], rows_per_key: float) -> Iterator[Entry]:
    """The entries of one key after the other, as _bt_dedup_save_htid cuts them."""
    keys = zip(_Cycle(_frequencies(rows_per_key), SILVER), _Cycle(sizes, GOLDEN), strict=True)
    for frequency, size in keys:
        left = frequency
        longest = max(1, (LONGEST_POSTING_BYTES - size) // TID_BYTES)
        while left > 0:
            rows = min(left, longest)
            merged = max_align(size + TID_BYTES * rows) if rows > 1 else size
            yield Entry(merged, merged - size, rows)
            left -= rows


def _frequencies(mean: float) -> Mapping[int, float]:
    """How many of the keys have how many rows each."""
    if mean <= 1:
        return {1: 1.0}
    if mean < SPREAD_FREQUENCY:
        return dict(poisson_shares(mean))
    steps = [round(mean * (0.5 + (i + 0.5) / SPREAD_STEPS)) for i in range(SPREAD_STEPS)]
    return dict.fromkeys(steps, 1 / len(set(steps)))


def _fill(entries: Iterator[Entry], fill_factor: int) -> Packing:
    """Replay _bt_buildadd: a page ends when it is full enough, and its last entry begins the next one."""
    spare = _spare_bytes(fill_factor)
    full_pages = done_entries = done_rows = on_page = rows = 0
    free, last = FREE_BYTES, Entry(0, 0, 0)
    for entry in islice(entries, SAMPLE_ENTRIES):
        if on_page > 1 and (free < entry.size_bytes + PIVOT_TID_BYTES or free + last.list_bytes < spare):
            full_pages += 1
            done_entries += on_page - 1
            done_rows += rows - last.rows
            on_page, rows, free = 1, last.rows, FREE_BYTES - last.size_bytes - LINE_POINTER_BYTES
        free -= entry.size_bytes + LINE_POINTER_BYTES
        on_page, rows, last = on_page + 1, rows + entry.rows, entry
    return Packing(done_entries / full_pages, done_rows / full_pages)


def _spare_bytes(fill_factor: int) -> int:
    """What a build leaves free on a page."""
    return BLOCK_BYTES * (100 - fill_factor) // 100


def _fanout(shape: IndexShape, entries: float) -> int:
    """Children of one internal page."""
    room = FREE_BYTES - _spare_bytes(INTERNAL_FILL_FACTOR) - MINUS_INFINITY_BYTES
    return max(2, int(room / (_pivot_bytes(shape, entries) + LINE_POINTER_BYTES)) + 1)


def _pivot_bytes(shape: IndexShape, entries: float) -> float:
    """Average size of an internal entry: the columns up to the first that tells two leaves apart.

    Two neighbouring entries agree in a prefix of the key the more often, the fewer values that prefix has.
    """
    pivot_bytes, agree = 0.0, 1.0
    for columns in range(1, len(shape.key) + 1):
        prefix = shape.key[:columns]
        if columns == len(shape.key):
            distinct = shape.key_distinct
        else:
            distinct = min(shape.key_distinct, combinations((c.distinct for c in prefix), shape.rows))
        agree_further = min(agree, 1 - min(1.0, distinct / entries))
        size = mean_size(entry_sizes(prefix))
        pivot_bytes += (agree - agree_further) * size
        agree = agree_further
    return pivot_bytes + agree * (size + PIVOT_TID_BYTES)


def _internal_levels(leaves: int, fanout: int) -> tuple[int, int]:
    """Return (pages, levels) above so many leaves."""
    pages, height, level = 0, 0, leaves
    while level > 1:
        level = ceil(level / fanout)
        pages += level
        height += 1
    return pages, height


class _Cycle(Iterator[int]):
    """An endless sequence in which each number has its share, evenly mixed; the same every time."""

    def __init__(self, shares: Mapping[int, float], step: float) -> None:
        self._numbers = sorted(shares)
        self._bounds: list[float] = []
        total = 0.0
        for number in self._numbers:
            total += shares[number]
            self._bounds.append(total)
        self._total, self._step, self._position = total, step, step / 2

    def __next__(self) -> int:
        self._position = (self._position + self._step) % 1.0
        place = bisect_left(self._bounds, self._position * self._total)
        return self._numbers[min(place, len(self._numbers) - 1)]
