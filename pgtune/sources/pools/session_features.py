"""The text of a statement in; what it leaves behind in its session out.

What ends with the transaction is left out: SET LOCAL, SET TRANSACTION, SET CONSTRAINTS, ON COMMIT DROP,
pg_advisory_xact_lock. So are the settings that poolers keep for each client (track_extra_parameters and
what PostgreSQL reports, in PgBouncer's documentation).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise

from pgtune.errors import StatementError
from pgtune.model.pools.server_facts import SessionFeature
from pgtune.parse.sql_tokens import Token, TokenKind, read_tokens

_OF_TRANSACTION = frozenset({"LOCAL", "TRANSACTION", "CONSTRAINTS"})
_KEPT_BY_POOLERS = frozenset(
    {
        "APPLICATION_NAME",
        "CLIENT_ENCODING",
        "NAMES",
        "DATESTYLE",
        "INTERVALSTYLE",
        "STANDARD_CONFORMING_STRINGS",
        "TIMEZONE",
        "TIME",
    }
)
_TEMPORARY = frozenset({"TEMP", "TEMPORARY"})
_ADVISORY_LOCKS = frozenset(
    {
        "PG_ADVISORY_LOCK",
        "PG_ADVISORY_LOCK_SHARED",
        "PG_TRY_ADVISORY_LOCK",
        "PG_TRY_ADVISORY_LOCK_SHARED",
    }
)
_SEQUENCE_FUNCTIONS = frozenset({"CURRVAL", "LASTVAL"})


def session_feature(statement: str) -> SessionFeature | None:
    """Return what of the session *statement* relies on, None when it is at home in any."""
    words = _words(statement)
    if not words:
        return None
    return _of_command(words) or _of_function(words)


def _words(statement: str) -> list[Token]:
    """Words and opening parentheses; as far as the text can be read (the server may have cut it)."""
    words: list[Token] = []
    with suppress(StatementError):
        words.extend(token for token in read_tokens(statement) if _counts(token))
    return words


def _counts(token: Token) -> bool:
    return token.kind is TokenKind.WORD or token.text.strip() == "("


def _of_command(words: Sequence[Token]) -> SessionFeature | None:
    keywords = [token.keyword for token in words]
    match keywords:
        case ["LISTEN", *_]:
            return SessionFeature.LISTEN
        case ["PREPARE", following, *_] if following != "TRANSACTION":
            return SessionFeature.PREPARE
        case ["SET", *rest]:
            return SessionFeature.SET if _outlives_transaction(rest) else None
        case ["DECLARE", *rest] if ("WITH", "HOLD") in pairwise(rest):
            return SessionFeature.HELD_CURSOR
        case ["CREATE" | "SELECT" | "WITH", *_] if _makes_temporary(keywords):
            return SessionFeature.TEMPORARY_TABLE
    return None


def _outlives_transaction(rest: Sequence[str]) -> bool:
    named = rest[1:] if rest[:1] == ["SESSION"] else rest
    return not named or named[0] not in _OF_TRANSACTION | _KEPT_BY_POOLERS


def _makes_temporary(keywords: Sequence[str]) -> bool:
    """True of CREATE TEMP TABLE and SELECT INTO TEMP, unless they are dropped at commit."""
    before = {"CREATE", "LOCAL", "GLOBAL", "REPLACE", "INTO"}
    pairs = list(pairwise(keywords))
    made = any(word in _TEMPORARY and previous in before for previous, word in pairs)
    return made and ("COMMIT", "DROP") not in pairs


def _of_function(words: Sequence[Token]) -> SessionFeature | None:
    for word, following in pairwise(words):
        if following.kind is TokenKind.WORD:
            continue
        if word.keyword in _ADVISORY_LOCKS:
            return SessionFeature.ADVISORY_LOCK
        if word.keyword in _SEQUENCE_FUNCTIONS:
            return SessionFeature.CURRVAL
    return None
