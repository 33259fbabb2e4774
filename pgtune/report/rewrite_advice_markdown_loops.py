"""Loops and the statements that take their place as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pgtune.model.batch import Batch, BatchTiming, LoopAdvice
from pgtune.report.markdown_text import escape, fenced, folded
from pgtune.report.quantities import format_count
from pgtune.report.rewrite_advice_loops import (
    language_of,
    loop_facts,
    loop_label,
    loop_sentences,
    other_forms,
    saved,
)
from pgtune.report.rewrite_advice_phrases import in_short
from pgtune.report.sql_comment import terminated


def loop_sections(loops: Sequence[LoopAdvice], *, first: int) -> Iterator[Iterator[str]]:
    """Yield the table of loops, then each batch; numbered from ``first``."""
    if not loops:
        return
    yield _table(loops, first)
    for number, advice in enumerate(loops, first):
        if advice.batch is not None:
            yield _batch(number, advice, advice.batch)


def _table(loops: Sequence[LoopAdvice], first: int) -> Iterator[str]:
    yield "## Row by row"
    yield ""
    yield "| | saves | label | loop |"
    yield "| ---: | ---: | --- | --- |"
    for number, advice in enumerate(loops, first):
        sentences = (in_short(advice.loop.text), *loop_sentences(advice))
        text = "<br>".join(escape(sentence) for sentence in sentences)
        yield f"| {number} | {saved(advice)} | {loop_label(advice)} | {text} |"


def _batch(number: int, advice: LoopAdvice, batch: Batch) -> Iterator[str]:
    yield f"**{number}. {escape(advice.rule)}**: {escape(advice.loop.place)}"
    yield ""
    yield from fenced(terminated(batch.sql), "sql")
    yield ""
    for word, fact in loop_facts(advice):
        yield f"- {word}: {escape(fact)}"
    if others := other_forms(advice):
        yield f"- other ways: {escape(others)}"
    yield from _timings(advice.timings)
    if batch.calls:
        yield ""
        yield from folded(f"Code for {', '.join(batch.calls)}", _code(batch.calls))


def _timings(timings: Sequence[BatchTiming]) -> Iterator[str]:
    if not timings:
        return
    yield ""
    yield "| measured | rows/s | round trips per row |"
    yield "| --- | ---: | ---: |"
    for timing in timings:
        figures = f"{format_count(round(timing.rows_per_s))} | {format_count(timing.round_trips)}"
        yield f"| {escape(timing.way)} | {figures} |"


def _code(calls: Mapping[str, str]) -> Iterator[str]:
    for driver, code in calls.items():
        yield f"**{driver}**"
        yield ""
        yield from fenced(code, language_of(driver))
        yield ""
