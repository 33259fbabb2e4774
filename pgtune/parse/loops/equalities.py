"""The tokens of a statement in; the columns that are compared for equality with a parameter out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pgtune.parse.named_relations import identifier
from pgtune.parse.sql_tokens import Token, TokenKind

CAST = "::"


class Equality(NamedTuple):
    """``column = $n``, ``$n = column`` or ``column IN ($n)``; casts are passed over."""

    column: str
    number: int  # n of $n


def equalities(tokens: Sequence[Token]) -> Iterator[Equality]:
    """Yield every comparison of a column with one ``$n``, and the assignments of SET, which look the same.

    *tokens* hold no blanks.
    """
    for index in range(1, len(tokens) - 1):
        token = tokens[index]
        if token.text == "=":
            left, right = _before(tokens, index), _after(tokens, index + 1)
        elif token.keyword == "IN" and _is_single(tokens, index + 1):
            left, right = _before(tokens, index), tokens[index + 2]
        else:
            continue
        for column, value in ((left, right), (right, left)):
            name = identifier(column)
            if name is not None and value.kind is TokenKind.PLACEHOLDER:
                yield Equality(name, int(value.text[1:]))


def _before(tokens: Sequence[Token], index: int) -> Token:
    """Return the column or value whose last token stands before *index*."""
    is_cast = index > 2 and tokens[index - 2].text == CAST
    return tokens[index - 3] if is_cast else tokens[index - 1]


def _after(tokens: Sequence[Token], index: int) -> Token:
    """Return the last part of the possibly qualified column, or the value, at *index*."""
    while index + 2 < len(tokens) and tokens[index + 1].text == ".":
        index += 2
    return tokens[index]


def _is_single(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether "(one value)" stands at *index*."""
    return index + 2 < len(tokens) and tokens[index].text == "(" and tokens[index + 2].text == ")"
