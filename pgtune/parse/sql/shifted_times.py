"""A shifted column of times in, what it alone is to be compared with out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from pgtune.parse.sql.constant_comparisons import Compared, is_parameter
from pgtune.parse.sql.literals import cast, integer, string
from pgtune.parse.sql.shifted_columns import Shifted, column_alone, moved_node

MAX_DAYS = 1_000_000  # 2,738 years: no literal, whose year has four digits, is shifted out of the calendar
DATE, LOCAL, ZONED = "date", "timestamp without time zone", "timestamp with time zone"
_CAST_NAMES = {DATE: "DATE", LOCAL: "TIMESTAMP", ZONED: "TIMESTAMPTZ"}
_SECONDS = {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_PART = re.compile(rf"\s*(\d+)\s*({'|'.join(_SECONDS)})s?\s*", re.IGNORECASE)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?")


@dataclass(frozen=True, slots=True)
class FixedInterval:
    """An interval without months, which differ in length."""

    seconds: int
    has_days: bool  # which have 23 or 25 hours when the clocks change


def time_alone(shifted: Shifted, compared: Compared, type_name: str) -> exp.Expr | None:
    """Return the condition about a column of *type_name* alone; None for months and other types."""
    if type_name == DATE:
        return column_alone(shifted, compared, lambda value: _moved_date(shifted, value))
    if shifted.is_subtracted:
        return column_alone(shifted, compared, lambda value: _moved_age(shifted, value, type_name))
    if _fixed(shifted.amount) is None:
        return None
    return column_alone(shifted, compared, lambda value: _moved_time(shifted, value, type_name))


def time_assumptions(shifted: Shifted, compared: Compared, type_name: str, name: str) -> Iterator[str]:
    """Yield what has to hold besides: the ends of the calendar, and days of 24 hours."""
    yield f"{name} and the parameters are finite and not at the ends of the calendar"
    interval = _fixed(shifted.amount)
    is_now = any(isinstance(value, exp.CurrentTimestamp) for value in compared.values)
    if interval is not None and (
        (type_name == LOCAL and is_now) or (type_name == ZONED and interval.has_days)
    ):
        yield "the clocks do not change in the session's TimeZone"


def _moved_date(shifted: Shifted, value: exp.Expr) -> exp.Expr | None:
    if shifted.is_subtracted:
        is_date = _typed(shifted.amount, DATE) is not None and not is_parameter(shifted.amount)
        return moved_node(shifted, value) if is_date and _is_days(value) else None
    against = _typed(value, DATE)
    return moved_node(shifted, against) if against is not None and _is_days(shifted.amount) else None


def _is_days(value: exp.Expr) -> bool:
    days = integer(value)
    return days is not None and abs(days) <= MAX_DAYS


def _moved_time(shifted: Shifted, value: exp.Expr, type_name: str) -> exp.Expr | None:
    against = _typed(value, type_name)
    return None if against is None else moved_node(shifted, against)


def _moved_age(shifted: Shifted, value: exp.Expr, type_name: str) -> exp.Expr | None:
    """Of ``now() - column > interval``: the difference has days of 24 hours, whatever the clocks did."""
    begin = _typed(shifted.amount, ZONED if isinstance(shifted.amount, exp.CurrentTimestamp) else type_name)
    interval = _fixed(value)
    if (
        begin is None
        or interval is None
        or isinstance(shifted.amount, exp.Literal)
        or is_parameter(shifted.amount)
    ):
        return None
    hours, rest = divmod(interval.seconds, 3600)
    length = f"{interval.seconds} seconds" if rest else f"{hours} hours"
    return exp.Sub(this=begin, expression=cast(exp.Literal.string(length), "INTERVAL"))


def _typed(value: exp.Expr, type_name: str) -> exp.Expr | None:
    """The value such that arithmetic with it is that of *type_name*; None where it is of another type."""
    if isinstance(value, exp.CurrentDate):
        return value.copy() if type_name == DATE else None
    if isinstance(value, exp.Localtimestamp | exp.CurrentTimestamp):
        return _current(value, type_name)
    if isinstance(value, exp.Cast):
        is_plain = is_parameter(value.this) or _is_iso(value.this)
        return value.copy() if value.to.this.name == _CAST_NAMES[type_name] and is_plain else None
    return cast(value, _CAST_NAMES[type_name]) if is_parameter(value) or _is_iso(value) else None


def _current(value: exp.Expr, type_name: str) -> exp.Expr | None:
    if type_name == DATE or value.this is not None:
        return None
    if type_name == LOCAL:
        return exp.Localtimestamp()
    return value.copy() if isinstance(value, exp.CurrentTimestamp) else None


def _is_iso(value: exp.Expr) -> bool:
    text = string(value)
    return text is not None and _ISO.fullmatch(text) is not None


def _fixed(node: exp.Expr) -> FixedInterval | None:
    unit = node.args.get("unit") if isinstance(node, exp.Interval) else None
    is_cast = isinstance(node, exp.Cast) and node.to.this.name == "INTERVAL"
    text = string(node.this) if isinstance(node, exp.Interval) or is_cast else None
    if text is None or not (unit is None or isinstance(unit, exp.Var)):
        return None
    whole = f"{text} {unit.name}" if unit is not None else text
    parts = [(int(match[1]), match[2].lower()) for match in _PART.finditer(whole)]
    if not parts or _PART.sub("", whole):
        return None
    seconds = sum(count * _SECONDS[name] for count, name in parts)
    has_days = any(name in ("day", "week") for _, name in parts)
    return FixedInterval(seconds, has_days) if seconds <= MAX_DAYS * _SECONDS["day"] else None
