"""What the code that calls a batch is written from."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pgtune.advice.batches.arrays import Rows
from pgtune.advice.batches.insert_sql import ValuesList
from pgtune.model.batch import BatchForm
from pgtune.model.names import RelationName
from pgtune.parse.sql.expression_of_turn import expression, number_of
from pgtune.parse.sql_tokens import TokenKind, read_words

_JSON = re.compile(r"jsonb?")


@dataclass(frozen=True, slots=True)
class Call:
    """A batch, as seen by a program."""

    form: BatchForm
    sql: str
    rows: Rows  # one array for each parameter
    rows_per_call: int
    returns_rows: bool
    relation: RelationName | None = None  # that COPY fills
    columns: tuple[str, ...] = ()  # that COPY fills
    values: ValuesList | None = None

    @property
    def width(self) -> int:
        """Number of values in a row."""
        return len(self.rows.arrays)

    @property
    def order(self) -> tuple[int, ...]:
        """The numbers of the parameters, as they come in the statement."""
        tokens = read_words(self.sql)
        return tuple(number_of(token) for token in tokens if token.kind is TokenKind.PLACEHOLDER)

    @property
    def row_text(self) -> str:
        """What a row holds: ``(user_id, data), data as JSON text``."""
        names = [array.name for array in self.rows.arrays]
        notes = [f"; {array.name} as JSON text" for array in self.rows.arrays if _JSON.fullmatch(array.type)]
        return f"({', '.join(names)}{',' * (len(names) == 1)}){''.join(notes)}"


def with_placeholders(sql: str, mark: Callable[[int], str]) -> str:
    """Return *sql* with what *mark* makes of each n in place of ``$n``."""
    whole = expression(sql, read_words(sql))
    return sql[: whole.tokens[0].start] + whole.with_parameters({n: mark(n) for n in whole.parameters})


def python_string(sql: str) -> str:
    """Write *sql* as a string of Python."""
    if '"""' in sql:
        return repr(sql)
    return f'{"r" if chr(92) in sql else ""}"""\n{sql}\n"""'


def indented(text: str, levels: int = 1) -> str:
    """Return *text* that many times four blanks to the right."""
    return "\n".join("    " * levels + line if line else line for line in text.splitlines())
