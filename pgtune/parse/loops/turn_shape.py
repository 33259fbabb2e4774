"""The parts of a statement around its literals in; what kind of turn it is, and its text with $n, out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2b

from pgtune.errors import StatementError
from pgtune.parse.loops.equalities import equalities
from pgtune.parse.named_relations import named_relations
from pgtune.parse.sql_tokens import Token, TokenKind, read_words

SLOT = "\0"  # stands for a literal; no SQL text holds one
FIRST_SLOT = 100_000  # slots are numbered from here, above the 65,535 parameters of a statement
FINGERPRINT_BYTES = 8
TURN_COMMANDS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH"})
TRANSACTION_BEGINS = frozenset({"BEGIN", "START"})
TRANSACTION_ENDS = frozenset({"COMMIT", "END", "ROLLBACK", "ABORT"})
SAVEPOINTS = frozenset({"SAVEPOINT", "RELEASE"})
# Their argument holds the values of many turns.
LIST_FUNCTIONS = frozenset(
    {"ANY", "UNNEST", "JSON_TO_RECORDSET", "JSONB_TO_RECORDSET", "JSON_POPULATE_RECORDSET"}
    | {"JSONB_POPULATE_RECORDSET", "JSON_ARRAY_ELEMENTS", "JSONB_ARRAY_ELEMENTS"}
)
VALUE_KINDS = frozenset({TokenKind.PLACEHOLDER, TokenKind.NUMBER, TokenKind.STRING})
VALUE_LIST = re.compile(r"\( \?(?: , \?)+ \)")
VALUE_ARRAY = re.compile(r"\[ \?(?: , \?)+ \]")
# DATE '2026-11-21': with a parameter it has to be written $1::DATE.
TYPED_LITERAL = re.compile(
    r"(?<![\w.\"$])((?:timestamp|time)\s+with(?:out)?\s+time\s+zone|date|timestamptz|timestamp|timetz|time"
    r"|interval|jsonb|json|uuid|bytea|inet|cidr|numeric|point|bool|boolean)\s*$",
    re.IGNORECASE,
)


class TransactionControl(Enum):
    """What a statement does to the transaction of its session."""

    BEGIN = "begin"
    END = "end"
    SAVEPOINT = "savepoint"  # ROLLBACK TO too


class Role(Enum):
    """Where a value stands."""

    EQUAL = "column = value"
    LIST = "IN list or array"
    PAGE = "LIMIT or OFFSET"
    OTHER = "anywhere else"


@dataclass(frozen=True, slots=True)
class TurnShape:
    """A statement without its literals."""

    key: str  # equal for texts that differ in white space and literals alone
    pieces: tuple[str, ...]  # around the slots: one more than there are slots
    fingerprint: str  # equal too where lists have other lengths, or VALUES other expressions
    command: str  # SELECT, INSERT, ...; of WITH that of the main statement is not looked for
    tokens: tuple[Token, ...]  # of the text with $1 for parameters and $100000 for slots
    parameters: int  # the highest $n
    roles: Mapping[int, Role]  # by n of $n
    control: TransactionControl | None  # what it does to the transaction
    is_turn: bool  # False for what no batch can replace: no table, system catalogs, several rows at once

    def text(self, literals: Sequence[str], numbers: Mapping[int, int]) -> str:
        """Return the statement with ``$n`` for the slots in *numbers* ({slot: n}), else their literals."""
        written: list[str] = []
        for slot, literal in enumerate(literals):
            piece = self.pieces[slot]
            number = numbers.get(slot)
            typed = TYPED_LITERAL.search(piece) if number is not None else None
            if typed is not None:
                written += (piece[: typed.start()], f"${number}::{typed[1]}")
            else:
                written += (_spaced(piece), literal if number is None else f"${number}")
        return "".join((*written, self.pieces[-1])).strip().rstrip(";").rstrip()


def shape_of(pieces: tuple[str, ...]) -> TurnShape:
    """Return the shape of the statement whose literals stood between *pieces*."""
    numbered = "".join(f"{_spaced(piece)}${FIRST_SLOT + slot}" for slot, piece in enumerate(pieces[:-1]))
    try:
        tokens = _without_end(read_words(numbered + pieces[-1]))
    except StatementError:
        tokens = ()
    command = tokens[0].keyword if tokens else ""
    numbers = [_number(token) for token in tokens if token.kind is TokenKind.PLACEHOLDER]
    return TurnShape(
        key=" ".join(token.text for token in tokens),
        pieces=pieces,
        fingerprint=_hash(_collapsed(tokens)),
        command=command,
        tokens=tokens,
        parameters=max((number for number in numbers if number < FIRST_SLOT), default=0),
        roles=dict(_roles(tokens)),
        control=_control(tokens),
        is_turn=command in TURN_COMMANDS and _can_be_turn(tokens),
    )


def _spaced(piece: str) -> str:
    """Keep DATE'2026-11-21' from becoming one word with the $n in place of its string."""
    return piece + " " if piece[-1:].isalnum() else piece


def _without_end(tokens: list[Token]) -> tuple[Token, ...]:
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    return tuple(tokens)


def _number(token: Token) -> int:
    return int(token.text[1:])


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=FINGERPRINT_BYTES).hexdigest()


def _collapsed(tokens: Sequence[Token]) -> str:
    """Return the statement with ``?`` for values, one for a list of them, and one for all VALUES."""
    end = values_end(tokens)
    words: list[str] = []
    for index, token in enumerate(tokens):
        if end is None or not end[0] < index < end[1]:
            words.append(
                "?" if token.kind in VALUE_KINDS else token.text.lower() if token.keyword else token.text
            )
    return VALUE_ARRAY.sub("[ ? ]", VALUE_LIST.sub("( ? )", " ".join(words)))


def values_end(tokens: Sequence[Token]) -> tuple[int, int] | None:
    """Return the index of VALUES in an INSERT, and the index behind its rows."""
    if not tokens or tokens[0].keyword != "INSERT":
        return None
    start = next((index for index, token in enumerate(tokens) if token.keyword == "VALUES"), None)
    if start is None:
        return None
    depth, index = 0, start + 1
    while index < len(tokens) and (depth or tokens[index].text in ("(", ",")):
        depth += {"(": 1, ")": -1}.get(tokens[index].text, 0)
        index += 1
    return start, index


def _rows(tokens: Sequence[Token]) -> int:
    """Return how many rows the VALUES of an INSERT have."""
    span = values_end(tokens)
    if span is None:
        return 0
    depth = rows = 0
    for token in tokens[span[0] + 1 : span[1]]:
        rows += token.text == "(" and depth == 0
        depth += {"(": 1, ")": -1}.get(token.text, 0)
    return rows


def _control(tokens: Sequence[Token]) -> TransactionControl | None:
    words = [token.keyword or token.text for token in tokens]
    if not words or ";" in words:
        return None
    if words[0] in TRANSACTION_BEGINS:
        return TransactionControl.BEGIN
    if words[0] in TRANSACTION_ENDS:
        return TransactionControl.SAVEPOINT if "TO" in words else TransactionControl.END
    return TransactionControl.SAVEPOINT if words[0] in SAVEPOINTS else None


def _can_be_turn(tokens: Sequence[Token]) -> bool:
    if any(token.text == ";" for token in tokens) or _rows(tokens) > 1:
        return False
    relations = named_relations(tokens)
    return any(not one.is_function and not one.is_system for one in relations)


def _roles(tokens: Sequence[Token]) -> Iterator[tuple[int, Role]]:
    listed = frozenset(_listed(tokens))
    equal = frozenset(found.number for found in equalities(tokens))
    for index, token in enumerate(tokens):
        if token.kind is not TokenKind.PLACEHOLDER:
            continue
        number = _number(token)
        if index in listed:
            role = Role.LIST
        elif tokens[index - 1].keyword in ("LIMIT", "OFFSET"):
            role = Role.PAGE
        else:
            role = Role.EQUAL if number in equal else Role.OTHER
        yield number, role


def _listed(tokens: Sequence[Token]) -> Iterator[int]:
    """Yield the indexes of what stands in IN (a, b), ANY (...) and ARRAY[...]; IN (a) is an equality."""
    for index, token in enumerate(tokens[:-1]):
        opening = tokens[index + 1].text
        is_list = (token.keyword == "IN" or token.keyword in LIST_FUNCTIONS) and opening == "("
        if not is_list and not (token.keyword == "ARRAY" and opening == "["):
            continue
        inside = list(_inside(tokens, index + 2))
        is_several = token.keyword != "IN" or any(tokens[each].text == "," for each in inside)
        if is_several and not any(tokens[each].keyword == "SELECT" for each in inside):
            yield from inside


def _inside(tokens: Sequence[Token], start: int) -> Iterator[int]:
    depth = 0
    for index in range(start, len(tokens)):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(tokens[index].text, 0)
        if depth < 0:
            return
        yield index
