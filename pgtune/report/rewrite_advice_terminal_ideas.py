"""Advice that pgtune does not offer to apply, drawn for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from pgtune.model.rewrite import NO_GAIN, Idea
from pgtune.report.rewrite_advice_headline import ideas_line
from pgtune.report.rewrite_advice_phrases import idea_line, rule_name
from pgtune.report.visible import visible, visible_line

SHOWN_IDEAS = 10  # without --all; chosen


def draw_ideas(ideas: Sequence[Idea], console: Console, *, everything: bool) -> None:
    """Draw the ideas, those that the planner gains nothing by only when ``everything`` is wanted."""
    worth = [idea for idea in ideas if everything or idea.why != NO_GAIN]
    shown = worth if everything else worth[:SHOWN_IDEAS]
    if shown:
        console.print()
        console.print(Text("Ideas, not to be applied as they are", "bold"))
    for idea in shown:
        _draw_idea(idea, console, everything=everything)
    kept = set(map(id, shown))
    if rest := [idea for idea in ideas if id(idea) not in kept]:
        console.print()
        console.print(Text(f"{visible_line(ideas_line(rest))}: --all lists them", "dim"))


def _draw_idea(idea: Idea, console: Console, *, everything: bool) -> None:
    change = idea.applied.change
    text = Text(visible_line(idea_line(idea)))
    text.append(f"  {rule_name(idea.applied)}", "dim")
    console.print(text)
    if everything:
        if change.detail:
            console.print(Text(visible(change.detail), "dim"))
        if change.sql:
            console.print(Text(visible(change.sql), "dim"), soft_wrap=True)
