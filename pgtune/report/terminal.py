"""A Report drawn for people: the plan as a tree, the findings as a table, the SQL ready to copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pgtune.model.diagnosis import Explained, Report
from pgtune.model.finding import Finding
from pgtune.report.action_phrases import safety
from pgtune.report.headline import TOP_FINDINGS, headline, repeats_line, summary
from pgtune.report.quantities import format_saving
from pgtune.report.terminal_action import draw_action
from pgtune.report.terminal_finding import finding_text
from pgtune.report.terminal_plan import plan_table
from pgtune.report.terminal_rewrite import draw_pointer
from pgtune.report.terminal_table import framed_table
from pgtune.report.visible import visible, visible_line


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is shown. ``findings`` is the number of findings per statement, None for all."""

    findings: int | None = TOP_FINDINGS
    notes: bool = True


def render_terminal(report: Report, console: Console, detail: Detail) -> None:
    """Draw all that was explained on ``console``; what failed is told on standard error, by the command."""
    for explained in report.explained:
        _draw_explained(explained, console, detail)
    for remark in report.remarks:
        console.print(Text(visible(remark), "dim"))
    if len(report.explained) + len(report.failures) != 1:
        console.print(Text(summary(report), "bold"))


def _draw_explained(explained: Explained, console: Console, detail: Detail) -> None:
    review = explained.review
    everything = (*review.findings, *(review.minor if detail.findings is None else ()))
    findings = everything if detail.findings is None else everything[: detail.findings]
    console.print(Text(visible_line(str(explained.source)), "bold"), soft_wrap=True)
    console.print(Text(headline(explained)))
    for line in (repeats_line(explained), *explained.remarks):
        if line:
            console.print(Text(visible(line), "cyan"))
    for notice in explained.notices:
        console.print(Text(f"server: {visible_line(notice)}", "dim"))
    console.print()
    console.print(plan_table(explained.plan, findings, console.width))
    console.print()
    if findings:
        console.print(_findings_table(findings, console))
        _draw_actions(findings, console)
    else:
        console.print(Text("No findings.", "green"))
    if explained.rewrite is not None:
        draw_pointer(explained, findings, console, with_sql=detail.findings is None)
    _draw_rest(explained, len(everything) - len(findings), console, detail)
    console.print()


def _findings_table(findings: Sequence[Finding], console: Console) -> Table:
    table = framed_table(console)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("could save", no_wrap=True)
    table.add_column("finding", ratio=1, overflow="fold")
    for position, finding in enumerate(findings, 1):
        saving = (
            format_saving(finding.saving_ms, finding.share).replace(" (", "\n(") if finding.share else "–"
        )
        table.add_row(Text(f"[{position}]"), Text(saving), finding_text(finding))
    return table


def _draw_actions(findings: Sequence[Finding], console: Console) -> None:
    """Draw each proposed statement once."""
    drawn: set[str] = set()
    for position, finding in enumerate(findings, 1):
        action = finding.action
        if action is not None and action.sql not in drawn:
            drawn.add(action.sql)
            draw_action(position, action, safety(action), console)


def _draw_rest(explained: Explained, left_out: int, console: Console, detail: Detail) -> None:
    review = explained.review
    if left_out > 0 or (detail.findings is not None and review.minor):
        count = left_out + (len(review.minor) if detail.findings is not None else 0)
        plural = "finding" if count == 1 else "findings"
        console.print(Text(f"{count} more {plural} of less weight: --all shows them", "dim"))
    if detail.notes and review.notes:
        fine = "; ".join(f"{visible_line(note.message)} (node {note.node})" for note in review.notes[:4])
        console.print(Text(f"Fine as it is: {fine}", "dim"))
    if review.skipped and detail.findings is None:
        for missing in sorted({skipped.missing for skipped in review.skipped}):
            names = ", ".join(skipped.rule for skipped in review.skipped if skipped.missing == missing)
            console.print(Text(f"Not checked for want of {' and '.join(missing)}: {names}", "dim"))
    elif review.skipped:
        count = len(review.skipped)
        verb = "rule was" if count == 1 else "rules were"
        console.print(Text(f"{count} {verb} not checked: --all says why", "dim"))
    for finding in review.allowed:
        console.print(Text(f"Allowed: {finding.rule} at {visible_line(finding.at)}", "dim"))
