"""A psycopg error in, the pgtune error with one line for the user out; told apart by SQLSTATE."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import psycopg

from pgtune.errors import (
    ConnectionLost,
    PgtuneError,
    StatementCancelled,
    StatementError,
    StatementRefused,
)

_CONTEXT_COLUMNS = 100  # chosen: fits a wide terminal; longer lines are cut around the caret

# Classes and codes: https://www.postgresql.org/docs/18/errcodes-appendix.html
_INPUT_CODES = frozenset({"42601", "42P02", "42P18", "08P01"})  # 08P01: number of bound values
_LOST_CODES = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03", "25P04"})
_QUERY_CANCELED = "57014"
_GUESS = " This probably means"  # libpq goes on to guess at what "see its log" tells
_LOCK_NOT_AVAILABLE = "55P03"
_READ_ONLY = "25006"
_NO_PRIVILEGE = "42501"


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent when the error came back."""

    target: str  # "localhost:5432"
    text: str  # as sent: prefix + the user's statement
    prefix_chars: int  # length of what pgtune put before the statement
    timeout_ms: int
    lock_timeout_ms: int
    elapsed_ms: float


def translate(error: psycopg.Error, sent: Sent) -> PgtuneError:
    """Return the error to show for *error*: object, cause and next step in one line."""
    sqlstate = error.sqlstate
    if sqlstate is None:
        return _without_sqlstate(error, sent)
    if sqlstate in _LOST_CODES or (sqlstate.startswith("08") and sqlstate not in _INPUT_CODES):
        return _lost(sent, _primary(error))
    if sqlstate == _QUERY_CANCELED:
        return _cancelled(sent)
    if sqlstate == _LOCK_NOT_AVAILABLE:
        return StatementCancelled(
            f"no lock within {sent.lock_timeout_ms} ms: another session holds it; "
            "look in pg_locks or try again later"
        )
    return _refused(error, sent, sqlstate)


def _refused(error: psycopg.Error, sent: Sent, sqlstate: str) -> PgtuneError:
    message = _primary(error)
    context = _context(error, sent)
    if sqlstate in _INPUT_CODES or sqlstate.startswith("22"):
        return StatementError(_with_hint(message, error.diag.message_hint), context)
    hint: str | None
    if sqlstate == _READ_ONLY:
        hint = "--allow-writes runs it and rolls back"
    elif sqlstate == _NO_PRIVILEGE:
        hint = error.diag.message_hint or "ask the owner for the privilege, or connect as another role"
    else:
        hint = error.diag.message_hint
    return StatementRefused(_with_hint(message, hint), context)


def _without_sqlstate(error: psycopg.Error, sent: Sent) -> PgtuneError:
    """Tell a dead connection from a value that psycopg would not send."""
    message = _one_line(str(error))
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return _lost(sent, message.partition(_GUESS)[0])
    return StatementError(message)


def _lost(sent: Sent, cause: str) -> ConnectionLost:
    return ConnectionLost(
        f"server at {sent.target} closed the connection: {cause}; see its log, then try again"
    )


def _cancelled(sent: Sent) -> StatementCancelled:
    # The message is in the server's language, so the clock tells a timeout from a cancel request.
    if 0 < sent.timeout_ms <= sent.elapsed_ms:
        return StatementCancelled(
            f"statement cancelled: it ran into the timeout of {sent.timeout_ms} ms; allow more with --timeout"
        )
    return StatementCancelled(
        f"statement cancelled after {sent.elapsed_ms:.0f} ms: another session asked for it; "
        "ask the administrator, then try again"
    )


def _primary(error: psycopg.Error) -> str:
    message = _one_line(error.diag.message_primary or str(error))
    detail = error.diag.message_detail
    return f"{message}: {_one_line(detail).rstrip('.')}" if detail else message


def _with_hint(message: str, hint: str | None) -> str:
    return f"{message}; {_one_line(hint).rstrip('.')}" if hint else message


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _context(error: psycopg.Error, sent: Sent) -> str:
    """Return the line of the user's statement that the error is in and a caret below, or nothing."""
    if error.diag.statement_position is None:
        return ""
    offset = int(error.diag.statement_position) - 1 - sent.prefix_chars  # characters, not bytes
    statement = sent.text[sent.prefix_chars :]
    return caret(statement, offset) if 0 <= offset <= len(statement) else ""


def caret(statement: str, offset: int) -> str:
    """Return ``LINE n: ...`` of *statement* and a caret below the character at *offset*, as psql does."""
    start = statement.rfind("\n", 0, offset) + 1
    end = statement.find("\n", offset)
    line = statement[start : None if end < 0 else end]
    at = offset - start
    cut = max(0, at - _CONTEXT_COLUMNS // 2) if len(line) > _CONTEXT_COLUMNS else 0
    shown = ("..." if cut else "") + _printable(line[cut : cut + _CONTEXT_COLUMNS])
    before = len("..." if cut else "") + at - cut
    label = f"LINE {statement.count(chr(10), 0, start) + 1}: "
    return f"{label}{shown.rstrip()}\n{' ' * (len(label) + _columns(shown[:before]))}^"


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _columns(text: str) -> int:
    """Terminal columns that *text* takes: wide East Asian characters take two, combining marks none."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)
