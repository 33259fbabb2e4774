"""A statement's tokens in, the order that it promises for its rows out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgtune.errors import StatementError
from pgtune.model.names import quote_ident
from pgtune.parse.named_relations import identifier
from pgtune.parse.sql_tokens import Token, TokenKind, read_words

_LIST_ENDS = frozenset({"LIMIT", "OFFSET", "FETCH", "FOR"})
_DIRECTIONS = frozenset({"ASC", "DESC", "USING"})
_NULLS = frozenset({"FIRST", "LAST"})
_NAMES = frozenset({TokenKind.WORD, TokenKind.QUOTED_NAME})
_OPENING = frozenset({"(", "["})
_CLOSING = frozenset({")", "]"})


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an ORDER BY: a place, a name, or else an expression."""

    place: int | None = None  # of an output column, from 1
    name: str | None = None  # of an output column; of an input column where no output column has it
    expression: str = ""  # over input columns, as it is written, without its direction

    def output_place(self, names: Sequence[str]) -> int | None:
        """Return the place, from 0, of the key among output columns called *names*; None: it is none of them.

        Two output columns of the name are the same expression, else the server refuses the statement
        (findTargetlistEntrySQL92 in src/backend/parser/parse_clause.c).
        """
        if self.place is not None:
            return self.place - 1 if 0 < self.place <= len(names) else None
        return names.index(self.name) if self.name in names else None

    @property
    def text(self) -> str:
        """SQL of a key that is no output column; empty for a place."""
        return self.expression if self.name is None else quote_ident(self.name)


def top_level_order(statement: str) -> tuple[SortKey, ...]:
    """Return the keys of the ORDER BY that orders the result of *statement*; none where it has none."""
    try:
        tokens = without_parentheses(read_words(statement))
    except StatementError:
        return ()
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0 and token.keyword == "BY" and tokens[index - 1].keyword == "ORDER":
            return tuple(_key(statement, key) for key in _expressions(tokens[index + 1 :]))
    return ()


def without_parentheses(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens between parentheses that hold all *tokens*."""
    while len(tokens) > 2 and tokens[0].text == "(" and _closing(tokens) == len(tokens) - 1:
        tokens = tokens[1:-1]
    return tokens


def _closing(tokens: Sequence[Token]) -> int:
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            return index
    return -1


def _expressions(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    depth = begin = 0
    for index, token in enumerate(tokens):
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0 and (token.keyword in _LIST_ENDS or token.text == ";"):
            yield tokens[begin:index]
            return
        if depth == 0 and token.text == ",":
            yield tokens[begin:index]
            begin = index + 1
    yield tokens[begin:]


def _key(statement: str, tokens: Sequence[Token]) -> SortKey:
    """Read one key; the server's grammar forgets parentheses around it."""
    tokens = without_parentheses(_without_direction(tokens))
    if len(tokens) == 1 and tokens[0].kind is TokenKind.NUMBER and tokens[0].text.isdigit():
        return SortKey(place=int(tokens[0].text))
    if len(tokens) == 1 and tokens[0].kind in _NAMES:
        return SortKey(name=identifier(tokens[0]))
    return SortKey(expression=statement[tokens[0].start : tokens[-1].end] if tokens else "")


def _without_direction(tokens: Sequence[Token]) -> Sequence[Token]:
    if len(tokens) > 2 and tokens[-2].keyword == "NULLS" and tokens[-1].keyword in _NULLS:
        tokens = tokens[:-2]
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0 and token.keyword in _DIRECTIONS:
            return tokens[:index]
    return tokens
