"""One rewrite or loop as a script: the replacement below comments that say what it replaces, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pgtune.model.batch import Batch, LoopAdvice
from pgtune.model.rewrite import Rewrite
from pgtune.model.rewrite_advice import RewriteAdvice
from pgtune.report.markdown_text import escape, fenced
from pgtune.report.rewrite_advice_loops import language_of, loop_facts, loop_label, loop_sentences
from pgtune.report.rewrite_advice_phrases import change_lines, place, rewrite_facts, rules_line, short_label
from pgtune.report.sql_comment import comment, commented_out, terminated
from pgtune.report.visible import visible, visible_line

SQL_MARK = "-- Made by pgtune"  # how each script begins
MARKDOWN_MARK = "<!-- Made by pgtune"


def rewrite_script(rewrite: Rewrite, advice: RewriteAdvice) -> str:
    """Return the replacement with its semicolon, below the original and the facts as comments."""
    lines = [
        comment(f"Made by pgtune {advice.version} for {advice.server}"),
        comment(f"rule: {rules_line(rewrite)}"),
        comment(f"label: {short_label(rewrite.label, rewrite.test)}"),
        *(comment(text) for lines in change_lines(rewrite) for text in lines if text),
        *_facts(rewrite_facts(rewrite)),
        comment(f"original, {place(rewrite.query.name, rewrite.line)}:"),
        *commented_out(rewrite.query.text),
    ]
    return "\n".join([*lines, *_statement(rewrite.sql)])


def loop_script(loop: LoopAdvice, batch: Batch, advice: RewriteAdvice) -> str:
    """Return the batch's statement with its semicolon, below one turn and the facts as comments.

    Of a SQL file, the statement with the file's values.
    """
    lines = [
        comment(f"Made by pgtune {advice.version} for {advice.server}"),
        comment(f"rule: {loop.rule}"),
        comment(f"label: {loop_label(loop)}"),
        *(comment(sentence) for sentence in loop_sentences(loop)),
        *_facts(loop_facts(loop)),
        comment("one turn:"),
        *commented_out(loop.loop.text),
    ]
    if batch.script is not None:
        lines += [comment("tested in this form, with the values as arrays:")]
        lines += commented_out(batch.sql)
    return "\n".join([*lines, *_statement(batch.script or batch.sql)])


def _facts(facts: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (comment(f"{word}: {fact}") for word, fact in facts)


def _statement(sql: str) -> Iterator[str]:
    if visible(sql) != sql:
        yield comment("Control characters stand in the next statement: look at it with cat -v")
    yield f"\n{terminated(sql)}\n"


def loop_code(loop: LoopAdvice, batch: Batch, advice: RewriteAdvice) -> str:
    """Return Markdown with the code that calls the batch, for each driver."""
    lines = [
        f"{MARKDOWN_MARK} {visible_line(advice.version).replace('--', '')} -->",
        f"# {loop.rule}",
        "",
        *(f"- {escape(sentence)}" for sentence in loop_sentences(loop)),
        *(f"- {word}: {escape(fact)}" for word, fact in loop_facts(loop)),
        "",
        *fenced(terminated(batch.sql), "sql"),
    ]
    for driver, code in (batch.calls or {}).items():
        lines += ["", f"## {driver}", "", *fenced(code, language_of(driver))]
    return "\n".join(lines) + "\n"
