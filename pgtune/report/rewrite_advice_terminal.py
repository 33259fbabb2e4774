"""RewriteAdvice drawn for people: what to write instead and why that is the same, ready to copy."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from pgtune.analysis.attribution import attribute
from pgtune.model.rewrite import Label, Rewrite
from pgtune.model.rewrite_advice import RewriteAdvice
from pgtune.report.quantities import count_of
from pgtune.report.rewrite_advice_headline import (
    allowed_line,
    examined_line,
    headline,
    nothing_lines,
    refuted_line,
    server_line,
    skipped_line,
)
from pgtune.report.rewrite_advice_phrases import (
    change_lines,
    place,
    rewrite_facts,
    rules_line,
    saving,
    short_label,
)
from pgtune.report.rewrite_advice_terminal_diff import draw_diff
from pgtune.report.rewrite_advice_terminal_ideas import draw_ideas
from pgtune.report.rewrite_advice_terminal_loops import draw_loops
from pgtune.report.sql_comment import terminated
from pgtune.report.terminal_plan import plan_table
from pgtune.report.terminal_table import sentences_table
from pgtune.report.visible import visible, visible_line

DRAWN_REWRITES = 20  # with their texts, without --all; the table names all; chosen
_LABEL_STYLES = {Label.PROVEN: "bold green", Label.TESTED: "green", Label.UNVERIFIED: "yellow"}


def render_terminal(advice: RewriteAdvice, console: Console, *, everything: bool = False) -> None:
    """Draw the advice on ``console``; ``everything`` shows whole plans, all drivers' code and every idea."""
    _draw_summary(advice, console)
    if advice.rewrites:
        _draw_table(advice, console)
    drawn = advice.rewrites if everything else advice.rewrites[:DRAWN_REWRITES]
    for number, rewrite in enumerate(drawn, 1):
        _draw_rewrite(number, rewrite, console, everything=everything)
    if more := len(advice.rewrites) - len(drawn):
        console.print()
        console.print(
            Text(f"{count_of(more, 'more replacement', 'more replacements')}: --all shows them", "dim")
        )
    draw_loops(advice.loops, console, first=len(advice.rewrites) + 1, everything=everything)
    draw_ideas(advice.ideas, console, everything=everything)
    _draw_ending(advice, console, everything=everything)


def _draw_summary(advice: RewriteAdvice, console: Console) -> None:
    console.print(Text(visible_line(headline(advice)), "bold"))
    if not advice.rewrites and not advice.loops:
        for line in nothing_lines(advice):
            console.print(Text(visible_line(line)))
    console.print(Text(visible_line(examined_line(advice.examined))))
    console.print(Text(visible_line(server_line(advice)), "dim"))
    for refuted in advice.refuted:
        console.print(Text(visible_line(refuted_line(refuted)), "bold yellow"))


def _draw_table(advice: RewriteAdvice, console: Console) -> None:
    console.print()
    table = sentences_table(console, ("", "cost", "label"), "rewrite")
    for number, rewrite in enumerate(advice.rewrites, 1):
        label = Text(short_label(rewrite.label, rewrite.test), _LABEL_STYLES[rewrite.label])
        table.add_row(Text(f"[{number}]"), Text(saving(rewrite)), label, _rewrite_text(rewrite))
    console.print(table)


def _rewrite_text(rewrite: Rewrite) -> Text:
    text = Text()
    for message, detail in change_lines(rewrite):
        text.append(visible_line(message), "yellow")
        text.append(f"\n{visible(detail)}\n" if detail else "\n")
    where = visible_line(place(rewrite.query.name, rewrite.line))
    return text.append(f"{rules_line(rewrite)}, {where}", "dim")


def _draw_rewrite(number: int, rewrite: Rewrite, console: Console, *, everything: bool) -> None:
    """The diff, then the replacement by itself, and below it as comments of SQL what speaks for it."""
    rules = ", ".join(dict.fromkeys(each.rule for each in rewrite.applied))
    where = visible_line(place(rewrite.query.name, rewrite.line))
    console.print()
    console.print(Text(f"-- [{number}] {rules}: {where}", "bold"), soft_wrap=True)
    draw_diff(rewrite.diff, console)
    console.print(Text(visible(terminated(rewrite.sql)), "green"), soft_wrap=True)
    for word, fact in rewrite_facts(rewrite):
        console.print(Text(f"-- {word}: {visible_line(fact)}", "dim"), soft_wrap=True)
    if everything:
        for word, planned in (("before", rewrite.before), ("after", rewrite.after)):
            console.print()
            console.print(Text(f"Plan {word}", "bold"))
            console.print(plan_table(attribute(planned.plan), (), console.width))


def _draw_ending(advice: RewriteAdvice, console: Console, *, everything: bool) -> None:
    console.print()
    for line in _ending(advice, everything=everything):
        console.print(Text(visible_line(line), "dim"))


def _ending(advice: RewriteAdvice, *, everything: bool) -> Iterator[str]:
    skipped = advice.examined.skipped
    if everything:
        yield from (f"Left out: {each.name}: {each.reason}" for each in skipped)
        yield from (f"Refuted: {each.name}: {each.sql}" for each in advice.refuted)
    elif line := skipped_line(skipped):
        yield f"{line}: --all names them"
    if allowed := allowed_line(advice.allowed):
        yield allowed
    yield from advice.remarks
