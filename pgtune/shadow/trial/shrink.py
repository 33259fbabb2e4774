"""A database that tells two statements apart in, a smaller one that still does out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from pgtune.model.equivalence import Row, TableRows, Value
from pgtune.model.test_schema import TestDatabase

TIME_LIMIT_S = 2.0  # chosen
_SIMPLE_VALUES: tuple[Value, ...] = (None, "0", "1", "a")

IsDifferent = Callable[[TestDatabase], bool]


def shrunk(database: TestDatabase, is_different: IsDifferent) -> TestDatabase:
    """Return *database* with as few rows, and values as simple, as TIME_LIMIT_S allows to find."""
    search = _Search(database, is_different, time.monotonic() + TIME_LIMIT_S)
    search.drop_rows()
    search.drop_turns()
    search.simplify_values()
    return search.best


@dataclass(slots=True)
class _Search:
    best: TestDatabase
    is_different: IsDifferent
    deadline_s: float

    def drop_rows(self) -> None:
        """Halves first, then quarters, down to single rows."""
        for number in range(len(self.best.tables) - 1, -1, -1):
            self._drop(self.best.tables[number].rows, partial(self._with_rows, number))

    def drop_turns(self) -> None:
        """Leave out turns of a loop; a query's one tuple of values stays."""
        if len(self.best.values) > 1:
            self._drop(self.best.values, self._with_values)

    def simplify_values(self) -> None:
        """Put NULL, 0, 1 or 'a' wherever the difference lets them stand."""
        for number in range(len(self.best.tables)):
            self._simplify(self.best.tables[number].rows, partial(self._with_rows, number))
        self._simplify(self.best.values, self._with_values)

    def _drop(self, rows: Sequence[Row], make: Callable[[Sequence[Row]], TestDatabase]) -> None:
        size = len(rows)
        while size:
            start = 0
            while start < len(rows):
                rest = [*rows[:start], *rows[start + size :]]
                if self._accept(make(rest)):
                    rows = rest
                else:
                    start += size
            size //= 2

    def _simplify(self, rows: Sequence[Row], make: Callable[[Sequence[Row]], TestDatabase]) -> None:
        for row in range(len(rows)):
            for column in range(len(rows[row])):
                for simple in _simpler(rows[row][column]):
                    changed = list(rows)
                    changed[row] = (*rows[row][:column], simple, *rows[row][column + 1 :])
                    if self._accept(make(changed)):
                        rows = changed
                        break

    def _with_values(self, values: Sequence[Row]) -> TestDatabase:
        return replace(self.best, values=tuple(values))

    def _with_rows(self, number: int, rows: Sequence[Row]) -> TestDatabase:
        tables: list[TableRows] = list(self.best.tables)
        tables[number] = replace(tables[number], rows=tuple(rows))
        return replace(self.best, tables=tuple(tables))

    def _accept(self, candidate: TestDatabase) -> bool:
        if time.monotonic() > self.deadline_s or not self.is_different(candidate):
            return False
        self.best = candidate
        return True


def _simpler(value: Value) -> Iterator[Value]:
    for simple in _SIMPLE_VALUES:
        if simple == value:
            return
        yield simple
