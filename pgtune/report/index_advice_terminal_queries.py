"""What index advice does to queries, as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pgtune.model.index_advice import IndexAdvice, QueryEffect, Verification
from pgtune.model.workload import Query, WorkloadOrigin
from pgtune.report.index_advice_headline import values_line, verification_line
from pgtune.report.index_advice_phrases import MIN_CHANGE, format_change, query_text, sort_effects
from pgtune.report.quantities import count_of, format_blocks, format_count, format_ms
from pgtune.report.terminal_table import figures_table
from pgtune.report.visible import visible_line

SHOWN_EFFECTS = 3  # of queries that gain, and as many that lose, without --all; chosen


def draw_effects(
    effects: Iterable[QueryEffect], origin: WorkloadOrigin, console: Console, *, everything: bool
) -> None:
    """Draw the queries that gain and those that lose by one index."""
    found = sort_effects(effects)
    shown: list[QueryEffect] = []
    rest: list[str] = []
    for some, verb in ((found.gaining, "gain"), (found.losing, "lose")):
        kept = some if everything else some[:SHOWN_EFFECTS]
        shown += kept
        if more := len(some) - len(kept):
            rest.append(f"{count_of(more, f'more query {verb}s', f'more queries {verb}')}")
    if shown:
        console.print()
        console.print(_costs_table(shown, origin))
    if rest:
        console.print(Text(f"{', '.join(rest)}: --all lists them", "dim"))


def draw_all_queries(advice: IndexAdvice, console: Console) -> None:
    """Draw what the whole set does to each query of the workload."""
    if advice.effects:
        console.print()
        console.print(Text("All queries", "bold"))
        console.print(_costs_table(advice.effects, advice.coverage.origin))


def _costs_table(effects: Sequence[QueryEffect], origin: WorkloadOrigin) -> Table:
    table = figures_table(("cost before", "after", "change"), "query")
    for effect in effects:
        before, after = effect.cost_before, effect.cost_after
        query = _query(effect.query, origin)
        if effect.node:
            query.append(f"\n{visible_line(effect.node)}", "dim")
        table.add_row(Text(format_count(before)), Text(format_count(after)), _change(before, after), query)
    return table


def draw_measurements(verification: Verification, console: Console) -> None:
    """Draw time and buffers before and after the set was really built."""
    console.print()
    console.print(Text(visible_line(verification_line(verification)), "bold"))
    if verification.measurements:
        table = figures_table(("before", "after", "change", "read before", "after"), "query")
        for measured in verification.measurements:
            table.add_row(
                Text(format_ms(measured.before_ms)),
                Text(format_ms(measured.after_ms)),
                _change(measured.before_ms, measured.after_ms),
                Text(format_blocks(measured.before_blocks)),
                Text(format_blocks(measured.after_blocks)),
                Text(visible_line(measured.query.name)),
            )
        console.print(table)
    if chosen := values_line(verification):
        console.print(Text(visible_line(chosen), "dim"))
    for line in verification.unmeasured:
        console.print(Text(f"Not measured: {visible_line(line)}", "dim"))


def _query(query: Query, origin: WorkloadOrigin) -> Text:
    text = Text(visible_line(query.name))
    if beginning := query_text(query, origin):
        text.append(f"  {visible_line(beginning)}", "cyan")
    return text


def _change(before: float, after: float) -> Text:
    worse, better = after > before * (1 + MIN_CHANGE), after < before * (1 - MIN_CHANGE)
    return Text(format_change(before, after), "yellow" if worse else "green" if better else "dim")
