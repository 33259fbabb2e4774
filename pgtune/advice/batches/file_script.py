"""A loop of a SQL file and its batch in, one statement with the file's own values out.

A program gives the batch its values as arrays; a script has nobody who does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pgtune.advice.batches.draft import Draft, TurnT
from pgtune.advice.batches.insert_sql import values_list
from pgtune.advice.batches.inserted_columns import inserted_columns
from pgtune.model.batch import Batch, BatchForm
from pgtune.model.equivalence import Row, Value
from pgtune.model.loop import Loop, LoopOrigin
from pgtune.parse.sql.expression_of_turn import expression
from pgtune.parse.sql.insert_turn import InsertTurn
from pgtune.parse.sql_tokens import read_words

_ARRAYS = frozenset({BatchForm.UNNEST, BatchForm.ANY, BatchForm.LATERAL})
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double precision", "oid")
_PER_LINE = 10  # values of an array; chosen
_NEXT_LINE = ",\n        "
_WORDS = frozenset({"true", "false"})


def with_script(batches: tuple[Batch, ...], draft: Draft[TurnT]) -> tuple[Batch, ...]:
    """Return the batches, the first with its script where the file's values are all known."""
    script = _script(batches[0], draft) if _has_all_values(draft.loop) else None
    return (replace(batches[0], script=script), *batches[1:])


def _has_all_values(loop: Loop) -> bool:
    is_one_run = loop.origin is LoopOrigin.FILES and loop.runs == 1 and not loop.cycle
    return is_one_run and len(loop.values) == loop.turns


def _script(batch: Batch, draft: Draft[TurnT]) -> str | None:
    turn, values = draft.turn, draft.loop.values
    if isinstance(turn, InsertTurn) and turn.conflict is None:
        rows = values_list(turn, inserted_columns(turn, draft.relation))
        return f"{rows.written([_row(rows.row, row, draft.types) for row in values])};"
    if batch.form not in _ARRAYS:
        return None
    arrays = {
        number: _array([_literal(row[number - 1], type_) for row in values])
        for number, type_ in draft.types.items()
    }
    return f"{_filled(batch.sql, arrays)};"


def _array(literals: Sequence[str]) -> str:
    starts = range(0, len(literals), _PER_LINE)
    lines = (", ".join(literals[start : start + _PER_LINE]) for start in starts)
    return f"ARRAY[{_NEXT_LINE.join(lines)}]"


def _row(row: str, values: Row, types: Mapping[int, str]) -> str:
    literals = {number: _literal(values[number - 1], type_) for number, type_ in types.items()}
    if "-$" in row:  # of 5-$1 and -1 a comment would be made
        literals = {number: f"({literal})" for number, literal in literals.items()}
    return _filled(row, literals)


def _filled(sql: str, texts: Mapping[int, str]) -> str:
    return expression(sql, read_words(sql)).with_parameters(texts)


def _literal(value: Value, type_: str) -> str:
    if value is None:
        return "NULL"
    is_plain = type_.startswith(_NUMBERS) and _NUMBER.fullmatch(value)
    if is_plain or (type_ == "boolean" and value in _WORDS):
        return value
    return "'" + value.replace("'", "''") + "'"
