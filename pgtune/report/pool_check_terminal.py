"""A PoolCheck drawn for people: the budget, a table of checks, what to do, one line of verdict."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pgtune.model.finding import Finding, Severity
from pgtune.model.pools.pool_check import PoolCheck, Status
from pgtune.report.pool_check_exercise import draw_exercise
from pgtune.report.pool_check_phrases import (
    ACCEPTED,
    budget_rows,
    detail,
    headline,
    idle_rules,
    needed,
    open_findings,
    peak_words,
    place_words,
    result_lines,
    shown_results,
    slots_line,
    status_words,
    title,
    unchecked_rows,
)
from pgtune.report.terminal_table import GAP, figures_table, framed_table
from pgtune.report.visible import visible, visible_line

_STYLES = {
    Status.OK.value: "green",
    Status.UNKNOWN.value: "dim",
    ACCEPTED: "dim",
    Status.INFO.value: "blue",
    Status.WARNING.value: "yellow",
    Status.ERROR.value: "bold red",
}


def render_terminal(check: PoolCheck, console: Console, *, everything: bool) -> None:
    """Draw the check on ``console``; *everything* also shows infos in full and names every check."""
    if check.server is not None:
        console.print(Text(visible_line(check.server), "dim"))
    if check.demand is not None:
        _draw_budget(check, console)
    _draw_checks(check, console)
    _draw_unchecked(check, console, everything=everything)
    for finding in open_findings(check):
        if everything or finding.severity >= Severity.WARNING:
            console.print(_finding_text(check, finding))
            console.print()
    if check.exercise is not None:
        draw_exercise(check.exercise, console)
    for remark in check.remarks:
        console.print(Text(f"Remark: {visible_line(remark)}", "yellow"))
    console.print(Text(visible_line(headline(check)), "bold red" if check.fails else "bold green"))


def _draw_budget(check: PoolCheck, console: Console) -> None:
    table = figures_table(("connections",), "held by")
    table.add_column("reckoned", overflow="fold")
    for connections, name, reckoned in budget_rows(check):
        table.add_row(Text(connections), Text(visible_line(name)), Text(visible_line(reckoned), "dim"))
    is_over = check.slots is not None and needed(check) > check.slots.ordinary
    style = "bold red" if is_over else "bold"
    table.add_row(Text(f"{needed(check):,}", style), Text(peak_words(check), "bold"), "")
    if check.slots is not None:
        slots = Text(slots_line(check.slots), "dim")
        table.add_row(Text(f"{check.slots.ordinary:,}"), Text("ordinary slots"), slots)
    console.print(table)
    console.print()


def _draw_checks(check: PoolCheck, console: Console) -> None:
    table = framed_table(console)
    table.show_lines = False
    table.add_column("result", no_wrap=True)
    table.add_column("check", no_wrap=True)
    table.add_column("what was seen", ratio=1, overflow="fold")
    if not console.is_terminal:
        table.padding = (0, GAP, 0, 0)
    for result in shown_results(check):
        status = status_words(check, result)
        seen = Text("\n".join(map(visible_line, result_lines(result))))
        table.add_row(Text(status, _STYLES[status]), Text(result.rule), seen)
    if table.row_count:
        console.print(table)
        console.print()


def _draw_unchecked(check: PoolCheck, console: Console, *, everything: bool) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim", show_edge=False)
    table.add_column("not checked", max_width=console.width // 2, overflow="fold")
    table.add_column("what is missing", overflow="fold")
    for reason, rules in unchecked_rows(check, everything=everything):
        table.add_row(Text(rules, "dim"), Text(visible_line(reason), "dim"))
    if table.row_count:
        console.print(table)
        console.print()
    if everything and (rules := ", ".join(idle_rules(check))):
        console.print(Text(f"Nothing to check: {rules}.", "dim"))
        console.print()


def _finding_text(check: PoolCheck, finding: Finding) -> Text:
    text = Text()
    text.append(visible_line(title(finding)), _STYLES[str(finding.severity)])
    for sentence in (detail(check, finding), finding.hint):
        if sentence:
            text.append("\n" + visible_line(sentence))
    if finding.action is not None:
        text.append("\n" + visible(finding.action.sql))
    text.append(f"\n{finding.rule} ({finding.severity}), {visible_line(place_words(finding))}", "dim")
    return text
