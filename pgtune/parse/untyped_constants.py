"""The tokens of a normalized statement in; the ``$n`` that can only have been numbers out.

A constant has a type, ``$n`` has none: where nothing beside it gives it one, the server takes it for text, or
refuses. An integer fits each place found here, for the server casts it to any other type of number. Where it
is wrong after all, the server refuses the statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pgtune.parse.sql_tokens import Token, TokenKind

ARITHMETIC = frozenset("+-*/%")
SUMMING = frozenset({"SUM", "AVG"})


def number_positions(tokens: Sequence[Token]) -> frozenset[int]:
    """Return the indexes of the ``$n`` that are to be integers.

    - the first in ``$1 + $2``
    - what is added to a day: ``current_date - $1``, ``date $1 + $2``
    - the results of ``sum(CASE ... THEN $1 ELSE $2 END)`` where all are constants, and ``sum($1)``
    - ``generate_series($1, $2)``: of bounds that are dates, one would have to be cast
    """
    found: set[int] = set()
    for index, token in enumerate(tokens):
        if token.kind is TokenKind.PLACEHOLDER:
            if _begins_arithmetic(tokens, index) or _is_day_count(tokens, index):
                found.add(index)
        elif token.keyword in SUMMING:
            found.update(_summed(tokens, index + 1))
        elif token.keyword == "GENERATE_SERIES":
            found.update(_bounds(tokens, index + 1))
    return frozenset(found)


def _begins_arithmetic(tokens: Sequence[Token], index: int) -> bool:
    follows = _text(tokens, index + 1) in ARITHMETIC and _is_placeholder(tokens, index + 2)
    return follows and _text(tokens, index - 1) not in ARITHMETIC


def _is_day_count(tokens: Sequence[Token], index: int) -> bool:
    if _text(tokens, index - 1) not in ("+", "-"):
        return False
    is_today = _keyword(tokens, index - 2) == "CURRENT_DATE"
    return is_today or (_is_placeholder(tokens, index - 2) and _keyword(tokens, index - 3) == "DATE")


def _summed(tokens: Sequence[Token], opening: int) -> Sequence[int]:
    """Return the constants that the aggregate whose parenthesis is at *opening* sums up."""
    if _text(tokens, opening) != "(":
        return ()
    if _is_placeholder(tokens, opening + 1) and _text(tokens, opening + 2) == ")":
        return (opening + 1,)
    if _keyword(tokens, opening + 1) != "CASE":
        return ()
    results = list(_results(tokens, opening + 2))
    is_constant = (
        _is_placeholder(tokens, index) and _keyword(tokens, index + 1) in ("WHEN", "ELSE", "END")
        for index in results
    )
    return results if all(is_constant) else ()


def _results(tokens: Sequence[Token], start: int) -> Iterator[int]:
    """Yield where the results of the CASE begin whose first WHEN, or operand, is at *start*."""
    cases = 1
    for index in range(start, len(tokens)):
        word = tokens[index].keyword
        cases += {"CASE": 1, "END": -1}.get(word, 0)
        if not cases:
            return
        if cases == 1 and word in ("THEN", "ELSE"):
            yield index + 1


def _bounds(tokens: Sequence[Token], opening: int) -> Sequence[int]:
    bounds = []
    index = opening + 1
    while _is_placeholder(tokens, index):
        bounds.append(index)
        if _text(tokens, index + 1) == ")":
            return bounds
        index += 2
    return ()


def _is_placeholder(tokens: Sequence[Token], index: int) -> bool:
    return 0 <= index < len(tokens) and tokens[index].kind is TokenKind.PLACEHOLDER


def _keyword(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].keyword if 0 <= index < len(tokens) else ""


def _text(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].text if 0 <= index < len(tokens) else ""
