"""A part of a time compared with constants in, the column and the spans of time asked for out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from pgtune.parse.sql.constant_comparisons import Compared, is_parameter
from pgtune.parse.sql.literals import cast, day, integer, string
from pgtune.parse.sql.statement import unparenthesised
from pgtune.parse.sql.time_ranges import Span, calendar_span

_TRUNCATED = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
_LAST_MOMENT = "23:59:59.999999"  # times are whole microseconds
# What sqlglot makes of YYYY-MM-DD and so on, with the span that one text names.
_UNITS = {"%Y-%m-%d": "DAY", "%Y%m%d": "DAY", "%Y-%m": "MONTH", "%Y%m": "MONTH", "%Y": "YEAR"}
_FORMATS = {
    "%Y-%m-%d": re.compile(r"(\d{4})-(\d\d)-(\d\d)"),
    "%Y%m%d": re.compile(r"(\d{4})(\d\d)(\d\d)"),
    "%Y-%m": re.compile(r"(\d{4})-(\d\d)()"),
    "%Y%m": re.compile(r"(\d{4})(\d\d)()"),
    "%Y": re.compile(r"(\d{4})()()"),
}


@dataclass(frozen=True, slots=True)
class TimePart:
    """Which span of time a column lies in."""

    column: exp.Expr
    unit: str  # DAY, WEEK, MONTH, QUARTER, YEAR
    written: str  # how the statement asks for it: date, trunc, year, or the format of to_char()

    @property
    def is_text(self) -> bool:
        """True for to_char(), whose texts need not be in the order of the times."""
        return self.written in _FORMATS


def time_part(node: exp.Expr) -> TimePart | None:
    """Return what *node* computes of a column: ts::date, date_trunc(), EXTRACT(YEAR ..), to_char()."""
    inner = unparenthesised(node.expression if isinstance(node, exp.Extract) else node.this)
    if not isinstance(inner, exp.Column):
        return None
    if isinstance(node, exp.Date) or (isinstance(node, exp.Cast) and node.to.this.name == "DATE"):
        return TimePart(inner, "DAY", "date") if not node.args.get("expressions") else None
    if isinstance(node, exp.TimestampTrunc):
        unit = _unit(node)
        return TimePart(inner, unit, "trunc") if unit in _TRUNCATED and not node.args.get("zone") else None
    if isinstance(node, exp.Extract):
        return TimePart(inner, "YEAR", "year") if node.this.name.upper() == "YEAR" else None
    if isinstance(node, exp.TimeToStr):
        form = node.args["format"].name
        return TimePart(inner, _UNITS[form], form) if form in _UNITS else None
    return None


def asked_spans(part: TimePart, compared: Compared) -> list[Span] | None:
    """Return the span that each constant names; None where one of them is not the name of a span."""
    if part.is_text and compared.operator not in ("=", "IN"):
        return None
    spans = [_asked_span(part, value) for value in compared.values]
    found = [span for span in spans if span is not None]
    return found if len(found) == len(spans) else None


def _unit(node: exp.TimestampTrunc) -> str:
    unit = node.args.get("unit")
    return unit.name.upper() if isinstance(unit, exp.Expr) else ""


def _asked_span(part: TimePart, value: exp.Expr) -> Span | None:
    match part.written:
        case "date":
            return _of_date(value)
        case "trunc":
            return _of_truncated(part, value)
        case "year":
            return _of_year(value)
    return _of_text(part, value)


def _of_date(value: exp.Expr) -> Span | None:
    begin = day(value)
    if begin is not None:
        return calendar_span("DAY", begin)
    if is_parameter(value):
        value = cast(value, "DATE")
    return _days_from(value) if _is_date(value) else None


def _of_truncated(part: TimePart, value: exp.Expr) -> Span | None:
    begin = day(value, midnight=True)
    if begin is not None:
        return calendar_span(part.unit, begin)
    if part.unit == "DAY" and isinstance(value, exp.CurrentDate):
        return _days_from(value)
    if isinstance(value, exp.TimestampTrunc) and _unit(value) == part.unit:
        return _truncated_from(part, value)
    return None


def _truncated_from(part: TimePart, value: exp.TimestampTrunc) -> Span | None:
    """The span around the current time."""
    now = isinstance(value.this, exp.CurrentTimestamp | exp.Localtimestamp | exp.CurrentDate)
    if not now or value.args.get("zone"):
        return None
    length = "3 MONTHS" if part.unit == "QUARTER" else f"1 {part.unit}"
    step = cast(exp.Literal.string(length.lower()), "INTERVAL")
    return Span(value.copy(), exp.Add(this=value.copy(), expression=step))


def _of_year(value: exp.Expr) -> Span | None:
    year = integer(value)
    return None if year is None or not 1 <= year <= 9998 else calendar_span("YEAR", date(year, 1, 1))


def _of_text(part: TimePart, value: exp.Expr) -> Span | None:
    text = string(value)
    match = None if text is None else _FORMATS[part.written].fullmatch(text)
    if match is None:
        return None
    year, month, of_month = (int(group or 1) for group in match.groups())
    try:
        return calendar_span(part.unit, date(year, month, of_month))
    except ValueError:
        return None


def _is_date(value: exp.Expr) -> bool:
    """True for the current date, a parameter cast to date, and such plus or minus days."""
    if isinstance(value, exp.Add | exp.Sub):
        return _is_date(value.this) and integer(value.expression) is not None
    is_cast = isinstance(value, exp.Cast) and value.to.this.name == "DATE" and is_parameter(value.this)
    return isinstance(value, exp.CurrentDate) or is_cast


def _days_from(value: exp.Expr) -> Span:
    """The day; a parameter may be infinity, which no day follows, so that its last microsecond is named."""
    if value.find(exp.CurrentDate):
        return Span(value, exp.Add(this=value.copy(), expression=exp.Literal.number(1)))
    last = cast(exp.Literal.string(_LAST_MOMENT), "TIME")
    return Span(value, exp.Add(this=value.copy(), expression=last), has_end=True)
