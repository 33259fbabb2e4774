"""Two results of a query with ORDER BY in, whether their rows come in another order out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, groupby

from pgtune.parse.sql.ordering import SortKey
from pgtune.shadow.trial.comparison import Difference, Normal, alike, normal_rows, same_rows
from pgtune.shadow.trial.exchange import Answer
from pgtune.shadow.trial.run_pair import Run, Runs

_SHOWN = 5  # rows; chosen


def order_difference(
    keys: Sequence[SortKey], found: Runs, keyed: Callable[[], Answer | None]
) -> Difference | None:
    """Return the difference in order between the last results of *found*, which hold the same rows.

    The first sort keys that are output columns decide by their values. For the others *keyed* returns the
    original's rows with those keys as further columns: rows that tie on all keys may come in any order.
    """
    mine, other = _ordered(found.original), _ordered(found.rewritten)
    if not keys or mine is None or other is None or mine.rows == other.rows:
        return None
    lists = normal_rows(mine, other), normal_rows(other, mine)
    places = [key.output_place(mine.names) for key in keys]
    visible = [place for place in places if place is not None]
    leading = visible[: places.index(None)] if None in places else visible
    if not all(map(alike, *([_picked(row, leading) for row in rows] for rows in lists))):
        return _described(*lists)
    answer = keyed() if None in places else None
    if answer is None:
        return None
    ties = _ties(answer, len(mine.names), visible)
    return _described(*lists) if _fits(lists[0], ties) and not _fits(lists[1], ties) else None


def _ties(keyed: Answer, width: int, visible: Sequence[int]) -> list[list[Normal]]:
    """Return the rows, each of *width* columns, that tie on all keys, in the order of the keys."""
    places = [*visible, *range(width, len(keyed.names))]
    rows = groupby(normal_rows(keyed, keyed), key=lambda row: _picked(row, places))
    return [[row[:width] for row in tied] for _, tied in rows]


def _fits(rows: Sequence[Normal], ties: Sequence[Sequence[Normal]]) -> bool:
    """Tell whether *rows* are those of *ties*, in an order that they allow."""
    ends = list(accumulate(map(len, ties)))
    if len(rows) != (ends[-1] if ends else 0):
        return False
    return all(same_rows(rows[end - len(tied) : end], tied) for end, tied in zip(ends, ties, strict=True))


def _picked(row: Normal, places: Sequence[int]) -> Normal:
    return tuple(row[place] for place in places)


def _ordered(run: Run) -> Answer | None:
    return run.answers[-1] if run.answers and not run.failure and run.answers[-1].names else None


def _described(mine: Sequence[Normal], other: Sequence[Normal]) -> Difference:
    return Difference(
        f"rows come in another order: {_listed(mine)} by the original, {_listed(other)} by the other"
    )


def _listed(rows: Sequence[Normal]) -> str:
    shown = ["(" + ", ".join("NULL" if value is None else str(value) for value in row) + ")" for row in rows]
    return ", ".join(shown[:_SHOWN]) + (", ..." if len(shown) > _SHOWN else "")
