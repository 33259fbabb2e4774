"""A loop and its batch as people read them: how often, what it costs, what to use, what to mind."""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.batch import Batch, BatchForm, LoopAdvice
from pgtune.model.loop import Loop, Parent, Transaction
from pgtune.model.rewrite import Label
from pgtune.report.quantities import count_of, format_count, format_ms
from pgtune.report.rewrite_advice_phrases import facts_of_test, in_short, short_label

CANDIDATE = "candidate: counters do not show in which order statements were sent"
_LANGUAGES = {"node-postgres": "js", "JDBC": "java"}


def loop_label(advice: LoopAdvice) -> str:
    """The label in a table; a dash for a batch that needs none."""
    return short_label(advice.label, advice.test) if has_label(advice) else "–"


def has_label(advice: LoopAdvice) -> bool:
    """False where nothing is offered, or where the statement stays as it is."""
    return advice.batch is not None and advice.batch.form is not BatchForm.PIPELINE


def saved(advice: LoopAdvice) -> str:
    """What the batch saves, in a table: "9,990 round trips"; a dash where nothing is known."""
    if advice.batch is None or not advice.saved_round_trips:
        return "–"
    return count_of(advice.saved_round_trips, "round trip", "round trips")


def loop_line(loop: Loop) -> str:
    """How the turns were run: "10,000 turns, a transaction each, 0.420 ms between two (seed.sql:3-10002)"."""
    parts = [count_of(loop.turns, "turn", "turns")]
    if loop.runs > 1:
        parts[0] += f" in {loop.runs:,} loops"
    if loop.transaction is not Transaction.UNKNOWN:
        parts.append(loop.transaction.value)
    if loop.gap_ms is not None:
        parts.append(f"{format_ms(loop.gap_ms)} between two")
    if loop.total_ms is not None:
        parts.append(f"{format_ms(loop.total_ms)} on the server")
    if loop.queries_per_s is not None:
        parts.append(f"{format_count(loop.queries_per_s)} a second")
    return f"{', '.join(parts)} ({loop.place})"


def loop_sentences(advice: LoopAdvice) -> Iterator[str]:
    """What the loop is, besides its statement."""
    loop = advice.loop
    yield loop_line(loop)
    if loop.parent is not None:
        yield _parent_line(loop.parent)
    if loop.cycle:
        yield f"taking turns with {', '.join(in_short(text) for text in loop.cycle)}"
    if not loop.is_sure:
        yield CANDIDATE
    if advice.batch is None and advice.refused:
        yield f"no batch: {advice.refused}"


def _parent_line(parent: Parent) -> str:
    line = f"after {in_short(parent.text)} ({parent.place})"
    if parent.column is None or parent.parameter is None:
        return line
    return f"{line}, whose {parent.column} becomes ${parent.parameter}"


def loop_facts(advice: LoopAdvice) -> Iterator[tuple[str, str]]:
    """What there is to know of a loop's batch besides its statement, each under a word."""
    batch = advice.batch
    if batch is None:
        return
    yield "form", _form(batch)
    yield from loop_label_facts(advice, batch)
    yield from (("holds", condition) for condition in batch.conditions)
    yield from (("mind", caution) for caution in batch.cautions)
    if advice.saved_round_trips:
        time = f", {format_ms(advice.saved_ms)} of waiting" if advice.saved_ms is not None else ""
        yield "saves", f"{saved(advice)}{time}"


def _form(batch: Batch) -> str:
    words: str = batch.form.value
    takes_all = batch.form in (BatchForm.PIPELINE, BatchForm.JOIN)
    return words if takes_all else f"{words}, {count_of(batch.rows_per_call, 'row', 'rows')} a call"


def loop_label_facts(advice: LoopAdvice, batch: Batch) -> Iterator[tuple[str, str]]:
    """What was tested, and in which form where that is not the one advised."""
    if batch.pair is None and advice.test is None:
        if batch.form is not BatchForm.PIPELINE:
            yield "unverified", "there was nothing to compare it with"
        return
    if advice.label is Label.UNVERIFIED:
        yield "unverified", "do not use it as it is"
    yield from facts_of_test(advice.test)
    if batch.pair is not None and batch.pair.batch != batch.sql and advice.test is not None:
        yield "tested form", f"{in_short(batch.pair.batch)}, which takes the same values as arrays"


def other_forms(advice: LoopAdvice) -> str:
    """The other ways, the better first; empty without any."""
    return "; ".join(_form(batch) for batch in advice.others)


def is_offered(advice: LoopAdvice) -> bool:
    """True when the batch may be used: its label says so, or the statement stays as it is."""
    batch = advice.batch
    if batch is None:
        return False
    return batch.form is BatchForm.PIPELINE or advice.label is not Label.UNVERIFIED


def language_of(driver: str) -> str:
    """What a fence of the driver's code is marked with."""
    return _LANGUAGES.get(driver, "python")
