"""Lines of a text plan that begin with tabs in, the same lines indented with blanks out.

Editors, terminals and web pages put tabs in place of blanks in some lines or all; only the columns of the
arrows tell the tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_TABBED_ARROW = re.compile(r"[ \t]*\t[ \t]*->")
_ARROW = len("->  ")
_STEPS = frozenset({6, 8})  # from one arrow to an arrow below it, without and with a subplan's label between
_FIRST_STEPS = _STEPS | {7, 9}  # the first line of a pasted plan often has lost one blank


def _at_stops_of_8(line: str) -> str:
    return line.expandtabs(8)


def _at_stops_of_4(line: str) -> str:
    return line.expandtabs(4)


def _four_blanks_each(line: str) -> str:
    return line.replace("\t", "    ")


_SPELLINGS: tuple[Callable[[str], str], ...] = (_at_stops_of_8, _at_stops_of_4, _four_blanks_each)


def without_tabs(lines: Sequence[str]) -> Sequence[str]:
    """Return the lines of a plan from its root on, with blanks in front.

    They are returned as they are when no arrow stands behind a tab.
    """
    if not any("\t" in line and _TABBED_ARROW.match(line) for line in lines):
        return lines
    readings = [[_indented(line, spelling) for line in lines] for spelling in _SPELLINGS]
    return max(readings, key=_arrows_in_line)


def _indented(line: str, spelling: Callable[[str], str]) -> str:
    text = line.lstrip(" \t")
    return spelling(line[: len(line) - len(text)]) + text


def _arrows_in_line(lines: Sequence[str]) -> int:
    """Return how many arrows stand as far right of the node above as EXPLAIN puts them."""
    above = [len(lines[0]) - len(lines[0].lstrip()) - _ARROW]  # columns of the arrows that are open
    count = 0
    for line in lines:
        text = line.lstrip()
        if text.startswith("->"):
            column = len(line) - len(text)
            while len(above) > 1 and above[-1] >= column:
                above.pop()
            count += column - above[-1] in (_STEPS if len(above) > 1 else _FIRST_STEPS)
            above.append(column)
    return count
