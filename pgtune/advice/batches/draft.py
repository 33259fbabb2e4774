"""What every form of batch is made from: the loop, its turn, the table and the types of the parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pgtune.advice.batches.arrays import Rows, make_rows
from pgtune.model.catalog import Catalog, Column, Relation
from pgtune.model.loop import Loop
from pgtune.parse.sql.expression_of_turn import Expression, expression
from pgtune.parse.sql.insert_turn import InsertTurn
from pgtune.parse.sql.select_turn import SelectTurn
from pgtune.parse.sql.update_turn import ChangeTurn

TurnT = TypeVar("TurnT", InsertTurn, ChangeTurn, SelectTurn)


@dataclass(frozen=True, slots=True)
class Draft(Generic[TurnT]):
    """A loop that is to become a batch."""

    loop: Loop
    turn: TurnT
    catalog: Catalog
    relation: Relation  # that it writes; of a query one that it reads
    types: Mapping[int, str]  # of the elements of each parameter's array

    def rows(self, wanted: Mapping[int, str], beside: Iterable[Expression] = ()) -> Rows:
        """Return the arrays; their columns are no words of what stands *beside* them in one query."""
        words = expression(self.turn.text, self.turn.tokens).names
        columns = frozenset[str]().union(*(part.names for part in beside))
        return make_rows(self.types, wanted, words, columns)

    @property
    def array_obstacle(self) -> str | None:
        """Why unnest cannot carry a parameter; None where it can carry all."""
        number = next((number for number, type_ in self.types.items() if type_.endswith("[]")), None)
        return None if number is None else f"${number} is an array itself: unnest would take it apart"

    def sent_columns(self, wanted: Mapping[int, str]) -> tuple[Column | None, ...]:
        """Return the columns whose values are sent, None for a parameter that belongs to no column."""
        return tuple(self.relation.column(wanted[n]) if n in wanted else None for n in self.types)
