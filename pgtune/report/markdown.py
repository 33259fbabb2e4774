"""A Report as Markdown, fit for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.diagnosis import Explained, Report
from pgtune.model.finding import Finding, Severity
from pgtune.report.headline import headline, repeats_line, summary
from pgtune.report.markdown_text import escape, fenced, folded
from pgtune.report.outline import left_out, outline, role_prefix
from pgtune.report.quantities import format_count, format_ms, format_saving, format_share
from pgtune.report.rewrite_pointer_phrases import pointer_line
from pgtune.report.visible import visible_line

_SIGNS = {Severity.ERROR: "🔴", Severity.WARNING: "🟡", Severity.INFO: "🔵"}


def render_markdown(report: Report) -> str:
    """Return the report as GitHub-flavoured Markdown, ending in a newline."""
    lines = ["# pgtune", "", summary(report), ""]
    if report.server:
        lines += [f"Server: {escape(report.server)}", ""]
    for explained in report.explained:
        lines += [*_explained(explained), ""]
    for failure in report.failures:
        lines += [f"**{escape(str(failure.source))}** could not be checked: {escape(failure.message)}", ""]
        if failure.context:
            lines += [*fenced(failure.context, ""), ""]
    lines += [line for remark in report.remarks for line in (escape(remark), "")]
    return "\n".join(lines).rstrip() + "\n"


def _explained(explained: Explained) -> Iterator[str]:
    yield f"## {escape(str(explained.source))}"
    yield ""
    yield escape(headline(explained))
    notices = (f"server: {notice}" for notice in explained.notices)
    for remark in (repeats_line(explained), *explained.remarks, *notices):
        if remark:
            yield ""
            yield f"> {escape(remark)}"
    yield ""
    findings = explained.review.findings
    if findings:
        yield from _findings(findings)
    else:
        yield "No findings."
    if explained.rewrite is not None:
        beaten = [finding.rule for finding in findings if explained.rewrite.beats(finding)]
        yield ""
        yield f"✏️ {escape(pointer_line(explained.rewrite, explained.source, beaten))}"
    yield from _silent(explained)
    yield ""
    yield from _details(explained)


def _findings(findings: tuple[Finding, ...]) -> Iterator[str]:
    yield "| | could save | finding | rule |"
    yield "| --- | ---: | --- | --- |"
    for finding in findings:
        text = "<br>".join(escape(part) for part in (finding.message, finding.detail, finding.hint) if part)
        saving = format_saving(finding.saving_ms, finding.share) if finding.share else "–"
        sign = f"{_SIGNS[finding.severity]} {finding.severity}"
        yield f"| {sign} | {escape(saving)} | {text} | {finding.rule} |"
    actions = {f.action.sql: f.action for f in findings if f.action is not None}
    for action in actions.values():
        yield ""
        yield f"Proposed ({action.proof.value}):"
        yield ""
        yield from fenced(action.sql, "sql")


def _silent(explained: Explained) -> Iterator[str]:
    """What was not found for a reason: it was allowed, or could not be looked for."""
    for finding in explained.review.allowed:
        yield ""
        yield f"Allowed: {finding.rule} at {escape(finding.at)}"
    if skipped := explained.review.skipped:
        yield ""
        rules = "1 rule was" if len(skipped) == 1 else f"{len(skipped)} rules were"
        missing = sorted({need for rule in skipped for need in rule.missing})
        yield f"{rules} not checked for want of {' or '.join(missing)}."


def _details(explained: Explained) -> Iterator[str]:
    yield from folded("Plan", fenced("\n".join(_plan_lines(explained)), ""))
    if explained.query:
        yield ""
        yield from folded("Query", fenced(explained.query, "sql"))


def _plan_lines(explained: Explained) -> Iterator[str]:
    plan = explained.plan
    yield f"{'own':>10} {'share':>7} {'rows':>12}  plan"
    marked = frozenset(finding.node for finding in explained.review.findings if finding.node is not None)
    for line in outline(plan, marked):
        node = line.node
        if node is None:
            share = format_share(line.left_out_share)
            yield f"{'':>10} {share:>7} {'':>12}  {line.guides(3)}{left_out(line)}"
            continue
        own_ms = plan.charge(node).own_ms
        own = format_ms(own_ms) if own_ms is not None else format_count(plan.charge(node).own_cost)
        rows = (
            node.actual.total_rows if node.actual is not None else node.estimate.rows if node.estimate else 0
        )
        label = visible_line(role_prefix(node) + node.label)
        figures = f"{own:>10} {format_share(plan.share(node)):>7} {format_count(rows):>12}"
        yield f"{figures}  {line.guides(3)}{label}"
