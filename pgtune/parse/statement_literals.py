"""A statement in; the same statement without what a user wrote as a value or a remark out."""

from __future__ import annotations

import re

from pgtune.errors import StatementError
from pgtune.parse.sql_tokens import TokenKind, read_tokens
from pgtune.parse.statement_kind import MODIFYING, READING, StatementKind, statement_kind

_MASKS = {TokenKind.STRING: "'***'", TokenKind.NUMBER: "0", TokenKind.COMMENT: " "}
_STRINGS_AND_COMMENTS = frozenset({TokenKind.STRING, TokenKind.COMMENT})
_PLANNED = READING | MODIFYING | {"WITH", "EXPLAIN"}
_FIRST_WORD = re.compile(r"[\s(]*([A-Za-z]+)")
# Nothing else begins a string or a comment. Most statements have neither, and tokens are slow to read.
_MAY_HAVE_ONE = re.compile(r"'|--|/\*|\$(?!\d)")


def without_utility_literals(statement: str) -> str:
    """Mask literals and comments of a utility statement, which may hold a password; others stay as they are.

    pg_stat_statements replaces constants by parameters in statements that have a plan, never in ALTER ROLE.
    """
    return _masked(statement, frozenset(_MASKS)) if _is_utility(statement) else statement


def without_literals(statement: str) -> str:
    """Mask strings and comments of any statement, and the numbers of utility statements."""
    if _is_utility(statement):
        return _masked(statement, frozenset(_MASKS))
    return _masked(statement, _STRINGS_AND_COMMENTS) if _MAY_HAVE_ONE.search(statement) else statement


def _is_utility(statement: str) -> bool:
    first = _FIRST_WORD.match(statement)
    if first is not None and first[1].upper() in _PLANNED:
        return False
    try:
        return statement_kind(statement) is StatementKind.UTILITY
    except StatementError:
        return True


def _masked(statement: str, kinds: frozenset[TokenKind]) -> str:
    pieces: list[str] = []
    try:
        pieces.extend(
            _MASKS[token.kind] if token.kind in kinds else token.text for token in read_tokens(statement)
        )
    except StatementError:  # from here on it cannot be told what is a literal
        pieces.append(_MASKS[TokenKind.STRING])
    return "".join(pieces).strip()
