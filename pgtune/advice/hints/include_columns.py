"""What a scan returns and tests in, the INCLUDE columns that make it index-only out."""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.advice.accesses.scan_columns import local_alias, names_of
from pgtune.advice.accesses.stored_width import is_second_table, width_bytes
from pgtune.advice.hints.index_target import Target
from pgtune.model.index import Index
from pgtune.model.index_need import Purpose
from pgtune.parse.qual import bare_spelling, read_clauses

MAX_INCLUDE_COLUMNS = 6  # chosen
MAX_INCLUDE_BYTES = 100  # of all INCLUDE columns of one row; an entry of a plain bigint key has 16; chosen
MIN_ROWS_RETURNED = 10  # by the scan, over all loops; fewer visits to the heap take little time; chosen
MAX_UNKNOWN_ROW_BYTES = 64  # planner's width of the scan's rows when no catalog gives types; chosen


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
    if is_second_table(needed, target.table.columns):
        return False
    widths = [width_bytes(column) for column in target.table.columns if column.name in more]
    known = [width for width in widths if width is not None]
    return len(known) == len(widths) and sum(known) <= MAX_INCLUDE_BYTES
