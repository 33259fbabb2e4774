"""Two results of a query with ORDER BY in, whether their rows come in another order out."""

from __future__ import annotations

from collections.abc import Sequence

from pgtune.parse.sql.ordering import SortKey
from pgtune.shadow.trial.comparison import Difference, Normal, normal_rows
from pgtune.shadow.trial.exchange import Answer
from pgtune.shadow.trial.run_pair import Run, Runs

_SHOWN = 5  # rows; chosen


def order_difference(keys: Sequence[SortKey], found: Runs, others: Sequence[Runs]) -> Difference | None:
    """Return the difference in order between the last results of *found*, which hold the same rows.

    Where all sort keys are output columns, their values decide. Else the whole list does, if the original's
    is the same in all *others*; if it is not, those keys decide that come before the first unknown one.
    """
    mine, other = _ordered(found.original), _ordered(found.rewritten)
    if mine is None or other is None or len(mine.names) != len(other.names):
        return None
    places = key_places(keys, mine.names)
    lists = normal_rows(mine, other), normal_rows(other, mine)
    if len(places) < len(keys) and lists[0] != lists[1] and _is_stable(mine, others):
        return _described(*lists)
    sequences = [[tuple(row[place] for place in places) for row in rows] for rows in lists]
    return _described(*lists) if sequences[0] != sequences[1] else None


def may_differ(keys: Sequence[SortKey], found: Runs) -> bool:
    """Tell whether the lists differ at all, so that it is worth to look closer."""
    mine, other = _ordered(found.original), _ordered(found.rewritten)
    return bool(keys) and mine is not None and other is not None and mine.rows != other.rows


def key_places(keys: Sequence[SortKey], names: Sequence[str]) -> list[int]:
    """Return the output columns that the first *keys* are, up to one that is none."""
    places: list[int] = []
    for key in keys:
        if key.place is not None and 0 < key.place <= len(names):
            places.append(key.place - 1)
        elif key.name is not None and names.count(key.name) == 1:
            places.append(names.index(key.name))
        else:
            break
    return places


def _ordered(run: Run) -> Answer | None:
    return run.answers[-1] if run.answers and not run.failure and run.answers[-1].names else None


def _is_stable(first: Answer, others: Sequence[Runs]) -> bool:
    return all(answer is not None and answer.rows == first.rows for answer in map(_of_original, others))


def _of_original(runs: Runs) -> Answer | None:
    return _ordered(runs.original)


def _described(mine: Sequence[Normal], other: Sequence[Normal]) -> Difference:
    return Difference(
        f"rows come in another order: {_listed(mine)} by the original, {_listed(other)} by the other"
    )


def _listed(rows: Sequence[Normal]) -> str:
    shown = ["(" + ", ".join("NULL" if value is None else str(value) for value in row) + ")" for row in rows]
    return ", ".join(shown[:_SHOWN]) + (", ..." if len(shown) > _SHOWN else "")
