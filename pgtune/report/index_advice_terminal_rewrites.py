"""Queries that a rewrite helps instead of, or besides, the recommended indexes, as a table for a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from pgtune.model.index_advice import IndexAdvice
from pgtune.model.rewrite_choice import RewriteChoice
from pgtune.model.workload import WorkloadOrigin
from pgtune.report.index_advice_phrases import query_text
from pgtune.report.quantities import format_count
from pgtune.report.rewrite_pointer_phrases import REWRITES_HINT, REWRITES_TITLE, costs_of, reason
from pgtune.report.terminal_table import figures_table
from pgtune.report.visible import visible_line

SHOWN_REWRITES = 5  # without --all; chosen


def draw_rewrites(advice: IndexAdvice, console: Console, *, everything: bool) -> None:
    """Draw the four costs of each query and what to take."""
    if not advice.rewrites:
        return
    shown = advice.rewrites if everything else advice.rewrites[:SHOWN_REWRITES]
    console.print()
    console.print(Text(REWRITES_TITLE, "bold"))
    table = figures_table(("cost now", "index", "rewrite", "both", "take"), "query")
    for choice in shown:
        costs = (Text(format_count(cost)) for cost in costs_of(choice))
        take = Text(choice.cure.value, "green")
        table.add_row(*costs, take, _query(choice, advice.coverage.origin))
    console.print(table)
    if more := len(advice.rewrites) - len(shown):
        console.print(Text(f"{more:,} more: --all lists them", "dim"))
    console.print(Text(REWRITES_HINT))


def _query(choice: RewriteChoice, origin: WorkloadOrigin) -> Text:
    text = Text(visible_line(choice.query.name))
    if beginning := query_text(choice.query, origin):
        text.append(f"  {visible_line(beginning)}", "cyan")
    text.append(f"\n{visible_line(reason(choice.applied))}", "dim")
    return text
