"""The text of a SQL file in; its statements, and what only psql understands, out."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from pgtune.parse.sql_tokens import Token, TokenKind, read_token

# psql commands that send the statement before them, as a semicolon does.
SENDING_COMMAND = re.compile(r"\\(?:;|g|gx|gset|gexec|gdesc|watch|crosstabview|parse|bind)(?![a-z])")
SEPARATE_COMMAND = "\\;"
COPY_DATA_END = re.compile(r"^\\\.\r?$", re.MULTILINE)
CREATE_ROUTINE = re.compile(r"CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE) ")
HEAD_WORDS = 4  # enough for CREATE OR REPLACE FUNCTION


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its marks."""

    text: str
    line: int  # 1-based, in the file


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, as it is sent to the server: from its first token to its last."""

    text: str  # without the final semicolon; the comments inside are kept
    line: int  # 1-based, of the first token
    offset: int  # of the first token, in characters
    comments: tuple[Comment, ...]  # above it, inside it, and behind its semicolon on the same line


@dataclass(frozen=True, slots=True)
class MetaCommand:
    """A line that only psql understands: a backslash command or the data of a COPY; not sent."""

    text: str  # the first line
    line: int  # 1-based


@dataclass(frozen=True, slots=True)
class Script:
    """What a SQL file holds."""

    statements: tuple[Statement, ...]
    skipped: tuple[MetaCommand, ...]


def read_script(sql: str) -> Script:
    """Return the statements of *sql* and the lines that are for psql alone.

    A semicolon ends a statement outside parentheses and outside BEGIN ATOMIC ... END.

    Raises:
        StatementError: a string, quoted name or comment does not end.
    """
    sql = sql.removeprefix("\ufeff")
    splitter = _Splitter(sql)
    position = 0
    while (token := read_token(sql, position)) is not None:
        position = splitter.take(token)
    return splitter.finish()


class _Splitter:
    """Gathers tokens into statements."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.line_ends = [match.start() for match in re.finditer("\n", sql)]
        self.statements: list[Statement] = []
        self.skipped: list[MetaCommand] = []
        self.comments: list[Comment] = []
        self.last_end = 0  # offset behind the last semicolon
        self._begin_statement()

    def _begin_statement(self) -> None:
        self.first: Token | None = None
        self.pieces: list[str] = []  # of the text, where a psql command stands inside the statement
        self.piece_start = 0
        self.piece_end = 0
        self.words: list[str] = []
        self.previous_word = ""
        self.copies_from_stdin = False
        self.parentheses = 0
        self.blocks = 0  # BEGIN ATOMIC and the CASEs inside it

    def take(self, token: Token) -> int:
        """Use *token* and return the offset to go on from."""
        if token.kind is TokenKind.SPACE:
            return token.end
        if token.kind is TokenKind.COMMENT:
            self._take_comment(token)
            return token.end
        if token.text == "\\":
            return self._take_command(token)
        if token.text == ";" and self.parentheses <= 0 and not self.blocks:
            return self._end_statement(token.end)
        if self.first is None:
            self.first = token
        if not self.piece_end:
            self.piece_start = token.start
        self.piece_end = token.end
        if token.kind is TokenKind.WORD:
            self._take_word(token.keyword)
        elif token.text in ("(", ")"):
            self.parentheses += 1 if token.text == "(" else -1
        return token.end

    def finish(self) -> Script:
        self._close()
        if self.comments and self.statements:
            self._add_to_last(self.comments)
        return Script(tuple(self.statements), tuple(self.skipped))

    def _line(self, offset: int) -> int:
        return bisect_left(self.line_ends, offset) + 1

    def _take_word(self, word: str) -> None:
        if len(self.words) < HEAD_WORDS:
            self.words.append(word)
        if word == "STDIN" and self.previous_word == "FROM" and self.words[0] == "COPY":
            self.copies_from_stdin = True
        if self.blocks:
            self.blocks += {"CASE": 1, "END": -1}.get(word, 0)
        elif word == "ATOMIC" and self.previous_word == "BEGIN" and self._creates_routine():
            self.blocks = 1
        self.previous_word = word

    def _creates_routine(self) -> bool:
        return CREATE_ROUTINE.match(" ".join(self.words) + " ") is not None

    def _take_comment(self, token: Token) -> None:
        comment = Comment(token.text, self._line(token.start))
        if self.first is None and self.statements and self.sql.find("\n", self.last_end, token.start) < 0:
            self._add_to_last([comment])
        else:
            self.comments.append(comment)

    def _add_to_last(self, comments: list[Comment]) -> None:
        last = self.statements[-1]
        self.statements[-1] = Statement(last.text, last.line, last.offset, (*last.comments, *comments))

    def _take_command(self, token: Token) -> int:
        """Skip a psql command: it reaches to the end of its line, and may send the statement."""
        if self.sql.startswith(SEPARATE_COMMAND, token.start):
            return self._end_statement(token.start + len(SEPARATE_COMMAND))
        line_end = self.sql.find("\n", token.start)
        end = len(self.sql) if line_end < 0 else line_end
        self.skipped.append(MetaCommand(self.sql[token.start : end].rstrip(), self._line(token.start)))
        if SENDING_COMMAND.match(self.sql, token.start):
            return self._end_statement(end)
        self._end_piece()
        return end

    def _end_piece(self) -> None:
        if self.piece_end:
            self.pieces.append(self.sql[self.piece_start : self.piece_end])
            self.piece_end = 0

    def _end_statement(self, end: int) -> int:
        copies = self.copies_from_stdin
        self._close()
        self.last_end = end
        return self._skip_copy_data(end) if copies else end

    def _close(self) -> None:
        self._end_piece()
        if self.first is not None:
            text = "\n".join(self.pieces)
            start = self.first.start
            self.statements.append(Statement(text, self._line(start), start, tuple(self.comments)))
            self.comments = []
        self._begin_statement()

    def _skip_copy_data(self, end: int) -> int:
        closing = COPY_DATA_END.search(self.sql, end)
        begin = self.sql.find("\n", end) + 1
        if closing is None or not begin:
            return end
        self.skipped.append(MetaCommand(self.sql[begin:].split("\n", 1)[0], self._line(begin)))
        return closing.end()
