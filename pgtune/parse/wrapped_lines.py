"""Physical lines of a text plan in, whole lines out: literals with newlines and wrapped lines are joined.

EXPLAIN prints balanced brackets, so a line that leaves one open outside a literal was broken by a mail
client, a chat or a terminal. A literal may hold real newlines, and then anything at all on the next lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_STARTS_NUMBERS = re.compile(r"\s*\((?:cost=|actual |never executed\))")
_STARTS_ASSIGNMENT = re.compile(
    r"\s*(?:rows|width|loops|time|read|written|hit|dirtied|write|bytes|fpi|calls)=\d"
)
_STARTS_PLAN_LINE = re.compile(r"\s*(?:->  |(?:[A-Z][a-z]+[ -]?){1,4}: |[A-Z][\w ]+ on \S+ +\(cost=)")
_ENDS_OPEN = re.compile(r"(?:[,:]|->| on| using| AND| OR)\s*$")
_LIST_LINE = re.compile(r"\s*(?:Output|Sort Key|Group Key|Presorted Key|Hash Key|\w+ Cond|Filter):")


@dataclass(frozen=True, slots=True)
class Line:
    """A whole line: ``number`` (from 1) is where it starts in the input, ``column`` its indentation."""

    number: int
    column: int
    text: str
    complete: bool = True  # False: the input ended inside a bracket or a literal


@dataclass(slots=True)
class _Scan:
    """How far quotes and brackets are open after the parts read so far."""

    quote: str = ""
    depth: int = 0

    def read(self, part: str) -> None:
        if self.quote:
            at = part.find(self.quote)
            if at < 0:
                return
            self.quote, part = "", part[at + 1 :]
        outside = _QUOTED.sub("", part)
        opened = re.search("['\"]", outside)
        if opened:
            self.quote, outside = opened[0], outside[: opened.start()]
        self.depth += outside.count("(") - outside.count(")")


def whole_lines(lines: Sequence[str], first_number: int) -> list[Line]:
    """Return the lines with broken ones joined; blank lines outside literals are left out.

    *first_number* is the number of ``lines[0]`` in the input.
    """
    joiner = _Joiner(lines, first_number)
    joined = joiner.join()
    if joiner.wrapped:
        return _Joiner(lines, first_number, in_literals=_hard_width(lines, joiner.broken)).join()
    return joined


def _hard_width(lines: Sequence[str], broken: Sequence[int]) -> int:
    """Return the width at which all broken lines were cut, or 0 when they were wrapped between words."""
    width = max(len(line) for line in lines)
    cut = [len(lines[index]) for index in broken]
    return width if len(cut) > 1 and all(width - 1 <= length <= width for length in cut) else 0


class _Joiner:
    """One pass over the lines; ``wrapped`` and ``broken`` tell what it met."""

    def __init__(self, lines: Sequence[str], first_number: int, in_literals: int | None = None) -> None:
        self._lines = lines
        self._first_number = first_number
        self._width = in_literals  # None: a newline inside a literal belongs to it
        self._literals_close = True
        self.wrapped = False
        self.broken: list[int] = []

    def join(self) -> list[Line]:
        whole: list[Line] = []
        at = 0
        while at < len(self._lines):
            start, text = at, self._lines[at]
            at += 1
            if not text.strip():
                continue
            complete = True
            if _looks_open(text):
                text, at, complete = self._close(start)
            text, at = self._append_rest(text, at)
            column = len(text) - len(text.lstrip())
            whole.append(Line(self._first_number + start, column, text.strip(), complete))
        return whole

    def _close(self, start: int) -> tuple[str, int, bool]:
        """Join lines until quotes and brackets are closed, or a new plan line shows they never are."""
        scan = _Scan()
        scan.read(self._lines[start])
        text, at = [self._lines[start]], start + 1
        while at < len(self._lines) and (scan.quote or scan.depth > 0):
            following = self._lines[at]
            if scan.quote:
                if not self._literals_close:
                    break
                text.append(self._glue_in_literal(at - 1))
            else:
                if _STARTS_PLAN_LINE.match(following) and not _STARTS_NUMBERS.match(following):
                    break
                self._note_wrap(at - 1)
                text.append(self._glue(at - 1))
            text.append(following)
            scan.read(following)
            at += 1
        if scan.quote and at - start > 1:
            # No line further down closes it either: from here on a lone quote is a lone quote.
            self._literals_close = False
            return self._lines[start], start + 1, True
        return "".join(text), at, not (scan.quote or scan.depth > 0)

    def _append_rest(self, text: str, at: int) -> tuple[str, int]:
        """Append following lines that cannot stand alone: costs, counters, the rest of a list."""
        while at < len(self._lines):
            following = self._lines[at]
            cannot_stand = _STARTS_NUMBERS.match(following) or _STARTS_ASSIGNMENT.match(following)
            left_open = _ENDS_OPEN.search(text[-8:]) and (not text.endswith(":") or _LIST_LINE.match(text))
            if not cannot_stand and not (left_open and self._width is not None and following.strip()):
                break
            self._note_wrap(at - 1)
            text += self._glue(at - 1) + following.strip()
            at += 1
        return text, at

    def _glue_in_literal(self, index: int) -> str:
        # Unless the plan was wrapped right here, the newline belongs to the literal.
        if self._width is None or len(self._lines[index]) < self._width - 1:
            return "\n"
        return self._glue(index)

    def _note_wrap(self, index: int) -> None:
        self.wrapped = True
        self.broken.append(index)

    def _glue(self, index: int) -> str:
        line = self._lines[index]
        if not self._width:
            return "" if line.endswith(" ") else " "
        return " " * (self._width - len(line))


def _looks_open(text: str) -> bool:
    if text.count("(") != text.count(")"):
        return True
    return bool(text.count("'") % 2 or text.count('"') % 2)
