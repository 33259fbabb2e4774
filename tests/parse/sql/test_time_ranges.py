"""Days, months and years as ranges of time."""

from __future__ import annotations

from datetime import date

import pytest
from sqlglot import exp

from pgtune.parse.sql.time_ranges import Span, calendar_span, in_spans


def texts(span: Span) -> tuple[str, str]:
    return span.start.this.name, span.end.this.name


@pytest.mark.parametrize(
    ("unit", "begin", "end"),
    [
        ("DAY", date(2024, 2, 28), "2024-02-29"),
        ("WEEK", date(2024, 12, 30), "2025-01-06"),
        ("MONTH", date(2024, 2, 1), "2024-03-01"),
        ("QUARTER", date(2024, 10, 1), "2025-01-01"),
        ("YEAR", date(2024, 1, 1), "2025-01-01"),
    ],
)
def test_a_span_ends_where_the_next_begins(unit: str, begin: date, end: str) -> None:
    span = calendar_span(unit, begin)
    assert span is not None
    assert texts(span) == (begin.isoformat(), end)


@pytest.mark.parametrize(
    ("unit", "begin"),
    [("WEEK", date(2024, 1, 2)), ("MONTH", date(2024, 1, 2)), ("QUARTER", date(2024, 2, 1))],
)
def test_no_span_begins_in_the_middle_of_one(unit: str, begin: date) -> None:
    assert calendar_span(unit, begin) is None


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("=", "ts >= CAST('2024-01-31' AS DATE) AND ts < CAST('2024-02-01' AS DATE)"),
        (">", "ts >= CAST('2024-02-01' AS DATE)"),
        (">=", "ts >= CAST('2024-01-31' AS DATE)"),
        ("<", "ts < CAST('2024-01-31' AS DATE)"),
        ("<=", "ts < CAST('2024-02-01' AS DATE)"),
    ],
)
def test_each_comparison_of_the_day_is_one_of_the_time(operator: str, expected: str) -> None:
    span = calendar_span("DAY", date(2024, 1, 31))
    assert span is not None
    written = in_spans(exp.column("ts"), operator, [span])
    assert written is not None
    assert written.sql("postgres") == expected
