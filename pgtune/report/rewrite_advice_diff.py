"""Lines of an original and its replacement side by side in; those around changes out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT_LINES = 3  # unchanged, above and below a change; chosen
_WORDS = re.compile(r"\w+|\s+|\W")


@dataclass(frozen=True, slots=True)
class DiffRow:
    """A line of both, or a number of unchanged lines that are not shown."""

    original: str
    replacement: str
    left_out: int = 0

    @property
    def is_changed(self) -> bool:
        """True when the two lines differ."""
        return self.original != self.replacement


def diff_rows(diff: Sequence[tuple[str, str]]) -> Iterator[DiffRow]:
    """Yield the changed lines with some around them; *diff* has an empty line where one side has none."""
    changed = [number for number, (left, right) in enumerate(diff) if left != right]
    shown = {near for number in changed for near in range(number - CONTEXT_LINES, number + CONTEXT_LINES + 1)}
    left_out = 0
    for number, (left, right) in enumerate(diff):
        if number not in shown:
            left_out += 1
            continue
        if left_out:
            yield DiffRow("", "", left_out)
            left_out = 0
        yield DiffRow(left, right)
    if left_out:
        yield DiffRow("", "", left_out)


def unified_lines(diff: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield ``(mark, line)``: "-" of the original, "+" of the replacement, " " of both, "@" of a gap."""
    removed: list[str] = []
    added: list[str] = []
    for row in diff_rows(diff):
        if row.is_changed:
            removed += [row.original] if row.original else []
            added += [row.replacement] if row.replacement else []
            continue
        yield from _flushed(removed, added)
        yield ("@", gap(row)) if row.left_out else (" ", row.original)
    yield from _flushed(removed, added)


def _flushed(removed: list[str], added: list[str]) -> Iterator[tuple[str, str]]:
    for mark, lines in (("-", removed), ("+", added)):
        yield from ((mark, line) for line in lines)
        lines.clear()


def gap(row: DiffRow) -> str:
    """What stands for lines that are not shown."""
    return f"… {row.left_out:,} unchanged {'line' if row.left_out == 1 else 'lines'}"


def shares_lines(diff: Sequence[tuple[str, str]]) -> bool:
    """True when a line of the original stays: else the replacement by itself says as much as a diff."""
    return any(left == right for left, right in diff)


def word_pieces(row: DiffRow) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Both lines of a row in pieces, each with whether the other line lacks it."""
    old, new = _WORDS.findall(row.original), _WORDS.findall(row.replacement)
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        left.append(("".join(old[i1:i2]), tag != "equal"))
        right.append(("".join(new[j1:j2]), tag != "equal"))
    return left, right
