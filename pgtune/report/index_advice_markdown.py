"""IndexAdvice as Markdown, fit for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pgtune.model.index_advice import Drop, IndexAdvice, QueryEffect, Rejection, Verification
from pgtune.model.rewrite_choice import RewriteChoice
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
    values_line,
    verification_line,
    writes_line,
)
from pgtune.report.index_advice_phrases import (
    drop_facts,
    effects_in_short,
    format_change,
    recommendation_facts,
    sort_effects,
    write_share,
)
from pgtune.report.markdown_text import escape, fenced, folded
from pgtune.report.quantities import format_blocks, format_bytes, format_count, format_ms, format_share
from pgtune.report.rewrite_pointer_phrases import REWRITES_HINT, REWRITES_TITLE, costs_of, reason

SHOWN_NAMES = 3  # of queries in a row of a table; chosen


def render_markdown(advice: IndexAdvice) -> str:
    """Return the advice as GitHub-flavoured Markdown, ending in a newline."""
    sections = (
        _summary(advice),
        _recommendations(advice),
        _drops(advice),
        _verification(advice.verification),
        _rewrites(advice.rewrites),
        _existing(advice),
        _rejections(advice.rejections),
        _queries(advice.effects),
        _ending(advice),
    )
    paragraphs = ["\n".join(lines) for section in sections if (lines := list(section))]
    return "\n\n".join(("# pgtune suggest-indexes", *paragraphs)).rstrip() + "\n"


def _summary(advice: IndexAdvice) -> Iterator[str]:
    yield f"**{escape(headline(advice))}**"
    if not advice.actions:
        yield from _paragraphs(nothing_lines(advice))
    yield from _paragraphs((coverage_line(advice.coverage),))
    yield ""
    line = escape(shadow_line(advice.shadow))
    yield line if advice.shadow.same_major else f"> ⚠️ **{line}**"
    lacking = (
        *(f"Left out of the copy: {item}" for item in advice.shadow.left_out),
        *(f"Not visible to this role: {item}" for item in advice.shadow.unseen),
    )
    yield from _paragraphs(lacking)


def _paragraphs(sentences: Iterable[str | None]) -> Iterator[str]:
    for sentence in sentences:
        if sentence:
            yield ""
            yield escape(sentence)


def _recommendations(advice: IndexAdvice) -> Iterator[str]:
    if not advice.recommendations:
        return
    yield "| | size | saves | writes | index | queries |"
    yield "| ---: | ---: | ---: | ---: | --- | --- |"
    for number, recommendation in enumerate(advice.recommendations, 1):
        size, saving = format_bytes(recommendation.size_bytes), format_share(recommendation.saving_share)
        writes = write_share(recommendation.write_cost, advice.base_cost)
        index = escape(recommendation.index.definition)
        queries = _who(recommendation.effects, advice.coverage.origin)
        yield f"| {number} | {size} | {saving} | {escape(writes)} | {index} | {queries} |"
    yield ""
    yield from fenced("\n".join(part.action.sql for part in advice.recommendations), "sql")
    yield ""
    yield from folded("Locks, undo, writes and queries", _details(advice))


def _who(effects: Iterable[QueryEffect], origin: WorkloadOrigin) -> str:
    found = sort_effects(effects)
    words = (("for", found.gaining), ("against", found.losing))
    return "<br>".join(
        f"{word} {escape(effects_in_short(some, origin, SHOWN_NAMES))}" for word, some in words if some
    )


def _details(advice: IndexAdvice) -> Iterator[str]:
    for number, part in enumerate(advice.recommendations, 1):
        yield f"**{number}. {escape(part.name)}** ({part.action.proof.value})"
        yield ""
        yield from _facts(recommendation_facts(part, advice.base_cost))
        found = sort_effects(part.effects)
        yield from _costs((*found.gaining, *found.losing))
        yield ""


def _facts(facts: Iterable[tuple[str, str]]) -> Iterator[str]:
    for word, fact in facts:
        yield f"- {word}: {escape(fact)}"
    yield ""


def _costs(effects: Sequence[QueryEffect]) -> Iterator[str]:
    if not effects:
        return
    yield "| query | cost before | after | change | plan node |"
    yield "| --- | ---: | ---: | ---: | --- |"
    for effect in effects:
        before, after = effect.cost_before, effect.cost_after
        figures = f"{format_count(before)} | {format_count(after)} | {escape(format_change(before, after))}"
        yield f"| {escape(effect.query.name)} | {figures} | {escape(effect.node or '')} |"


def _drops(advice: IndexAdvice) -> Iterator[str]:
    if not advice.drops:
        return
    yield "## To drop"
    yield ""
    yield "| index | frees | why | queries |"
    yield "| --- | ---: | --- | --- |"
    for drop in advice.drops:
        yield _drop_row(drop, advice.coverage.origin)
    yield ""
    yield from fenced("\n".join(drop.action.sql for drop in advice.drops), "sql")
    yield ""
    facts = (fact for drop in advice.drops for fact in drop_facts(drop, advice.base_cost))
    yield from folded("Locks and undo", _facts(facts))


def _drop_row(drop: Drop, origin: WorkloadOrigin) -> str:
    frees = "–" if drop.index.size_bytes is None else format_bytes(drop.index.size_bytes)
    return (
        f"| {escape(str(drop.index.name))} | {frees} | {escape(drop.reason)} | {_who(drop.effects, origin)} |"
    )


def _verification(verification: Verification | None) -> Iterator[str]:
    if verification is None:
        return
    yield "## Measured"
    yield from _paragraphs((verification_line(verification),))
    yield ""
    yield "| query | before | after | change | read before | after |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for measured in verification.measurements:
        times = (format_ms(measured.before_ms), format_ms(measured.after_ms))
        blocks = (format_blocks(measured.before_blocks), format_blocks(measured.after_blocks))
        change = format_change(measured.before_ms, measured.after_ms)
        yield f"| {' | '.join((escape(measured.query.name), *times, escape(change), *blocks))} |"
    unmeasured = (f"Not measured: {line}" for line in verification.unmeasured)
    yield from _paragraphs((values_line(verification), *unmeasured))


def _rewrites(choices: Sequence[RewriteChoice]) -> Iterator[str]:
    if not choices:
        return
    yield f"## {REWRITES_TITLE}"
    yield ""
    yield "| query | cost now | index | rewrite | both | take | why |"
    yield "| --- | ---: | ---: | ---: | ---: | --- | --- |"
    for choice in choices:
        costs = " | ".join(format_count(cost) for cost in costs_of(choice))
        why = escape(reason(choice.applied))
        yield f"| {escape(choice.query.name)} | {costs} | {choice.cure.value} | {why} |"
    yield from _paragraphs((REWRITES_HINT,))


def _existing(advice: IndexAdvice) -> Iterator[str]:
    if not advice.existing:
        return
    yield "## Existing indexes"
    yield ""
    yield "| rule | frees | finding |"
    yield "| --- | ---: | --- |"
    for finding in advice.existing:
        frees = format_bytes(finding.frees_bytes) if finding.frees_bytes else "–"
        text = "<br>".join(escape(part) for part in (finding.message, finding.detail, finding.hint) if part)
        yield f"| {finding.rule} ({finding.severity}) | {frees} | {text} |"
    proposed = dict.fromkeys(finding.action.sql for finding in advice.existing if finding.action is not None)
    shown = {action.sql for action in advice.actions}
    if statements := [sql for sql in proposed if sql not in shown]:
        yield ""
        yield from fenced("\n".join(statements), "sql")


def _rejections(rejections: Sequence[Rejection]) -> Iterator[str]:
    if rejections:
        yield from folded(f"{len(rejections):,} favourites not taken", _rejection_rows(rejections))


def _rejection_rows(rejections: Sequence[Rejection]) -> Iterator[str]:
    yield "| index | would save | size | why not |"
    yield "| --- | ---: | ---: | --- |"
    for rejection in rejections:
        figures = f"{format_share(rejection.saving_share)} | {format_bytes(rejection.size_bytes)}"
        why = f"{rejection.reason.value}: {escape(rejection.detail)}"
        yield f"| {escape(rejection.index.definition)} | {figures} | {why} |"


def _queries(effects: Sequence[QueryEffect]) -> Iterator[str]:
    if effects:
        yield from folded("All queries", _costs(effects))


def _ending(advice: IndexAdvice) -> Iterator[str]:
    lines = [
        queries_line(advice) if advice.effects and advice.actions else None,
        writes_line(advice) if advice.recommendations else None,
        skipped_line(advice.coverage),
        limits_line(advice),
        effort_line(advice),
        *advice.remarks,
    ]
    yield from list(_paragraphs(lines))[1:]
