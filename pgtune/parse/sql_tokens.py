"""SQL text in, PostgreSQL's tokens out (``src/backend/parser/scan.l``, standard_conforming_strings on)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from pgtune.errors import StatementError


class TokenKind(Enum):
    """What a token is to the scanner; keywords are words."""

    SPACE = "space"
    COMMENT = "comment"
    STRING = "string"  # '', E'', B'', X'', N'', U&'' and dollar-quoted
    QUOTED_NAME = "quoted name"
    WORD = "word"
    PLACEHOLDER = "placeholder"  # $1
    NUMBER = "number"
    OPERATOR = "operator"
    PUNCTUATION = "punctuation"  # ( ) [ ] , ; . : :: := and any character SQL has no use for


class Token(NamedTuple):
    """A run of characters; all tokens of a text, joined, are the text.

    A tuple is made in little more than half the time of a frozen dataclass (measured); texts have many.
    """

    kind: TokenKind
    text: str
    start: int  # offset in the text, in characters
    keyword: str = ""  # the text in upper case if it is a word

    @property
    def end(self) -> int:
        """Offset of the first character behind the token."""
        return self.start + len(self.text)

    @property
    def is_blank(self) -> bool:
        """True for white space and comments, which mean nothing to the server."""
        return self.kind is TokenKind.SPACE or self.kind is TokenKind.COMMENT


# Every byte from 0x80 on is a letter to the server; only ASCII blanks are blanks.
LETTER = r"A-Za-z_\x80-\U0010ffff"
BLANK = r"[ \t\n\r\f\v]"
# A token, and blanks behind it: nearly half of all tokens are single spaces, which read_words never sees so.
# Groups in capitals hold whole tokens, the others what begins one.
START = re.compile(
    rf"""
    (?:(?P<SPACE>{BLANK}+)
  | (?P<COMMENT>--[^\r\n]*)
  | (?P<block>/\*)
  | (?P<escape>[eE]')
  | (?P<STRING>(?:[bBxXnN]|[uU]&)?'[^']*+(?:''[^']*+)*+')
  | (?P<string>(?:[bBxXnN]|[uU]&)?')
  | (?P<QUOTED_NAME>(?:[uU]&)?"[^"]*+(?:""[^"]*+)*+")
  | (?P<name>(?:[uU]&)?")
  | (?P<dollar>\$(?:[{LETTER}][{LETTER}0-9]*)?\$)
  | (?P<PLACEHOLDER>\$[0-9]+)
  | (?P<WORD>[{LETTER}][{LETTER}0-9$]*)
  | (?P<NUMBER>[0-9][0-9A-Za-z_]*(?:\.(?!\.)[0-9A-Za-z_]*)?|\.[0-9][0-9A-Za-z_]*)
  | (?P<OPERATOR>(?:(?!--|/\*)[-+*/<>=~!@\#%^&|`?])+)
  | (?P<PUNCTUATION>::|:=|.)
    ){BLANK}*+
    """,
    re.VERBOSE | re.DOTALL,
)
# By number of group; None for what only begins.
_KINDS = {number: TokenKind.__members__.get(name) for name, number in START.groupindex.items()}
ESCAPE_END = re.compile(r"(?:[^'\\]|\\.|'')*+'", re.DOTALL)
# Two strings with a line break between them are one, and the second is read as the first.
CONTINUED_QUOTE = re.compile(r"(?:[ \t\f\v]|--[^\r\n]*)*+[\r\n](?:[ \t\r\n\f\v]|--[^\r\n]*[\r\n])*+'")
COMMENT_EDGE = re.compile(r"/\*|\*/")


def read_token(sql: str, position: int) -> Token | None:
    """Return the token at *position*, None at the end of *sql*.

    Raises:
        StatementError: a string, quoted name or comment that starts here does not end.
    """
    match = START.match(sql, position)
    if match is None:
        return None
    group = match.lastindex or 0
    kind = _KINDS[group]
    if kind is None:
        return _long_token(sql, match)
    text = match[group]
    return Token(kind, text, position, text.upper() if kind is TokenKind.WORD else "")


def read_tokens(sql: str) -> Iterator[Token]:
    """Yield every token of *sql*, blanks included.

    Raises:
        StatementError: a string, quoted name or comment does not end.
    """
    token = read_token(sql, 0)
    while token is not None:
        yield token
        token = read_token(sql, token.end)


def read_words(sql: str) -> list[Token]:
    """Return the tokens of *sql* without blanks.

    Raises:
        StatementError: a string, quoted name or comment does not end.
    """
    tokens: list[Token] = []
    position = 0
    while position < len(sql):
        position = _read_run(sql, position, tokens)
    return tokens


def _read_run(sql: str, start: int, tokens: list[Token]) -> int:
    """Add the words up to the first token that START does not find whole; return the offset behind it.

    This is where the time goes when a workload is read, so that it makes no call for a token (measured: two
    thirds of the time of one that does).
    """
    for match in START.finditer(sql, start):
        group = match.lastindex or 0
        kind = _KINDS[group]
        if kind is None:
            token = _long_token(sql, match)
            tokens += () if token.is_blank else (token,)
            return token.end
        text = match[group]
        if kind is TokenKind.WORD:
            tokens.append(Token(kind, text, match.start(), text.upper()))
        elif kind is not TokenKind.SPACE and kind is not TokenKind.COMMENT:
            tokens.append(Token(kind, text, match.start()))
    return len(sql)


def statement_error(sql: str, offset: int, message: str) -> StatementError:
    """Return an error that names the line of *offset* and shows it with a caret, as psql does."""
    begin = sql.rfind("\n", 0, offset) + 1
    end = sql.find("\n", offset)
    label = f"LINE {_line_of(sql, offset)}: "
    shown = sql[begin:] if end < 0 else sql[begin:end]
    caret = " " * (len(label) + offset - begin) + "^"
    return StatementError(f"line {_line_of(sql, offset)}: {message}", f"{label}{shown}\n{caret}")


def _line_of(sql: str, offset: int) -> int:
    return sql.count("\n", 0, offset) + 1


def _long_token(sql: str, opening: re.Match[str]) -> Token:
    """Return the token that *opening* begins."""
    group, start = opening.lastgroup, opening.start()
    if group == "block":
        return Token(TokenKind.COMMENT, sql[start : _block_end(sql, opening)], start)
    if group in ("string", "name"):
        raise _unclosed(sql, opening, "quoted name" if group == "name" else "string")
    end = _dollar_end(sql, opening) if group == "dollar" else _escape_end(sql, opening)
    return Token(TokenKind.STRING, sql[start:end], start)


def _dollar_end(sql: str, opening: re.Match[str]) -> int:
    mark = opening["dollar"]
    end = sql.find(mark, opening.start() + len(mark))
    if end < 0:
        raise statement_error(sql, opening.start(), f"string has no closing {mark}; end the string")
    return end + len(mark)


def _escape_end(sql: str, opening: re.Match[str]) -> int:
    inside = opening.end("escape")
    while True:
        closing = ESCAPE_END.match(sql, inside)
        if closing is None:
            raise _unclosed(sql, opening, "string")
        continued = CONTINUED_QUOTE.match(sql, closing.end())
        if continued is None:
            return closing.end()
        inside = continued.end()


def _unclosed(sql: str, opening: re.Match[str], what: str) -> StatementError:
    return statement_error(sql, opening.start(), f"{what} has no closing quote; end the {what}")


def _block_end(sql: str, opening: re.Match[str]) -> int:
    depth = 1
    for edge in COMMENT_EDGE.finditer(sql, opening.end("block")):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    raise statement_error(sql, opening.start(), "comment has no closing */; comments nest")
