"""Physical lines of a text plan in, whole lines out: literals with newlines and wrapped lines are joined.

EXPLAIN prints balanced brackets, so a line that leaves one open outside a literal was broken by a mail
client, a chat or a terminal. A literal may hold real newlines, and then anything at all on the next lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from pgtune.parse.node_header import looks_like_node, numbers_are_whole
from pgtune.parse.plan_lines import is_plan_line

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
# What can never stand alone on a line: the numbers of a node, the rest of its counters.
_STARTS_REST = re.compile(
    r"\s*(?:\((?:cost=|actual |never executed\))"
    r"|(?:rows|width|loops|time|read|written|hit|dirtied|write|bytes|fpi|calls)=\d)"
)
_INSIDE_NUMBERS = re.compile(r"\((?:cost=|actual )[^()]*$")
_STARTS_NUMBER = re.compile(r"(?:rows|width|loops|time)=")  # a blank stands before these and no others
_STARTS_PLAN_LINE = re.compile(r"\s*(?:->  |(?:[A-Z][a-z]+[ -]?){1,4}: )")
_PAIR = re.compile(r"(?:[A-Z][a-z]+ ?){1,2}: ?\S")  # two blanks stand between the pairs of one line
_INSIDE_KEY = re.compile(r"[^:] [A-Z][a-z]+$")
_EXPRESSION = re.compile(r"\s*(?:[A-Z][\w-]+ )*(?:Filter|Cond|Key|Output|Call): ")  # balanced if whole
_NUMBER_PARTS = 20  # chosen; the numbers of a node take 150 characters, so even narrow lines fit
_HARD_SLACK = 2  # blanks that may have been trimmed at the point where a terminal broke the line


class Wrap(Enum):
    """How the lines were broken."""

    NONE = "not at all"
    WORDS = "between words, which took the blank away"
    WIDTH = "at a fixed width, anywhere"


class Line(NamedTuple):  # built for every line: a frozen dataclass takes twice as long
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

    @property
    def is_open(self) -> bool:
        return bool(self.quote) or self.depth > 0

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

    *first_number* is the number of ``lines[0]`` in the input, which is the root of a plan.
    """
    plain = _Joiner(lines, first_number, Wrap.NONE)
    joined = plain.join()
    if not plain.broken:
        return joined
    by_width = _Joiner(lines, first_number, Wrap.WIDTH)
    by_words = _Joiner(lines, first_number, Wrap.WORDS)
    at_width, at_words = by_width.join(), by_words.join()
    good = _readable_nodes(at_width) - _readable_nodes(at_words)
    return at_width if good > 0 or (good == 0 and by_width.was_cut_at_width()) else at_words


def _readable_nodes(lines: Sequence[Line]) -> int:
    return sum(numbers_are_whole(line.text) for line in lines)


class _Joiner:
    """One pass over the lines; ``broken`` tells which ones it found to be wrapped."""

    def __init__(self, lines: Sequence[str], first_number: int, wrap: Wrap) -> None:
        self._lines = lines
        self._first_number = first_number
        self._wrap = wrap
        self._width = max(map(len, lines)) if wrap is Wrap.WIDTH else 0
        self._root_column = _column(lines[0])
        self._quotes_close = True
        self._rests = {at for at, line in enumerate(lines) if _STARTS_REST.match(line)}
        self.broken: list[int] = []

    def join(self) -> list[Line]:
        whole: list[Line] = []
        at = 0
        while at < len(self._lines):
            text, start, complete = self._lines[at], at, True
            stripped = text.strip()
            at += 1
            if not stripped:
                continue
            if at in self._rests or _looks_open(stripped) or self._wraps(stripped):
                text, at, complete = self._join_from(start)
                stripped = text.strip()
            whole.append(Line(self._first_number + start, _column(text), stripped, complete))
        return whole

    def was_cut_at_width(self) -> bool:
        """Tell whether the lengths speak for it; one line alone does only where a setting's name was cut."""
        lengths = [len(self._lines[index]) for index in self.broken]
        if len(lengths) == 1 and self._lines[self.broken[0]].lstrip().startswith("Settings: "):
            return lengths[0] == self._width and self._lines[self.broken[0]][-1].isalnum()
        return len(lengths) > 1 and min(lengths) >= self._width - _HARD_SLACK

    def _join_from(self, start: int) -> tuple[str, int, bool]:
        """Return the whole line that begins at *start*, the index behind it, and whether it was closed."""
        scan = _Scan()
        scan.read(self._lines[start])
        parts, at = [self._lines[start]], start + 1
        while at < len(self._lines) and self._continues(scan, at):
            following = self._lines[at]
            if self._wrap is Wrap.WORDS and not scan.quote:
                following = following.lstrip()  # whoever wrapped between words may have indented the rest
            parts += [self._glue("".join(parts[-_NUMBER_PARTS:]), scan, at - 1, following), following]
            scan.read(self._lines[at])
            at += 1
        if scan.quote and at - start > 1:
            # No line further down closes it either: from here on a lone quote is a lone quote.
            self._quotes_close = False
            if not _EXPRESSION.match(self._lines[start]):
                return self._lines[start], start + 1, True
        return "".join(parts), at, not scan.is_open

    def _continues(self, scan: _Scan, at: int) -> bool:
        if scan.quote:
            return self._quotes_close
        following = self._lines[at]
        if at in self._rests:
            return True
        if scan.depth > 0 or _ends_in_a_list(self._lines[at - 1]):
            return not _STARTS_PLAN_LINE.match(following)
        return self._wraps(self._lines[at - 1].lstrip()) and self._is_left_over(
            following, self._lines[at - 1]
        )

    def _wraps(self, line: str) -> bool:
        """Tell whether the line, stripped in front, may go on in the next one although nothing is open."""
        # In a plan of short lines only the settings may be long; nothing else tells that they were wrapped.
        return self._wrap is not Wrap.NONE or line.startswith("Settings: ")

    def _is_left_over(self, following: str, line: str) -> bool:
        """Tell whether the line stands where only a root or the lines below the tree can."""
        text = following.strip()
        if not text or _column(following) > self._root_column + 1 or text.startswith("->"):
            return False
        ended = is_plan_line(line.strip()) and line.endswith((" ms", ":"))
        return not (ended or is_plan_line(text) or looks_like_node(text))

    def _glue(self, joined: str, scan: _Scan, index: int, following: str) -> str:
        """Return what stood between a line and the following one; *joined* is what was read up to there."""
        line = self._lines[index]
        if scan.quote and (self._wrap is Wrap.NONE or len(line) < self._width - _HARD_SLACK):
            return "\n"
        self.broken.append(index)
        if not scan.quote and _INSIDE_NUMBERS.search(joined):
            return " " if _STARTS_NUMBER.match(following) and not line.endswith(" ") else ""
        if self._wrap is Wrap.WIDTH:
            return " " * min(self._width - len(line), _HARD_SLACK)
        if line.endswith(" "):
            return ""
        starts_pair = not scan.quote and _PAIR.match(following) and not _INSIDE_KEY.search(line)
        return "  " if starts_pair else " "


def _column(line: str) -> int:
    return len(line) - len(line.lstrip())


def _ends_in_a_list(line: str) -> bool:
    return line.rstrip().endswith(",")


def _looks_open(text: str) -> bool:
    if text.endswith(",") or text.count("(") != text.count(")"):
        return True
    return ("'" in text and text.count("'") % 2 > 0) or ('"' in text and text.count('"') % 2 > 0)
