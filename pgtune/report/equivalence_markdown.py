"""A Verdict as Markdown, fit for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pgtune.model.equivalence import Counterexample, Row, Side
from pgtune.model.equivalence_verdict import Verdict
from pgtune.model.rewrite import DataCheck
from pgtune.report.equivalence_phrases import (
    detail_lines,
    headline,
    inserts,
    remark_lines,
    result_line,
    shown,
    value_lines,
)
from pgtune.report.markdown_text import escape, fenced


def render_markdown(verdict: Verdict) -> str:
    """Return the verdict as GitHub-flavoured Markdown, ending in a newline."""
    sections = (
        [f"**{escape(headline(verdict))}**"],
        *([escape(line)] for line in detail_lines(verdict)),
        *_counterexample(verdict, verdict.test.counterexample),
        *_witnesses(verdict, verdict.data),
        [f"- {escape(remark)}" for remark in remark_lines(verdict)],
    )
    paragraphs = ["\n".join(lines) for lines in sections if lines]
    return "\n\n".join(("# pgtune equivalent", *paragraphs)).rstrip() + "\n"


def _counterexample(verdict: Verdict, example: Counterexample | None) -> Iterator[Sequence[str]]:
    if example is None:
        return
    statements = list(inserts(example))
    if statements:
        yield [escape(f"With these rows in the tables of {verdict.schema}, else empty:")]
        yield list(fenced("\n".join(statements), "sql"))
    else:
        yield [escape(f"With the tables of {verdict.schema} empty.")]
    yield [f"- {escape(line)}" for line in value_lines(verdict, example)]
    yield from _side(verdict.original, example.original)
    yield from _side(verdict.rewritten, example.rewritten)


def _side(name: str, side: Side) -> Iterator[Sequence[str]]:
    for result in side.results:
        yield [f"{escape(name)} {escape(result_line(result))}"]
        if result.rows:
            yield list(_table([column.name for column in result.columns], result.rows))
    for table in side.tables:
        yield [escape(f"{name} leaves in {table.relation}")]
        yield list(_table(table.columns, table.rows))


def _table(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    yield f"| {' | '.join(map(escape, columns))} |"
    yield f"|{' --- |' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(escape(shown(value)) for value in row)} |"


def _witnesses(verdict: Verdict, data: DataCheck | None) -> Iterator[Sequence[str]]:
    if data is None:
        return
    for name, rows in ((verdict.original, data.only_original), (verdict.rewritten, data.only_rewritten)):
        if rows:
            yield [escape(f"Only {name} returns, on the database's rows:")]
            yield list(fenced("\n".join(rows), "text"))
