"""RewriteAdvice as Markdown, fit for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pgtune.model.rewrite import Idea, Rewrite
from pgtune.model.rewrite_advice import RewriteAdvice
from pgtune.report.markdown_text import escape, fenced, folded
from pgtune.report.quantities import count_of
from pgtune.report.rewrite_advice_diff import unified_lines
from pgtune.report.rewrite_advice_headline import (
    allowed_line,
    examined_line,
    headline,
    nothing_lines,
    refuted_line,
    server_line,
    skipped_line,
)
from pgtune.report.rewrite_advice_markdown_loops import loop_sections
from pgtune.report.rewrite_advice_phrases import (
    change_lines,
    idea_line,
    place,
    rewrite_facts,
    rule_name,
    rules_line,
    saving,
    short_label,
)
from pgtune.report.sql_comment import terminated


def render_markdown(advice: RewriteAdvice) -> str:
    """Return the advice as GitHub-flavoured Markdown, ending in a newline."""
    sections: Iterable[Iterable[str]] = (
        _summary(advice),
        _table(advice.rewrites),
        *(_rewrite(number, rewrite) for number, rewrite in enumerate(advice.rewrites, 1)),
        *loop_sections(advice.loops, first=len(advice.rewrites) + 1),
        _ideas(advice.ideas),
        _ending(advice),
    )
    paragraphs = ["\n".join(lines) for section in sections if (lines := list(section))]
    return "\n\n".join(("# pgtune suggest-rewrites", *paragraphs)).rstrip() + "\n"


def _summary(advice: RewriteAdvice) -> Iterator[str]:
    yield f"**{escape(headline(advice))}**"
    nothing = () if advice.rewrites or advice.loops else nothing_lines(advice)
    yield from _paragraphs((*nothing, examined_line(advice.examined), server_line(advice)))
    for refuted in advice.refuted:
        yield ""
        yield f"> ⚠️ **{escape(refuted_line(refuted))}**"


def _paragraphs(sentences: Iterable[str | None]) -> Iterator[str]:
    for sentence in sentences:
        if sentence:
            yield ""
            yield escape(sentence)


def _table(rewrites: Sequence[Rewrite]) -> Iterator[str]:
    if not rewrites:
        return
    yield "| | cost | label | rewrite | where |"
    yield "| ---: | ---: | --- | --- | --- |"
    for number, rewrite in enumerate(rewrites, 1):
        messages = "<br>".join(escape(each.change.message) for each in rewrite.applied)
        label = escape(short_label(rewrite.label, rewrite.test))
        where = escape(place(rewrite.query.name, rewrite.line))
        yield f"| {number} | {escape(saving(rewrite))} | {label} | {messages} | {where} |"


def _rewrite(number: int, rewrite: Rewrite) -> Iterator[str]:
    where = escape(place(rewrite.query.name, rewrite.line))
    yield f"**{number}. {escape(rules_line(rewrite))}**: {where}"
    yield from _paragraphs(detail for _, detail in change_lines(rewrite))
    yield ""
    yield from fenced("\n".join(_diff(rewrite)), "diff")
    yield ""
    yield from folded("The replacement, and why it means the same", _details(rewrite))


def _diff(rewrite: Rewrite) -> Iterator[str]:
    """The diff; of a rewrite that has none all of both."""
    if not rewrite.diff:
        yield from (f"- {line}" for line in rewrite.query.text.splitlines())
        yield from (f"+ {line}" for line in rewrite.sql.splitlines())
    for mark, line in unified_lines(rewrite.diff):
        yield f"@@ {line} @@" if mark == "@" else f"{mark} {line}"


def _details(rewrite: Rewrite) -> Iterator[str]:
    yield from fenced(terminated(rewrite.sql), "sql")
    yield ""
    for word, fact in rewrite_facts(rewrite):
        yield f"- {word}: {escape(fact)}"


def _ideas(ideas: Sequence[Idea]) -> Iterator[str]:
    if ideas:
        summary = f"{count_of(len(ideas), 'idea', 'ideas')}, not to be applied as they are"
        yield from folded(summary, _idea_lines(ideas))


def _idea_lines(ideas: Sequence[Idea]) -> Iterator[str]:
    for idea in ideas:
        yield f"- {escape(idea_line(idea))} ({escape(rule_name(idea.applied))})"


def _ending(advice: RewriteAdvice) -> Iterator[str]:
    lines = (skipped_line(advice.examined.skipped), allowed_line(advice.allowed), *advice.remarks)
    yield from list(_paragraphs(lines))[1:]
