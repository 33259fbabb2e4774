"""The text of one turn of a loop in, what it does out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from pgtune.errors import StatementError
from pgtune.parse.sql.clauses_of_turn import placeholders, without_end
from pgtune.parse.sql.insert_turn import InsertTurn, read_insert
from pgtune.parse.sql.select_turn import SelectTurn, read_select
from pgtune.parse.sql.update_turn import ChangeTurn, read_delete, read_update
from pgtune.parse.sql_tokens import Token, read_words

Turn = InsertTurn | ChangeTurn | SelectTurn

_READERS: Mapping[str, Callable[[str, Sequence[Token]], Turn]] = {
    "INSERT": read_insert,
    "UPDATE": read_update,
    "DELETE": read_delete,
    "SELECT": read_select,
    "WITH": read_select,
    "(": read_select,
}


class TurnKind(Enum):
    """What a turn does to its table."""

    INSERT = "insert"
    UPSERT = "upsert"  # INSERT with ON CONFLICT
    UPDATE = "update"
    DELETE = "delete"
    SELECT = "select"


def turn_kind(text: str) -> TurnKind:
    """Return the kind of a turn by its words, also where `read_turn` cannot read it."""
    kind = statement_kind(text)
    if kind == "insert" and any(token.keyword == "CONFLICT" for token in read_words(text)):
        return TurnKind.UPSERT
    return TurnKind(kind) if kind in ("insert", "update", "delete") else TurnKind.SELECT


def read_turn(text: str) -> Turn:
    """Return the parts of *text*, which has ``$1, $2, ...`` for what may change from turn to turn.

    Raises:
        StatementError: it has no parameter, or is nothing that can be batched; the message says why.
    """
    tokens = without_end(read_words(text))
    reader = _READERS.get((tokens[0].keyword or tokens[0].text) if tokens else "")
    if reader is None:
        raise StatementError("it is no SELECT, INSERT, UPDATE or DELETE")
    numbers = placeholders(tokens)
    if not numbers:
        raise StatementError("nothing in it changes from turn to turn")
    if numbers[-1] != len(numbers):
        raise StatementError("its parameters are not numbered from 1 without a gap")
    return reader(text[: tokens[-1].end], tokens)


def statement_kind(text: str) -> str:
    """Return the first word of the statement in lower case; "" where it cannot be read."""
    try:
        tokens = read_words(text)
    except StatementError:
        return ""
    return tokens[0].keyword.lower() if tokens else ""


def read_query(text: str) -> SelectTurn:
    """Return the parts of a query, with or without parameters.

    Raises:
        StatementError: it is none, or it writes.
    """
    tokens = without_end(read_words(text))
    if not tokens or (tokens[0].keyword or tokens[0].text) not in ("SELECT", "WITH", "("):
        raise StatementError("it is no query")
    return read_select(text[: tokens[-1].end], tokens)
