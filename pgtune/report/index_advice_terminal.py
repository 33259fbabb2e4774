"""IndexAdvice drawn for people: what to do and what it brings, then each statement ready to copy."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from pgtune.model.index_advice import Drop, IndexAdvice, Recommendation
from pgtune.model.workload import WorkloadOrigin
from pgtune.report.index_advice_headline import (
    coverage_line,
    effort_line,
    headline,
    limits_line,
    nothing_lines,
    queries_line,
    shadow_line,
    skipped_line,
    writes_line,
)
from pgtune.report.index_advice_phrases import (
    drop_facts,
    effects_in_short,
    recommendation_facts,
    sort_effects,
    write_share,
)
from pgtune.report.index_advice_terminal_queries import draw_all_queries, draw_effects, draw_measurements
from pgtune.report.index_advice_terminal_rest import draw_existing, draw_rejections
from pgtune.report.index_advice_terminal_rewrites import draw_rewrites
from pgtune.report.quantities import format_bytes, format_share
from pgtune.report.terminal_action import draw_action
from pgtune.report.terminal_table import sentences_table
from pgtune.report.visible import visible, visible_line

SHOWN_NAMES = 2  # of queries in a row of the table of indexes; chosen
SHOWN_OBJECTS = 3  # that the shadow lacks, without --all; chosen


def render_terminal(advice: IndexAdvice, console: Console, *, everything: bool = False) -> None:
    """Draw the advice on ``console``; ``everything`` shows each query, rejection and skipped statement."""
    _draw_summary(advice, console, everything=everything)
    if advice.recommendations:
        _draw_recommendations(advice, console, everything=everything)
    if advice.drops:
        _draw_drops(advice, console, everything=everything)
    if advice.verification is not None:
        draw_measurements(advice.verification, console)
    draw_rewrites(advice, console, everything=everything)
    first = len(advice.recommendations) + len(advice.drops) + 1
    draw_existing(advice, console, first=first, everything=everything)
    draw_rejections(advice.rejections, console, everything=everything)
    if everything:
        draw_all_queries(advice, console)
    _draw_ending(advice, console, everything=everything)


def _draw_summary(advice: IndexAdvice, console: Console, *, everything: bool) -> None:
    console.print(Text(visible_line(headline(advice)), "bold"))
    if not advice.actions:
        for line in nothing_lines(advice):
            console.print(Text(visible_line(line)))
    console.print(Text(visible_line(coverage_line(advice.coverage))))
    style = "dim" if advice.shadow.same_major else "bold yellow"
    console.print(Text(visible_line(shadow_line(advice.shadow)), style))
    for word, objects in (
        ("Left out of the copy", advice.shadow.left_out),
        ("Not visible to this role", advice.shadow.unseen),
    ):
        if objects:
            shown = _first(objects, everything=everything)
            console.print(Text(f"{word}: {visible_line(shown)}", "yellow"))


def _first(objects: tuple[str, ...], *, everything: bool) -> str:
    shown = objects if everything else objects[:SHOWN_OBJECTS]
    more = len(objects) - len(shown)
    return "; ".join((*shown, *([f"{more:,} more: --all names them"] if more else [])))


def _draw_recommendations(advice: IndexAdvice, console: Console, *, everything: bool) -> None:
    console.print()
    table = sentences_table(console, ("", "size", "saves", "writes"), "index")
    for number, recommendation in enumerate(advice.recommendations, 1):
        table.add_row(
            Text(f"[{number}]"),
            Text(format_bytes(recommendation.size_bytes)),
            Text(format_share(recommendation.saving_share)),
            Text(write_share(recommendation.write_cost, advice.base_cost)),
            _index_text(recommendation, advice.coverage.origin),
        )
    console.print(table)
    for number, recommendation in enumerate(advice.recommendations, 1):
        facts = recommendation_facts(recommendation, advice.base_cost)
        draw_action(number, recommendation.action, facts, console)
        draw_effects(recommendation.effects, advice.coverage.origin, console, everything=everything)


def _index_text(recommendation: Recommendation, origin: WorkloadOrigin) -> Text:
    text = Text.assemble((visible_line(recommendation.index.definition), "bold"))
    effects = sort_effects(recommendation.effects)
    for word, some in (("for", effects.gaining), ("against", effects.losing)):
        if some:
            text.append(f"\n{word} {visible_line(effects_in_short(some, origin, SHOWN_NAMES))}", "dim")
    return text


def _draw_drops(advice: IndexAdvice, console: Console, *, everything: bool) -> None:
    first = len(advice.recommendations) + 1
    console.print()
    console.print(Text("To drop", "bold"))
    table = sentences_table(console, ("", "frees"), "index")
    for number, drop in enumerate(advice.drops, first):
        size_bytes = drop.index.size_bytes
        frees = "–" if size_bytes is None else format_bytes(size_bytes)
        table.add_row(Text(f"[{number}]"), Text(frees), _drop_text(drop))
    console.print(table)
    for number, drop in enumerate(advice.drops, first):
        draw_action(number, drop.action, drop_facts(drop, advice.base_cost), console)
        draw_effects(drop.effects, advice.coverage.origin, console, everything=everything)


def _drop_text(drop: Drop) -> Text:
    return Text.assemble((visible_line(str(drop.index.name)), "bold"), f"\n{visible_line(drop.reason)}")


def _draw_ending(advice: IndexAdvice, console: Console, *, everything: bool) -> None:
    console.print()
    for line in _ending(advice, everything=everything):
        console.print(Text(visible_line(line), "dim"))
    if everything:
        for statement in advice.coverage.skipped:
            line = f"Left out: {statement.name}: {statement.reason}"
            console.print(Text(visible_line(line), "dim"))
    for remark in advice.remarks:
        console.print(Text(visible(remark), "dim"))


def _ending(advice: IndexAdvice, *, everything: bool) -> Iterator[str]:
    if advice.effects and advice.actions:
        yield queries_line(advice) + ("" if everything else ": --all lists them")
    if advice.recommendations:
        yield writes_line(advice)
    if not everything and (skipped := skipped_line(advice.coverage)):
        yield f"{skipped}: --all names them"
    if limits := limits_line(advice):
        yield limits
    yield effort_line(advice)
