"""The tables of a terminal report: boxes for people, plain columns for a pipe."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table

TABLE_MAX_COLUMNS = 120  # longer lines are hard to read; chosen
GAP = 2  # blanks between the columns of a plain table


def framed_table(console: Console) -> Table:
    """An empty table for sentences, whose rows stand apart."""
    table = Table(
        box=box.ROUNDED if console.is_terminal else None,
        show_lines=console.is_terminal,
        pad_edge=console.is_terminal,
        padding=(0, 1) if console.is_terminal else (0, GAP, 1, 0),
        header_style="dim",
        expand=console.is_terminal,
    )
    table.width = min(console.width, TABLE_MAX_COLUMNS) if console.is_terminal else None
    return table


def sentences_table(console: Console, figures: tuple[str, ...], sentences: str) -> Table:
    """A framed table with columns of figures, and one of sentences that takes what is left."""
    table = framed_table(console)
    for title in figures:
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column(sentences, ratio=1, overflow="fold")
    return table


def figures_table(figures: tuple[str, ...], name: str) -> Table:
    """A table of figures without lines between its rows, and what they belong to in the last column."""
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim", show_edge=False)
    for title in figures:
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column(name, overflow="fold")
    return table
