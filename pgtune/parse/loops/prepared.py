"""PREPARE and EXECUTE of a SQL file in; the turns of the prepared statements out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pgtune.model.equivalence import Row, Value
from pgtune.parse.loops.literal_values import value_of
from pgtune.parse.loops.turn_shape import FIRST_SLOT
from pgtune.parse.loops.turns import Turn, split_literals
from pgtune.parse.named_relations import identifier
from pgtune.parse.sql_tokens import Token, TokenKind, read_words

MAX_PREPARED = 1000  # statements that are remembered; chosen


@dataclass(slots=True)
class PreparedStatements:
    """What a file has prepared."""

    _texts: dict[str, str] = field(default_factory=dict)

    def take(self, text: str, turn: Turn) -> Turn:
        """Return the turn of an EXECUTE whose PREPARE is known, else *turn*; remember a PREPARE.

        Its parameters are None where an argument is an expression.
        """
        tokens = turn.shape.tokens
        name = identifier(tokens[1]) if len(tokens) > 1 else None
        if name is None:
            return turn
        if turn.shape.command == "PREPARE" and len(self._texts) < MAX_PREPARED:
            self._texts[name] = _prepared_text(text)
        elif turn.shape.command == "DEALLOCATE":
            self._texts.pop(name, None)
        prepared = self._texts.get(name) if turn.shape.command == "EXECUTE" else None
        found = None if prepared is None else split_literals(prepared)
        if found is None:
            return turn
        parameters = _arguments(tokens[2:], turn.literals)
        return Turn(*found, turn.line, parameters, transaction=turn.transaction)


def _prepared_text(text: str) -> str:
    """Return what stands behind AS in PREPARE name (types) AS statement."""
    behind = (token.end for token in read_words(text) if token.keyword == "AS")
    return text[next(behind, 0) :].strip()


def _arguments(tokens: Sequence[Token], literals: Sequence[str]) -> Row | None:
    """Return the values in (a, b, c); *tokens* have $100000 for the first literal."""
    values: list[Value] = []
    for token in tokens:
        if token.kind is TokenKind.PLACEHOLDER:
            values.append(value_of(literals[int(token.text[1:]) - FIRST_SLOT]))
        elif token.text not in ("(", ")", ","):
            return None
    return tuple(values)
