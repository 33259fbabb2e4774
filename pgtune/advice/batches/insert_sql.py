"""An INSERT of one row in; the statement that inserts many, as UNNEST, COPY or VALUES, out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count

from pgtune.advice.batches.arrays import Rows
from pgtune.model.names import quote_ident
from pgtune.parse.sql.expression_of_turn import Expression, expression
from pgtune.parse.sql.insert_turn import InsertTurn
from pgtune.parse.sql_tokens import read_words

SHOWN_ROWS = 2  # of a VALUES list


def unnest_sql(turn: InsertTurn, inserted: Mapping[str, Expression], rows: Rows) -> str:
    """Write INSERT .. SELECT .. FROM unnest.

    unnest would take array values apart: they travel as texts, and each is read by a cast.
    """
    carried = replace(
        rows,
        arrays=tuple(replace(array, type="text") if array.flattens else array for array in rows.arrays),
    )
    texts = dict(rows.texts())
    for array in rows.arrays:
        if array.flattens:
            texts[array.number] += f"::{array.type}"
    values = [
        texts[value.parameter] if value.parameter is not None else value.with_parameters(texts)
        for value in inserted.values()
    ]
    ordered = bool(turn.returning.tokens)
    return "\n".join(
        line
        for line in (
            *_head(turn, inserted),
            f"SELECT {', '.join(values)}",
            f"FROM {carried.sql(numbered=ordered)}",
            f"ORDER BY {rows.alias}.{rows.ord}" if ordered else "",
            *_tail(turn),
        )
        if line
    )


def copy_sql(turn: InsertTurn, columns: Collection[str]) -> str:
    """Write the COPY that takes the same columns."""
    return f"COPY {turn.target} ({', '.join(map(quote_ident, columns))}) FROM STDIN"


@dataclass(frozen=True, slots=True)
class ValuesList:
    """INSERT .. VALUES, to be written with any number of rows."""

    head: str  # to VALUES
    row: str  # "($1, now(), $2)"
    tail: str  # behind the rows, or empty

    def sql(self, row_count: int = SHOWN_ROWS) -> str:
        """Write the statement with *row_count* rows, each with parameters of its own."""
        numbers = count(1)
        row = expression(self.row, read_words(self.row))
        rows = (
            row.with_parameters({number: f"${next(numbers)}" for number in sorted(row.parameters)})
            for _ in range(row_count)
        )
        return self.written(rows)

    def written(self, rows: Iterable[str]) -> str:
        """Write the statement with these rows."""
        separator = ",\n       "
        return f"{self.head}\nVALUES {separator.join(rows)}" + (f"\n{self.tail}" if self.tail else "")


def values_list(turn: InsertTurn, inserted: Mapping[str, Expression]) -> ValuesList:
    """Return what a VALUES list of many rows is written from."""
    head = "\n".join(line for line in _head(turn, inserted) if line)
    row = f"({', '.join(value.text for value in inserted.values())})"
    return ValuesList(head, row, "\n".join(line for line in _tail(turn) if line))


def _head(turn: InsertTurn, columns: Collection[str]) -> tuple[str, ...]:
    return (f"INSERT INTO {turn.target} ({', '.join(map(quote_ident, columns))})", turn.overriding)


def _tail(turn: InsertTurn) -> tuple[str, ...]:
    return (turn.conflict_text, f"RETURNING {turn.returning.text}" if turn.returning.tokens else "")
