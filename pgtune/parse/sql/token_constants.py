"""A statement in, its literals out; for what sqlglot cannot read."""

from __future__ import annotations

from pgtune.errors import StatementError
from pgtune.parse.sql.mined_constants import MinedConstants
from pgtune.parse.sql_tokens import TokenKind, read_words


def token_constants(statement: str) -> MinedConstants:
    """Return every literal of *statement* as belonging to no column. Never raises."""
    try:
        words = read_words(statement)
    except StatementError:
        return MinedConstants()
    return MinedConstants(
        loose_numbers=frozenset(word.text for word in words if word.kind is TokenKind.NUMBER),
        loose_strings=frozenset(_unquoted(word.text) for word in words if word.kind is TokenKind.STRING),
    )


def _unquoted(string: str) -> str:
    """What stands between the quotes; escapes of E'' strings stay as they are written."""
    if string.startswith("$"):
        return string[string.index("$", 1) + 1 : string.rindex("$", 0, len(string) - 1)]
    return string[string.index("'") + 1 : -1].replace("''", "'")
