"""A Verdict drawn for people: one line first, then the rows that tell the two statements apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pgtune.model.equivalence import Counterexample, Outcome, Row, Side
from pgtune.model.equivalence_verdict import Verdict
from pgtune.model.rewrite import DataCheck
from pgtune.report.equivalence_phrases import (
    detail_lines,
    headline,
    inserts,
    remark_lines,
    result_line,
    shown,
    value_lines,
)
from pgtune.report.terminal_table import GAP
from pgtune.report.visible import visible_line

_STYLES = {Outcome.EQUAL: "bold green", Outcome.DIFFERENT: "bold red", Outcome.UNDECIDED: "bold yellow"}
_INDENT = 2


def render_terminal(verdict: Verdict, console: Console) -> None:
    """Draw the verdict on ``console``."""
    console.print(Text(visible_line(headline(verdict)), _STYLES[verdict.outcome]))
    for line in detail_lines(verdict):
        console.print(Text(visible_line(line), "dim"))
    if verdict.test.counterexample is not None:
        _draw_counterexample(verdict, verdict.test.counterexample, console)
    if verdict.data is not None and verdict.data.is_equal is False:
        _draw_witnesses(verdict, verdict.data, console)
    if remarks := remark_lines(verdict):
        console.print()
        for remark in remarks:
            console.print(Text(f"Remark: {visible_line(remark)}", "yellow"))


def _draw_counterexample(verdict: Verdict, example: Counterexample, console: Console) -> None:
    statements = list(inserts(example))
    console.print()
    if statements:
        console.print(Text(visible_line(f"With these rows in the tables of {verdict.schema}, else empty:")))
        for statement in statements:
            # Not wrapped: it is there to be pasted into psql.
            console.print(Text(" " * _INDENT + visible_line(statement)), soft_wrap=True)
    else:
        console.print(Text(visible_line(f"With the tables of {verdict.schema} empty.")))
    for line in value_lines(verdict, example):
        console.print(Text(f"with {visible_line(line)}"))
    _draw_side(verdict.original, example.original, console)
    _draw_side(verdict.rewritten, example.rewritten, console)


def _draw_side(name: str, side: Side, console: Console) -> None:
    for result in side.results:
        console.print()
        console.print(Text(f"{visible_line(name)} {visible_line(result_line(result))}", "bold"))
        if result.rows:
            _draw_rows([column.name for column in result.columns], result.rows, console)
    for table in side.tables:
        console.print()
        console.print(Text(visible_line(f"{name} leaves in {table.relation}"), "bold"))
        _draw_rows(table.columns, table.rows, console)


def _draw_rows(columns: Iterable[str], rows: Iterable[Row], console: Console) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim", show_edge=False)
    for column in columns:
        table.add_column(Text(visible_line(column)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible_line(shown(value)), "dim" if value is None else "") for value in row))
    console.print(Padding(table, (0, 0, 0, _INDENT)))


def _draw_witnesses(verdict: Verdict, data: DataCheck, console: Console) -> None:
    for name, rows in ((verdict.original, data.only_original), (verdict.rewritten, data.only_rewritten)):
        _draw_only(name, rows, console)


def _draw_only(name: str, rows: Sequence[str], console: Console) -> None:
    if not rows:
        return
    console.print()
    console.print(Text(visible_line(f"Only {name} returns, on the database's rows:"), "bold"))
    for row in rows:
        console.print(Padding(Text(visible_line(row)), (0, 0, 0, _INDENT)))
