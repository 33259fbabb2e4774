"""Columns of an index in, the sizes of its entries out: alignment, short headers, null bitmap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pgtune.model.index_shape import ColumnShape, Width

ALIGN_BYTES = {"c": 1, "s": 2, "i": 4, "d": 8}
HEADER_BYTES = 8  # IndexTupleData
HEADER_WITH_NULLS_BYTES = 16  # and IndexAttributeBitMapData, aligned
LONGEST_SHORT_BYTES = 127  # VARATT_SHORT_MAX: a varlena up to it has a header of one byte and no alignment
SPREAD_STEPS = 8  # widths to stand for a column of which only the average is known; chosen
MAX_WIDTHS = 16  # different widths of one column that are told apart; chosen


def max_align(size_bytes: int) -> int:
    """Round up to the 8 bytes that every entry begins at (MAXALIGN)."""
    return size_bytes + -size_bytes % 8


def entry_sizes(columns: Sequence[ColumnShape]) -> Mapping[int, float]:
    """Return the share of entries of each size in bytes, aligned, without line pointer.

    Follows index_form_tuple and heap_compute_data_size (indextuple.c, heaptuple.c).
    """
    states: dict[tuple[int, bool], float] = {(0, False): 1.0}  # bytes of data so far, NULL among them
    for column in columns:
        states = _with_column(states, column)
    sizes: dict[int, float] = {}
    for (data_bytes, has_null), share in states.items():
        header_bytes = HEADER_WITH_NULLS_BYTES if has_null else HEADER_BYTES
        size = max_align(header_bytes + data_bytes)
        sizes[size] = sizes.get(size, 0.0) + share
    return sizes


def mean_size(sizes: Mapping[int, float]) -> float:
    """Return the average of `entry_sizes`, in bytes."""
    return sum(size * share for size, share in sizes.items())


def value_widths(column: ColumnShape) -> Sequence[Width]:
    """Return the widths that a column's values are taken to have; shares add up to 1."""
    if column.length > 0:
        return (Width(column.length, 1.0),)
    if column.widths:
        return _quantiles(column.widths)
    lowest, step = column.avg_width * 0.5, column.avg_width / SPREAD_STEPS
    return [Width(max(1, round(lowest + step * (i + 0.5))), 1 / SPREAD_STEPS) for i in range(SPREAD_STEPS)]


def aligned(offset_bytes: int, column: ColumnShape, width_bytes: int) -> int:
    """Return where a value of this width begins when the one before it ends at the offset."""
    if column.length == -1 and width_bytes <= LONGEST_SHORT_BYTES:
        return offset_bytes
    return offset_bytes + -offset_bytes % ALIGN_BYTES[column.align]


def _with_column(
    states: Mapping[tuple[int, bool], float], column: ColumnShape
) -> dict[tuple[int, bool], float]:
    after: dict[tuple[int, bool], float] = {}
    widths = value_widths(column)
    for (offset, has_null), share in states.items():
        if column.null_fraction > 0:
            after[offset, True] = after.get((offset, True), 0.0) + share * column.null_fraction
        for width, width_share in widths:
            state = (aligned(offset, column, width) + width, has_null)
            after[state] = after.get(state, 0.0) + share * width_share * (1 - column.null_fraction)
    return after


def _quantiles(widths: Sequence[Width]) -> Sequence[Width]:
    """At most MAX_WIDTHS of the widths: the middle one of each of as many equal parts of the values."""
    if len(widths) <= MAX_WIDTHS:
        return widths
    ordered, quantiles = sorted(widths), []
    below, position = 0.0, 0
    for part in range(MAX_WIDTHS):
        middle = (part + 0.5) / MAX_WIDTHS
        while below + ordered[position].share < middle and position < len(ordered) - 1:
            below += ordered[position].share
            position += 1
        quantiles.append(Width(ordered[position].width_bytes, 1 / MAX_WIDTHS))
    return quantiles
