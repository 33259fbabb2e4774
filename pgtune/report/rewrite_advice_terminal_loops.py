"""Loops and the statements that take their place, drawn for people."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from pgtune.model.batch import Batch, BatchTiming, LoopAdvice
from pgtune.model.rewrite import Label
from pgtune.report.quantities import count_of, format_count
from pgtune.report.rewrite_advice_loops import (
    has_label,
    is_offered,
    loop_facts,
    loop_label,
    loop_sentences,
    other_forms,
    saved,
)
from pgtune.report.rewrite_advice_phrases import in_short
from pgtune.report.sql_comment import terminated
from pgtune.report.terminal_table import figures_table, sentences_table
from pgtune.report.visible import visible, visible_line

DRAWN_LOOPS = 10  # with statement and code, without --all; the table names all; chosen
DRAWN_LINES = 20  # of a script, without --all; chosen
FIRST_DRIVER = "psycopg"  # whose code is shown; --all shows that of all


def draw_loops(loops: Sequence[LoopAdvice], console: Console, *, first: int, everything: bool) -> None:
    """Draw the loops, numbered from ``first``."""
    if not loops:
        return
    console.print()
    console.print(Text("Row by row", "bold"))
    table = sentences_table(console, ("", "saves", "label"), "loop")
    for number, advice in enumerate(loops, first):
        label = Text(loop_label(advice), _label_style(advice))
        table.add_row(Text(f"[{number}]"), Text(saved(advice)), label, _loop_text(advice))
    console.print(table)
    drawn = loops if everything else loops[:DRAWN_LOOPS]
    for number, advice in enumerate(drawn, first):
        if advice.batch is not None:
            _draw_batch(number, advice, advice.batch, console, everything=everything)
    if more := len(loops) - len(drawn):
        console.print()
        console.print(Text(f"{count_of(more, 'more loop', 'more loops')}: --all shows what to use", "dim"))


def _label_style(advice: LoopAdvice) -> str:
    if not has_label(advice):
        return "dim"
    return "yellow" if advice.label is Label.UNVERIFIED else "green"


def _loop_text(advice: LoopAdvice) -> Text:
    style = "yellow" if advice.loop.is_sure else "blue"
    text = Text.assemble((visible_line(in_short(advice.loop.text)), style))
    for sentence in loop_sentences(advice):
        text.append(f"\n{visible_line(sentence)}")
    return text.append(f"\n{advice.rule} ({advice.severity})", "dim")


def _draw_batch(number: int, advice: LoopAdvice, batch: Batch, console: Console, *, everything: bool) -> None:
    """The statement to copy, below it as comments of SQL what is to be known, then times and code."""
    console.print()
    console.print(
        Text(f"-- [{number}] {advice.rule}: {visible_line(advice.loop.place)}", "bold"), soft_wrap=True
    )
    offered = is_offered(advice)
    console.print(Text(visible(terminated(batch.sql)), "green" if offered else "dim"), soft_wrap=True)
    for word, fact in loop_facts(advice):
        console.print(Text(f"-- {word}: {visible_line(fact)}", "dim"), soft_wrap=True)
    if others := other_forms(advice):
        console.print(Text(f"-- other ways: {visible_line(others)}", "dim"), soft_wrap=True)
    if everything:
        _draw_others(advice.others, console)
    _draw_timings(advice.timings, console)
    if offered or everything:
        if batch.script is not None:
            _draw_script(batch.script, console, everything=everything)
        calls = batch.calls or {}
        _draw_code(calls, console, drawn=calls if everything else _first_drivers(batch))


def _first_drivers(batch: Batch) -> Sequence[str]:
    """Whose code is shown without --all: nobody's where a script does."""
    if batch.script is not None:
        return []
    return [driver for driver in batch.calls or {} if driver == FIRST_DRIVER]


def _draw_others(others: Sequence[Batch], console: Console) -> None:
    for other in others:
        console.print()
        console.print(Text(f"-- {other.form.value}", "dim"), soft_wrap=True)
        console.print(Text(visible(terminated(other.sql))), soft_wrap=True)


def _draw_timings(timings: Sequence[BatchTiming], console: Console) -> None:
    if not timings:
        return
    console.print()
    table = figures_table(("rows/s", "round trips per row"), "measured")
    for timing in timings:
        table.add_row(
            Text(format_count(round(timing.rows_per_s))),
            Text(format_count(timing.round_trips)),
            Text(visible_line(timing.way)),
        )
    console.print(table)


def _draw_script(script: str, console: Console, *, everything: bool) -> None:
    """A script of a thousand rows is not drawn whole."""
    lines = visible(script).splitlines()
    drawn = lines if everything else lines[:DRAWN_LINES]
    console.print()
    console.print(Text("With the values of the file", "bold"))
    console.print(Text("\n".join(drawn)), soft_wrap=True)
    if more := len(lines) - len(drawn):
        rest = count_of(more, "more line", "more lines")
        console.print(Text(f"{rest}: --all shows them, --out DIR writes them", "dim"))


def _draw_code(calls: Mapping[str, str], console: Console, *, drawn: Collection[str]) -> None:
    for driver in drawn:
        console.print()
        console.print(Text(driver, "bold"))
        console.print(Text(visible(calls[driver].rstrip())), soft_wrap=True)
    if rest := [driver for driver in calls if driver not in drawn]:
        console.print()
        console.print(Text(f"Code for {', '.join(rest)}: --all shows it", "dim"))
