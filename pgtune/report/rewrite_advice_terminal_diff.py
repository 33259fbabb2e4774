"""A diff of two statements drawn for people: side by side where there is room, else one below the other."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pgtune.report.rewrite_advice_diff import (
    diff_rows,
    gap,
    shares_lines,
    unified_lines,
    word_pieces,
)
from pgtune.report.visible import visible_line

SIDE_BY_SIDE_COLUMNS = 100  # from which on two statements fit beside each other; chosen
MAX_COLUMNS = 180  # wider, the two get too far apart to be compared; chosen
_STYLES = {"-": "red", "+": "green", " ": "dim", "@": "dim"}


def draw_diff(diff: Sequence[tuple[str, str]], console: Console) -> None:
    """Draw what changes, with an empty line below; the replacement itself is left to the caller."""
    if not diff:
        return
    if console.width >= SIDE_BY_SIDE_COLUMNS:
        console.print(_side_by_side(diff, console))
    else:
        _draw_unified(diff, console)
    console.print()


def _draw_unified(diff: Sequence[tuple[str, str]], console: Console) -> None:
    """Where no line stays, only the original's: the replacement comes whole right below."""
    needs_both = shares_lines(diff)
    for mark, line in unified_lines(diff):
        if mark != "+" or needs_both:
            shown = "  " if mark == "@" else f"{mark} "
            console.print(Text(f"{shown}{visible_line(line.expandtabs())}", _STYLES[mark]), soft_wrap=True)


def _side_by_side(diff: Sequence[tuple[str, str]], console: Console) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0), expand=True, pad_edge=False)
    table.width = min(console.width, MAX_COLUMNS)
    for _ in ("original", "replacement"):
        table.add_column(width=1)
        table.add_column(ratio=1, overflow="fold")
    for row in diff_rows(diff):
        if row.is_changed:
            original, replacement = word_pieces(row)
            table.add_row(*_marked("-", original), *_marked("+", replacement))
        else:
            same = Text(visible_line(gap(row) if row.left_out else row.original.expandtabs()), "dim")
            table.add_row("", same, "", same)
    return table


def _marked(mark: str, pieces: Sequence[tuple[str, bool]]) -> tuple[Text, Text]:
    """A mark and its line, what the other side lacks in bold; nothing where there is no line."""
    style = _STYLES[mark]
    line = Text()
    for piece, is_own in pieces:
        line.append(visible_line(piece.expandtabs()), f"bold {style}" if is_own else style)
    return Text(mark if line else "", style), line
