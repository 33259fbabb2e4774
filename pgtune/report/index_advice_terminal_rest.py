"""What index advice says beside the set itself: indexes that exist, and favourites that were not taken."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from pgtune.model.finding import Finding, Severity
from pgtune.model.index_advice import IndexAdvice, Rejection
from pgtune.report.action_phrases import safety
from pgtune.report.quantities import count_of, format_bytes, format_share
from pgtune.report.terminal_action import draw_action
from pgtune.report.terminal_finding import finding_text
from pgtune.report.terminal_table import sentences_table
from pgtune.report.visible import visible_line

SHOWN_REJECTIONS = 5  # without --all; chosen


def draw_existing(advice: IndexAdvice, console: Console, *, first: int, everything: bool) -> None:
    """Draw the findings about existing indexes, numbered from ``first``, and statements not drawn before."""
    findings = [each for each in advice.existing if everything or each.severity > Severity.INFO]
    if findings:
        _draw_findings(advice, findings, console, first)
    if more := len(advice.existing) - len(findings):
        found = count_of(more, "finding", "findings")
        console.print(Text(f"{found} of little weight about existing indexes: --all shows them", "dim"))


def _draw_findings(advice: IndexAdvice, findings: Sequence[Finding], console: Console, first: int) -> None:
    console.print()
    console.print(Text("Existing indexes", "bold"))
    table = sentences_table(console, ("", "frees"), "finding")
    for number, finding in enumerate(findings, first):
        frees = format_bytes(finding.frees_bytes) if finding.frees_bytes else "–"
        table.add_row(Text(f"[{number}]"), Text(frees), finding_text(finding))
    console.print(table)
    drawn = {action.sql for action in advice.actions}
    for number, finding in enumerate(findings, first):
        if finding.action is not None and finding.action.sql not in drawn:
            drawn.add(finding.action.sql)
            draw_action(number, finding.action, safety(finding.action), console)


def draw_rejections(rejections: Sequence[Rejection], console: Console, *, everything: bool) -> None:
    """Draw the favourites that were not taken, and why."""
    if not rejections:
        return
    shown = rejections if everything else rejections[:SHOWN_REJECTIONS]
    console.print()
    console.print(Text("Not taken", "bold"))
    table = sentences_table(console, ("would save", "size"), "index")
    for rejection in shown:
        text = Text(visible_line(rejection.index.definition))
        text.append(f"\n{rejection.reason.value}: {visible_line(rejection.detail)}", "dim")
        table.add_row(
            Text(format_share(rejection.saving_share)), Text(format_bytes(rejection.size_bytes)), text
        )
    console.print(table)
    if more := len(rejections) - len(shown):
        console.print(Text(f"{more:,} more not taken: --all lists them", "dim"))
