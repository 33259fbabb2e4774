"""The results of two queries in; whether they hold the same rows, and rows that only one has, out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from psycopg import pq

FLOAT_TOLERANCE = Decimal("1e-9")  # between sums of floats in another order, relative; chosen
NUMERIC_TOLERANCE = Decimal("1e-15")  # a numeric division rounds to 16 digits or more (numeric.c)
_FLOAT_TYPES = frozenset({700, 701})  # OIDs of pg_type.dat: float4, float8
# Numbers that may be written in several ways: 1.50 and 1.5, or sums in another order.
INEXACT_TYPES = _FLOAT_TYPES | {1700}  # numeric
_NUMBER_TYPES = INEXACT_TYPES | {20, 21, 23, 26}  # int8, int2, int4, oid
_SORTED_DIGITS = 6  # less than the tolerance: equal rows come to stand side by side
_MAX_LEFT = 1000  # rows that are compared with each other where sorting parted them; chosen

Cell = str | Decimal | None
Tolerances = Mapping[int, Decimal]  # relative, by column; the others have to be the same text
_Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ResultRows:
    """Rows as the server prints them."""

    types: tuple[int, ...]  # OIDs
    rows: tuple[tuple[str | None, ...], ...]

    @classmethod
    def of(cls, result: pq.abc.PGresult) -> ResultRows:
        """Read a result in text format."""
        columns = range(result.nfields)
        return cls(
            tuple(result.ftype(column) for column in columns),
            tuple(
                tuple(_text(result.get_value(row, column)) for column in columns)
                for row in range(result.ntuples)
            ),
        )


def compare_rows(
    ours: ResultRows, theirs: ResultRows, limit: int
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return up to *limit* rows that only one side has, of each; None when both hold the same multiset."""
    tolerances = _tolerances(ours.types, theirs.types)
    mine, others = (sorted(_cells(side.rows, tolerances), key=_sort_key) for side in (ours, theirs))
    only_mine, only_others = _pair_off(*_unmatched(mine, others, tolerances), tolerances)
    if not only_mine and not only_others:
        return None
    return _shown(only_mine[:limit]), _shown(only_others[:limit])


def _tolerances(ours: Sequence[int], theirs: Sequence[int]) -> Tolerances:
    return {
        column: FLOAT_TOLERANCE if _FLOAT_TYPES & set(pair) else NUMERIC_TOLERANCE
        for column, pair in enumerate(zip(ours, theirs, strict=False))
        if _NUMBER_TYPES.issuperset(pair) and INEXACT_TYPES & set(pair)
    }


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()


def _cells(rows: Iterable[tuple[str | None, ...]], tolerances: Tolerances) -> Iterable[_Row]:
    return (
        tuple(
            cell if cell is None or column not in tolerances else Decimal(cell)
            for column, cell in enumerate(row)
        )
        for row in rows
    )


def _sort_key(row: _Row) -> tuple[tuple[bool, str], ...]:
    return tuple((cell is None, _rounded(cell)) for cell in row)


def _rounded(cell: Cell) -> str:
    return f"{cell:.{_SORTED_DIGITS}e}" if isinstance(cell, Decimal) else cell or ""


def _unmatched(
    mine: Sequence[_Row], others: Sequence[_Row], tolerances: Tolerances
) -> tuple[list[_Row], list[_Row]]:
    """Walk two sorted lists together and keep what has no equal on the other side."""
    only_mine: list[_Row] = []
    only_others: list[_Row] = []
    left = right = 0
    while left < len(mine) and right < len(others):
        if _same(mine[left], others[right], tolerances):
            left, right = left + 1, right + 1
        elif _sort_key(mine[left]) <= _sort_key(others[right]):
            only_mine.append(mine[left])
            left += 1
        else:
            only_others.append(others[right])
            right += 1
    return [*only_mine, *mine[left:]], [*only_others, *others[right:]]


def _pair_off(mine: list[_Row], others: list[_Row], tolerances: Tolerances) -> tuple[list[_Row], list[_Row]]:
    """Match rows whose numbers were rounded to different sides when they were sorted."""
    if max(len(mine), len(others)) > _MAX_LEFT:
        return mine, others
    left: list[_Row] = []
    for row in mine:
        equal = next((index for index, other in enumerate(others) if _same(row, other, tolerances)), None)
        if equal is None:
            left.append(row)
        else:
            del others[equal]
    return left, others


def _same(mine: _Row, other: _Row, tolerances: Tolerances) -> bool:
    return len(mine) == len(other) and all(
        _same_cell(mine[column], other[column], tolerances.get(column)) for column in range(len(mine))
    )


def _same_cell(mine: Cell, other: Cell, tolerance: Decimal | None) -> bool:
    if tolerance is None or not isinstance(mine, Decimal) or not isinstance(other, Decimal):
        return mine == other
    if not (mine.is_finite() and other.is_finite()):
        return str(mine) == str(other)
    return abs(mine - other) <= tolerance * max(abs(mine), abs(other))


def _shown(rows: Iterable[_Row]) -> tuple[str, ...]:
    """Rows as the server would print them: NULL is nothing."""
    return tuple(f"({','.join('' if cell is None else str(cell) for cell in row)})" for row in rows)
