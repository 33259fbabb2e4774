"""The sentences of a Verdict, the same in every format."""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.equivalence import Counterexample, Outcome, Result, TestReport, Value
from pgtune.model.equivalence_verdict import Verdict
from pgtune.report.quantities import count_of, format_ms

NO_PROOF = "No difference was found, which is no proof."
NULL = "NULL"


def headline(verdict: Verdict) -> str:
    """The verdict in one line."""
    test, data = verdict.test, verdict.data
    if verdict.outcome is Outcome.EQUAL:
        both = f", and on {count_of(data.rows, 'row', 'rows')} of the database" if data is not None else ""
        return f"Equal on {_tried(test)}{both}{_effort(test)}"
    if verdict.outcome is Outcome.DIFFERENT:
        return f"Different: {_difference(verdict)}"
    reason = test.reason
    if test.outcome is Outcome.EQUAL and data is not None:
        reason = f"not compared on the database's rows: {data.reason}"
    return f"Undecided: {reason}{_effort(test)}"


def _tried(test: TestReport) -> str:
    return (
        f"{count_of(test.databases, 'test database', 'test databases')}, {test.not_empty:,} of them with rows"
    )


def _effort(test: TestReport) -> str:
    return f" (seed {test.seed}, {format_ms(test.elapsed_ms)})"


def _difference(verdict: Verdict) -> str:
    if verdict.test.counterexample is not None:
        return verdict.test.counterexample.difference
    if verdict.test.outcome is Outcome.DIFFERENT:
        return verdict.test.reason
    return f"on the database's rows, {verdict.data.reason if verdict.data else ''}"


def detail_lines(verdict: Verdict) -> Iterator[str]:
    """What else is to be known of the outcome: how much was tried, errors, the database's rows."""
    test, data = verdict.test, verdict.data
    if verdict.outcome is Outcome.EQUAL:
        yield NO_PROOF
    elif verdict.outcome is Outcome.UNDECIDED:
        yield f"No difference on {_tried(test)}."
    elif test.outcome is Outcome.DIFFERENT:
        yield f"Found at test database {test.databases:,}{_effort(test)}."
    else:
        yield f"Equal on {_tried(test)}{_effort(test)}."
    if test.failed:
        yield f"On {test.failed:,} of them both end in an error."
    if test.original_failed:
        yield f"On {test.original_failed:,} of them only the original ends in an error."
    if data is not None and data.is_equal and verdict.outcome is not Outcome.EQUAL:
        yield f"On the database's rows both return the same {count_of(data.rows, 'row', 'rows')}."
    if data is not None and data.is_equal is False and test.outcome is Outcome.DIFFERENT:
        yield f"They differ on the database's rows too: {data.reason}."
    if data is not None and data.is_equal is None and test.outcome is not Outcome.EQUAL:
        yield f"Not compared on the database's rows: {data.reason}."


def remark_lines(verdict: Verdict) -> tuple[str, ...]:
    """What the test and the inputs have to say besides."""
    return (*verdict.test.remarks, *verdict.remarks)


def inserts(example: Counterexample) -> Iterator[str]:
    """Yield the statements that make the rows of a counterexample."""
    for table in example.tables:
        yield from table.inserts()


def value_lines(verdict: Verdict, example: Counterexample) -> Iterator[str]:
    """The values of the parameters, by the names that the user gave them."""
    names = [f"${name}" if name.isdecimal() else f":{name}" for name in verdict.parameters]
    for row in example.values:
        for name, value in zip(names, row, strict=False):
            yield f"{name} = {shown(value)}"


def shown(value: Value) -> str:
    """A value in a table: NULL without quotes, and what could be taken for it or for nothing with them."""
    if value is None:
        return NULL
    return f"'{value}'" if value in ("", NULL) or value != value.strip() else value


def result_line(result: Result) -> str:
    """What a statement did, in words: of one that fails, or that returns no rows."""
    if result.error is not None:
        return f"fails: {result.error}"
    if not result.columns:
        return f"writes {count_of(result.row_count, 'row', 'rows')}"
    return f"returns {count_of(len(result.rows), 'row', 'rows')}"
