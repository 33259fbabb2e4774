"""The lines of a SQL file in; its statements out, one after the other, never the whole file.

`pgtune.parse.sql_split` reads a file that fits into memory, with all its comments and psql commands; this
reads seed scripts of any size.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pgtune.errors import StatementError
from pgtune.parse.sql_split import COPY_DATA_END, Comment, Statement
from pgtune.parse.sql_tokens import Token, read_token, read_words

BLOCK_CHARS = 1 << 18  # chosen; what is read at a time
# Any text but a semicolon and psql's backslash. It stops where a token begins that it does not know: one that
# the next block ends, or a nested comment.
BODY = re.compile(
    r"""(?:[^'"$\\;/-]++
  | (?<=[^\w$][eE])'(?:[^'\\]|\\.|'')*+'
  | (?<![^\w$][eE])'[^']*+'
  | "[^"]*+"
  | --[^\n]*+
  | -(?!-)
  | /(?!\*)
  | \$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?\$(?P=tag)\$
  | \$(?!(?:[A-Za-z_]\w*)?\$)
)*+""",
    re.VERBOSE | re.DOTALL,
)
LEAD = re.compile(r"(?:[\s;\ufeff]++|--[^\n]*+(?:\n|\Z))*+")
COMMENT_LINE = re.compile(r"--[^\n]*+")
COPY_IN = re.compile(r"COPY\b.*\bFROM\s+STDIN\b", re.IGNORECASE | re.DOTALL)
ROUTINE_OR_RULE = re.compile(r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE|RULE)\b", re.IGNORECASE)


def stream_statements(lines: Iterable[str]) -> Iterator[Statement]:
    """Yield the statements of a SQL file; memory is bounded by its longest statement.

    Comments are those above the statement.

    Raises:
        StatementError: a string, quoted name or comment does not end.
    """
    reader = _Reader(iter(lines))
    while (statement := reader.next_statement()) is not None:
        yield statement


class _Reader:
    """A window on the file: the text from `position` on has not been read yet."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._text = ""
        self._position = 0
        self._offset = 0  # of the window in the file
        self._line = 1  # of the position
        self._at_end = False

    def next_statement(self) -> Statement | None:
        """Return the statement that comes next, None at the end of the file."""
        while True:
            comments = self._skip_lead()
            if self._at_end and self._position >= len(self._text):
                return None
            line, end = self._line, self._end_of_statement()
            text = self._text[self._position : end].strip()
            offset = self._offset + self._position
            self._advance(end)
            if text:
                if COPY_IN.match(text):
                    self._skip_copy_data()
                return Statement(text, line, offset, comments)
            self._skip_command()

    def _advance(self, end: int) -> None:
        self._line += self._text.count("\n", self._position, end)
        self._position = end

    def _fill(self) -> None:
        """Read on: as much again as the window holds, so that a long statement is not looked at too often."""
        wanted = max(BLOCK_CHARS, len(self._text) - self._position)
        pieces, read = [], 0
        for line in self._lines:
            pieces.append(line)
            read += len(line)
            if read >= wanted:
                break
        else:
            self._at_end = True
        self._offset += self._position
        self._text = self._text[self._position :] + "".join(pieces)
        self._position = 0

    def _skip_lead(self) -> tuple[Comment, ...]:
        """Go to the first token; return the comments before it."""
        comments: list[Comment] = []
        while True:
            match = LEAD.match(self._text, self._position)
            end = match.end() if match else self._position
            if end + 1 >= len(self._text) and not self._at_end:
                self._fill()
                continue
            comments += self._comments(self._position, end)
            self._advance(end)
            if not self._text.startswith("/*", end):
                return tuple(comments)
            block = _token(self._text, end)
            if block is not None:
                comments.append(Comment(block.text, self._line))
                self._advance(block.end)
            elif self._at_end:
                self._raise_error()
            else:
                self._fill()

    def _comments(self, start: int, end: int) -> tuple[Comment, ...]:
        if self._text.find("--", start, end) < 0:
            return ()
        return tuple(
            Comment(match[0].rstrip(), self._line + self._text.count("\n", start, match.start()))
            for match in COMMENT_LINE.finditer(self._text, start, end)
        )

    def _end_of_statement(self) -> int:
        """Return the offset of the semicolon or backslash that ends the statement, or of the end."""
        searched = self._position
        while True:
            end = _end_of_body(self._text, searched)
            if end is None or end >= len(self._text):
                if self._at_end:
                    return self._end_of_file(end)
                self._fill()
                searched = self._position
            elif self._text[end] == ";" and _is_open(self._text[self._position : end]):
                searched = end + 1
            else:
                return end

    def _end_of_file(self, end: int | None) -> int:
        if end is None:
            self._raise_error()
        return len(self._text)

    def _raise_error(self) -> None:
        """Read again what cannot be read, for the error that names it and its line in the file."""
        read_words("\n" * (self._line - 1) + self._text[self._position :])

    def _skip_command(self) -> None:
        """Skip a psql command: it reaches to the end of its line."""
        if not self._text.startswith("\\", self._position):
            return
        while (line_end := self._text.find("\n", self._position)) < 0 and not self._at_end:
            self._fill()
        self._advance(len(self._text) if line_end < 0 else line_end)

    def _skip_copy_data(self) -> None:
        while (closing := COPY_DATA_END.search(self._text, self._position)) is None and not self._at_end:
            self._advance(max(self._position, self._text.rfind("\n")))
            self._fill()
        self._advance(closing.end() if closing else len(self._text))


def _end_of_body(text: str, start: int) -> int | None:
    """Return where the statement at *start* ends, None when a token in it does not end in *text*."""
    position = start
    while True:
        match = BODY.match(text, position)
        position = match.end() if match else position
        if position >= len(text) or text[position] in ";\\":
            return position
        token = _token(text, position)
        if token is None:
            return None
        position = token.end


def _token(text: str, position: int) -> Token | None:
    try:
        return read_token(text, position)
    except StatementError:
        return None


def _is_open(text: str) -> bool:
    """Tell whether the semicolon behind *text* is inside the body of a routine or rule."""
    if not ROUTINE_OR_RULE.match(text):
        return False
    parentheses = blocks = 0
    previous = ""
    for token in read_words(text):
        parentheses += {"(": 1, ")": -1}.get(token.text, 0)
        if blocks:
            blocks += {"CASE": 1, "END": -1}.get(token.keyword, 0)
        elif token.keyword == "ATOMIC" and previous == "BEGIN":
            blocks = 1
        previous = token.keyword
    return parentheses > 0 or blocks > 0
