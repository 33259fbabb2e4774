"""SQL text in, PostgreSQL's tokens out (``src/backend/parser/scan.l``, standard_conforming_strings on)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

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


@dataclass(frozen=True, slots=True)
class Token:
    """A run of characters; all tokens of a text, joined, are the text."""

    kind: TokenKind
    text: str
    start: int  # offset in the text, in characters

    @property
    def end(self) -> int:
        """Offset of the first character behind the token."""
        return self.start + len(self.text)

    @property
    def keyword(self) -> str:
        """The token in upper case if it is a word, else the empty string."""
        return self.text.upper() if self.kind is TokenKind.WORD else ""

    @property
    def is_blank(self) -> bool:
        """True for white space and comments, which mean nothing to the server."""
        return self.kind in (TokenKind.SPACE, TokenKind.COMMENT)


# Every byte from 0x80 on is a letter to the server; only ASCII blanks are blanks.
LETTER = r"A-Za-z_\x80-\U0010ffff"
START = re.compile(
    rf"""
    (?P<SPACE>[ \t\n\r\f\v]+)
  | (?P<COMMENT>--[^\r\n]*)
  | (?P<block>/\*)
  | (?P<escape>[eE]')
  | (?P<quote>(?:[bBxXnN]|[uU]&)?')
  | (?P<name>(?:[uU]&)?")
  | (?P<dollar>\$(?:[{LETTER}][{LETTER}0-9]*)?\$)
  | (?P<PLACEHOLDER>\$[0-9]+)
  | (?P<WORD>[{LETTER}][{LETTER}0-9$]*)
  | (?P<NUMBER>[0-9][0-9A-Za-z_]*(?:\.(?!\.)[0-9A-Za-z_]*)?|\.[0-9][0-9A-Za-z_]*)
  | (?P<OPERATOR>(?:(?!--|/\*)[-+*/<>=~!@\#%^&|`?])+)
  | (?P<PUNCTUATION>::|:=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
QUOTE_END = re.compile(r"[^']*+(?:''[^']*+)*+'")
NAME_END = re.compile(r'[^"]*+(?:""[^"]*+)*+"')
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
    group = match.lastgroup or ""
    kind = TokenKind.__members__.get(group)
    if kind is not None:
        return Token(kind, match[0], position)
    if group == "block":
        kind, end = TokenKind.COMMENT, _block_end(sql, match)
    elif group == "name":
        kind, end = TokenKind.QUOTED_NAME, _end(NAME_END, sql, match, "quoted name")
    else:
        kind, end = TokenKind.STRING, _string_end(sql, match, group)
    return Token(kind, sql[position:end], position)


def read_tokens(sql: str) -> Iterator[Token]:
    """Yield every token of *sql*, blanks included.

    Raises:
        StatementError: a string, quoted name or comment does not end.
    """
    token = read_token(sql, 0)
    while token is not None:
        yield token
        token = read_token(sql, token.end)


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


def _string_end(sql: str, opening: re.Match[str], group: str) -> int:
    if group == "dollar":
        end = sql.find(opening[0], opening.end())
        if end < 0:
            raise statement_error(sql, opening.start(), f"string has no closing {opening[0]}; end the string")
        return end + len(opening[0])
    if group == "quote":
        return _end(QUOTE_END, sql, opening, "string")
    end = _end(ESCAPE_END, sql, opening, "string")
    continued = CONTINUED_QUOTE.match(sql, end)
    while continued is not None:
        end = _end(ESCAPE_END, sql, continued, "string")
        continued = CONTINUED_QUOTE.match(sql, end)
    return end


def _end(pattern: re.Pattern[str], sql: str, opening: re.Match[str], what: str) -> int:
    closing = pattern.match(sql, opening.end())
    if closing is None:
        raise statement_error(sql, opening.start(), f"{what} has no closing quote; end the {what}")
    return closing.end()


def _block_end(sql: str, opening: re.Match[str]) -> int:
    depth = 1
    for edge in COMMENT_EDGE.finditer(sql, opening.end()):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    raise statement_error(sql, opening.start(), "comment has no closing */; comments nest")
