"""A column, a comparison and the spans of time it names in, conditions on the bare column out."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

from sqlglot import exp

from pgtune.parse.sql.constant_comparisons import comparison
from pgtune.parse.sql.literals import day_node

_LAST_YEAR = 9998  # the next one is the last that Python's date knows
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


@dataclass(frozen=True, slots=True)
class Span:
    """A day, month or year: from `start` up to, but without, `end`; both are trees."""

    start: exp.Expr
    end: exp.Expr
    has_end: bool = False  # the end is its last moment, not the first of the next


def calendar_span(unit: str, begin: date) -> Span | None:
    """Return the day, week, month, quarter or year that begins on that day; None where none does."""
    if not 1 <= begin.year <= _LAST_YEAR or not _begins(unit, begin):
        return None
    days = {"DAY": 1, "WEEK": 7}.get(unit) or _days_of_months(begin, _MONTHS[unit])
    return Span(day_node(begin), day_node(begin + timedelta(days=days)))


def in_spans(column: exp.Expr, operator: str, spans: list[Span]) -> exp.Expr | None:
    """Return the condition that ``span of column <operator> spans``; None for <>, which is no range."""
    if operator == "IN":
        each: list[exp.Expr] = [exp.Paren(this=_between(column, span, span)) for span in spans]
        return each[0].this if len(each) == 1 else exp.Paren(this=reduce(_either, each))
    first, last = spans[0], spans[-1]
    match operator:
        case "=" | "BETWEEN":
            return _between(column, first, last)
        case ">=" | "<":
            return comparison(column, operator, first.start)
        case ">":
            return comparison(column, ">" if first.has_end else ">=", first.end)
        case "<=":
            return _until(column, first)
    return None


def _begins(unit: str, begin: date) -> bool:
    if unit == "WEEK":
        return begin.isoweekday() == 1
    if unit == "DAY":
        return True
    return unit in _MONTHS and begin.day == 1 and (begin.month - 1) % _MONTHS[unit] == 0


def _days_of_months(begin: date, months: int) -> int:
    return sum(monthrange(begin.year, begin.month + offset)[1] for offset in range(months))


def _between(column: exp.Expr, first: Span, last: Span) -> exp.Expr:
    return exp.And(this=comparison(column, ">=", first.start), expression=_until(column, last))


def _until(column: exp.Expr, span: Span) -> exp.Expr:
    return comparison(column, "<=" if span.has_end else "<", span.end)


def _either(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.Or(this=left, expression=right)
