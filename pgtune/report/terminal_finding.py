"""A finding as text for the terminal."""

from __future__ import annotations

from rich.text import Text

from pgtune.model.finding import Finding, Severity
from pgtune.report.visible import visible, visible_line

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


def finding_text(finding: Finding) -> Text:
    """What was found, why it matters and what to do, and below it the rule and the place."""
    text = Text()
    text.append(visible_line(finding.message), _STYLES[finding.severity])
    for sentence in (finding.detail, finding.hint):
        if sentence:
            text.append("\n" + visible(sentence))
    also = f", also {', '.join(finding.also)}" if finding.also else ""
    text.append(f"\n{finding.rule} ({finding.severity}), {visible_line(finding.at)}{also}", "dim")
    return text
