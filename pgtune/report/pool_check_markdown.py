"""A PoolCheck as Markdown, fit for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pgtune.model.finding import Finding, Severity
from pgtune.model.pools.pool_check import PoolCheck
from pgtune.report.markdown_text import escape, fenced, folded
from pgtune.report.pool_check_exercise import exercise_markdown
from pgtune.report.pool_check_phrases import (
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


def render_markdown(check: PoolCheck) -> str:
    """Return the check as GitHub-flavoured Markdown, ending in a newline; infos are folded."""
    found = open_findings(check)
    infos = [finding for finding in found if finding.severity is Severity.INFO]
    sections = (
        [f"**{escape(headline(check))}**"],
        [] if check.server is None else [escape(check.server)],
        list(_budget(check)),
        *(list(_finding(check, finding)) for finding in found if finding not in infos),
        list(folded("Infos", _infos(check, infos))) if infos else [],
        list(folded("All checks", _checks(check))),
        list(exercise_markdown(check.exercise)) if check.exercise is not None else [],
        [f"- {escape(remark)}" for remark in check.remarks],
    )
    paragraphs = ["\n".join(lines) for lines in sections if lines]
    return "\n\n".join(("# pgtune pool-check", *paragraphs)).rstrip() + "\n"


def _budget(check: PoolCheck) -> Iterator[str]:
    if check.demand is None:
        return
    yield "| connections | held by | reckoned |"
    yield "| ---: | --- | --- |"
    yield from map(_row, budget_rows(check))
    yield _row((f"{needed(check):,}", peak_words(check), ""))
    if check.slots is not None:
        yield _row((f"{check.slots.ordinary:,}", "ordinary slots", slots_line(check.slots)))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(escape, cells))} |"


def _finding(check: PoolCheck, finding: Finding) -> Iterator[str]:
    yield f"### {escape(title(finding))}"
    yield ""
    yield f"`{finding.rule}` ({finding.severity}), {escape(place_words(finding))}"
    for sentence in (detail(check, finding), finding.hint):
        if sentence:
            yield ""
            yield escape(sentence)
    if finding.action is not None:
        yield ""
        yield from fenced(finding.action.sql, "sql")


def _infos(check: PoolCheck, infos: Sequence[Finding]) -> Iterator[str]:
    for number, finding in enumerate(infos):
        if number:
            yield ""
        yield from _finding(check, finding)


def _checks(check: PoolCheck) -> Iterator[str]:
    seen = [
        (status_words(check, result), result.rule, "; ".join(result_lines(result)))
        for result in shown_results(check)
    ]
    unchecked = [(rules, reason) for reason, rules in unchecked_rows(check, everything=True)]
    idle = ", ".join(idle_rules(check))
    blocks = (
        _table(("result", "check", "what was seen"), seen),
        _table(("not checked", "what is missing"), unchecked),
        [f"Nothing to check: {idle}."] if idle else [],
    )
    yield "\n\n".join("\n".join(block) for block in blocks if block)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Sequence[str]:
    return [_row(head), _row(["---"] * len(head)), *map(_row, rows)] if rows else []
