"""What one database is like in, the values that its columns draw from out."""

from __future__ import annotations

from random import Random

from pgtune.advice.equivalence.column_values import Choice, ColumnValues
from pgtune.advice.equivalence.kinds import Kind
from pgtune.advice.equivalence.table_plan import ColumnPlan
from pgtune.advice.equivalence.type_values import distinct_values, fitted

_GROUP_KEYS = (1, 2)  # different values of a key in a database of large groups; chosen
_GROUP_VALUES = (1, 3, 10)  # different values of its other columns, so that count(DISTINCT) is reached too
_OTHERS = 0.3  # how often a column gets a value that fulfils nothing as well; chosen
_OTHERS_IN_CASE = 0.6  # where conditions on it are in CASE or OR only, which both outcomes matter to; chosen
_OTHER_CHOICES = (Choice.LITERAL, Choice.ANY)
_WANTED_NULLS = 0.5  # where a condition asks for NULL; chosen
_REFUSED_NULLS = 0.05  # where conditions are to be fulfilled and NULL does not; chosen


class ValuePools:
    """The pools of one database; columns that are compared with each other may have one in common."""

    def __init__(self, kind: Kind, random: Random) -> None:
        self.kind = kind
        self.random = random
        self._shared: dict[str, tuple[str, ...]] = {}
        self._is_shared: dict[str, bool] = {}

    def of_column(self, column: ColumnPlan) -> tuple[str, ...]:
        """Return the few values that the column draws from."""
        own = self._draw(column.values, self._size(column))
        if not self._shares(column.class_name):
            return own
        shared = self._shared.setdefault(column.class_name, own)
        fitting = dict.fromkeys(each for value in shared for each in fitted(value, column.values.kind))
        return tuple(fitting) or own

    def of_values(self, values: ColumnValues) -> tuple[str, ...]:
        """Return a few of the values."""
        return self._draw(values, self.random.randint(*self.kind.pool))

    def null_part(self, column: ColumnPlan) -> float:
        """Return which part of the column's values is NULL."""
        if not column.is_nullable:
            return 0.0
        if self.kind.choice is Choice.FULFILLING and self.kind.nulls < 1:
            if column.values.wants_null:
                return _WANTED_NULLS
            return min(self.kind.nulls, _REFUSED_NULLS) if column.values.refuses_null else self.kind.nulls
        return self.kind.nulls

    def _shares(self, class_name: str) -> bool:
        if class_name not in self._is_shared:
            self._is_shared[class_name] = self.random.random() < self.kind.shared
        return self._is_shared[class_name]

    def _size(self, column: ColumnPlan) -> int:
        if not self.kind.is_grouped:
            return self.random.randint(*self.kind.pool)
        return self.random.choice(_GROUP_KEYS if column.is_grouped else _GROUP_VALUES)

    def _draw(self, values: ColumnValues, size: int) -> tuple[str, ...]:
        candidates = values.by_choice[self.kind.choice]
        if self.kind.is_grouped and values.is_free:
            candidates = many_values(candidates, values, size)
        if self.kind.choice is Choice.RUN:
            return candidates[:size]
        drawn = candidates if size >= len(candidates) else tuple(self.random.sample(candidates, size))
        if self.kind.choice is not Choice.FULFILLING:
            return drawn
        part = _OTHERS if values.is_free or values.refuses_null else _OTHERS_IN_CASE
        others = values.by_choice[self.random.choice(_OTHER_CHOICES)]
        return (*drawn, self.random.choice(others)) if others and self.random.random() < part else drawn


def many_values(pool: tuple[str, ...], values: ColumnValues, number: int) -> tuple[str, ...]:
    """Return the pool with other values behind it, at least *number* where the type has so many."""
    if len(pool) >= number:
        return pool
    known = dict.fromkeys([*pool, *values.by_choice[Choice.ANY]])
    if len(known) < number:
        more = distinct_values(values.kind, number + len(known))
        known.update(dict.fromkeys(value for value in more if values.allows(value)))
    return tuple(known)
