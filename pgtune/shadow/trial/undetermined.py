"""Statements in, the reasons why their results are not determined by the rows alone out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from pgtune.parse.sql_tokens import Token, TokenKind, read_words

_LITERALS = frozenset({TokenKind.NUMBER, TokenKind.STRING})
_CONSTANTS = frozenset({"TRUE", "FALSE", "NULL"})
_LIMITS = frozenset({"LIMIT", "FETCH", "OFFSET"})
_SET_OPERATIONS = frozenset({"UNION", "INTERSECT", "EXCEPT"})


def undetermined(statements: Sequence[str], volatile: Collection[str]) -> str | None:
    """Return one reason, or None.

    *volatile* are the names of functions that give another value at each call.
    """
    for statement in statements:
        tokens = read_words(statement)
        for reason in _reasons(tokens, volatile):
            return reason
    return None


def _reasons(tokens: Sequence[Token], volatile: Collection[str]) -> Iterator[str]:
    for token, following in pairwise(tokens):
        if following.text == "(" and token.text.strip('"').lower() in volatile:
            yield f"{token.text}() gives another value at each call"
        if token.keyword == "TABLESAMPLE":
            yield "TABLESAMPLE takes other rows each time"
    if _limits_without_order(tokens):
        yield "LIMIT without ORDER BY"


def _limits_without_order(tokens: Sequence[Token]) -> bool:
    """Tell whether a query cuts its rows in no order, where it matters which it keeps."""
    levels = [_Level(in_exists=False, rows_are_alike=_rows_are_alike(tokens[:3]))]
    for index, token in enumerate(tokens):
        if token.text == "(":
            in_exists = bool(index) and tokens[index - 1].keyword == "EXISTS"
            alike = _rows_are_alike(tokens[index + 1 : index + 4])
            levels.append(_Level(in_exists=in_exists, rows_are_alike=alike))
        elif token.text == ")" and len(levels) > 1:
            levels.pop()
        elif _cuts(tokens, index) and levels[-1].order_is_missing:
            return True
        elif token.keyword == "BY" and index and tokens[index - 1].keyword == "ORDER":
            levels[-1].has_order = True
        elif token.keyword in _SET_OPERATIONS:
            levels[-1].has_order = levels[-1].rows_are_alike = False
    return False


class _Level:
    """One pair of parentheses."""

    def __init__(self, *, in_exists: bool, rows_are_alike: bool) -> None:
        self.in_exists = in_exists
        self.rows_are_alike = rows_are_alike
        self.has_order = False

    @property
    def order_is_missing(self) -> bool:
        """True where it matters which rows a LIMIT keeps, and nothing says which."""
        return not (self.has_order or self.in_exists or self.rows_are_alike)


def _rows_are_alike(start: Sequence[Token]) -> bool:
    """Tell whether a query that starts so returns a constant and nothing else: ``SELECT 1 FROM``."""
    words = [token.keyword or token.text for token in start]
    is_constant = len(start) > 1 and (start[1].kind in _LITERALS or words[1] in _CONSTANTS)
    return is_constant and (words[0], *words[2:]) == ("SELECT", "FROM")


def _cuts(tokens: Sequence[Token], index: int) -> bool:
    if tokens[index].keyword not in _LIMITS or index + 1 >= len(tokens):
        return False
    following = tokens[index + 1]
    if tokens[index].keyword == "FETCH":
        return following.keyword in ("FIRST", "NEXT")
    if tokens[index].keyword == "OFFSET":
        return following.text not in {"0", ")"}
    return following.keyword not in ("ALL", "NULL")
