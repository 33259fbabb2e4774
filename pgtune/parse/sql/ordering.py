"""A statement's tokens in, the order that it promises for its rows out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgtune.errors import StatementError
from pgtune.parse.named_relations import identifier
from pgtune.parse.sql_tokens import Token, TokenKind, read_words

_LIST_ENDS = frozenset({"LIMIT", "OFFSET", "FETCH", "FOR"})
_DIRECTIONS = frozenset({"ASC", "DESC", "USING", "NULLS"})
_OPENING = frozenset({"(", "["})
_CLOSING = frozenset({")", "]"})


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an ORDER BY: the place or name of an output column; neither: some other expression."""

    place: int | None = None  # from 1
    name: str | None = None


def top_level_order(statement: str) -> tuple[SortKey, ...]:
    """Return the keys of the ORDER BY that orders the result of *statement*; none where it has none."""
    try:
        tokens = _without_parentheses(read_words(statement))
    except StatementError:
        return ()
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0 and token.keyword == "BY" and tokens[index - 1].keyword == "ORDER":
            return tuple(_key(expression) for expression in _expressions(tokens[index + 1 :]))
    return ()


def _without_parentheses(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens between parentheses that hold the whole statement."""
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


def _key(tokens: Sequence[Token]) -> SortKey:
    end = next((i for i, token in enumerate(tokens) if token.keyword in _DIRECTIONS), len(tokens))
    tokens = tokens[:end]
    if len(tokens) == 1 and tokens[0].kind is TokenKind.NUMBER and tokens[0].text.isdigit():
        return SortKey(place=int(tokens[0].text))
    is_name = len(tokens) in (1, 3) and all(token.text == "." for token in tokens[1:2])
    return SortKey(name=identifier(tokens[-1])) if is_name else SortKey()
