"""Statements in clients' parameter styles in; the same with one numbering of parameters for all out."""

from __future__ import annotations

from collections.abc import Sequence

from pgtune.parse.parameters import ParametrisedStatement, find_parameters
from pgtune.parse.sql_tokens import TokenKind, read_tokens


def share_parameters(statements: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the statements with ``$n``, and the names: ``$n`` is ``names[n - 1]`` in each of them.

    Numbers of ``$n`` and ``%s`` stay what they are; names are numbered as they come.

    Raises:
        StatementError: as find_parameters() does.
    """
    found = [find_parameters(statement) for statement in statements]
    names = list(dict.fromkeys(name for each in found for name in each.names))
    if all(name.isdecimal() for name in names):
        names.sort(key=int)
    numbers = {name: number for number, name in enumerate(names, 1)}
    return tuple(_renumbered(each, numbers) for each in found), tuple(names)


def used_numbers(statement: str) -> frozenset[int]:
    """Return n of each ``$n`` in *statement*.

    Raises:
        StatementError: a string, quoted name or comment does not end.
    """
    return frozenset(
        int(token.text[1:]) for token in read_tokens(statement) if token.kind is TokenKind.PLACEHOLDER
    )


def _renumbered(statement: ParametrisedStatement, numbers: dict[str, int]) -> str:
    if not statement.names:
        return statement.text
    return "".join(
        f"${numbers[statement.names[int(token.text[1:]) - 1]]}"
        if token.kind is TokenKind.PLACEHOLDER
        else token.text
        for token in read_tokens(statement.text)
    )
