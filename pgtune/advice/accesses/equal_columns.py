"""Join conditions in, the columns that they make equal out, through any number of joins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pgtune.model.qual import Clause, ClauseKind, ColumnRef


class EqualColumns:
    """Classes of columns that one query compares with ``=``: a.x = b.y and b.y = c.z give a.x = c.z.

    Outer joins make them equal only where they found a partner; enough for an index to be worth trying.
    """

    def __init__(self, clauses: Iterable[Clause]) -> None:
        self._class_of: dict[ColumnRef, dict[ColumnRef, None]] = {}
        for clause in clauses:
            if clause.kind is ClauseKind.EQUALITY and clause.column and clause.operand_column:
                self._unite(clause.column, clause.operand_column)

    def _unite(self, one: ColumnRef, other: ColumnRef) -> None:
        united = self._class_of.get(one, {one: None}) | self._class_of.get(other, {other: None})
        for column in united:
            self._class_of[column] = united

    def of(self, column: ColumnRef) -> tuple[ColumnRef, ...]:
        """The column itself, and those equal to it."""
        return (column, *(other for other in self._class_of.get(column, ()) if other != column))

    def joins_of(self, alias: str) -> Iterator[Clause]:
        """Yield each equality between a column of *alias*, on the left, and one of another alias."""
        for column in [column for column in self._class_of if column.alias == alias]:
            for other in self._class_of[column]:
                if other.alias != alias:
                    yield equality(column, other)


def equality(column: ColumnRef, other: ColumnRef) -> Clause:
    """The clause ``column = other``, as `read_clauses` would read it."""
    return Clause(
        text=f"{column.alias}.{column.name} = {other.alias}.{other.name}",
        kind=ClauseKind.EQUALITY,
        column=column,
        side=f"{column.alias}.{column.name}",
        operator="=",
        operand=f"{other.alias}.{other.name}",
        operand_column=other,
        operand_columns=(other,),
        columns=(column, other),
    )
