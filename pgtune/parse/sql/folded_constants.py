"""A node of a syntax tree in, the constant that it is or adds up to out."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from operator import add, mul, sub
from typing import NamedTuple

from sqlglot import exp

NOW = "now"  # the server takes these words for values of its date and time types
TODAY = "today"


class Constant(NamedTuple):
    """A literal without its quotes, or what constants add up to."""

    text: str
    is_number: bool = False


_ARITHMETIC: Mapping[type[exp.Expr], Callable[[Decimal, Decimal], Decimal]] = {
    exp.Add: add,
    exp.Sub: sub,
    exp.Mul: mul,
}
_CLOCKS: Mapping[type[exp.Expr], str] = {
    exp.CurrentDate: TODAY,
    exp.CurrentTimestamp: NOW,
    exp.CurrentTime: NOW,
    exp.CurrentDatetime: NOW,
    exp.Localtimestamp: NOW,
}
# A unit's first letters are enough to tell it.
_INTERVAL_PART = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(year|mon|week|day|hour|min|sec)\w*", re.IGNORECASE)
_MONTHS = {"year": 12, "mon": 1}
_SECONDS = {"week": 604_800, "day": 86_400, "hour": 3_600, "min": 60, "sec": 1}


def folded(node: exp.Expr) -> Constant | None:
    """Return the constant that *node* is; None for what depends on a row, a parameter or a function."""
    if isinstance(node, exp.Paren | exp.Cast | exp.TsOrDsToDate):
        return folded(node.this)
    if isinstance(node, exp.Neg):
        return _negated(folded(node.this))
    if isinstance(node, exp.Interval):
        return _interval(node)
    if isinstance(node, exp.Add | exp.Sub | exp.Mul):
        return _sum_or_product(node)
    return _written(node)


def _written(node: exp.Expr) -> Constant | None:
    if isinstance(node, exp.Literal):
        return Constant(str(node.this), is_number=not node.is_string)
    if isinstance(node, exp.Boolean):
        return Constant("t" if node.this else "f")
    if isinstance(node, exp.BitString | exp.HexString | exp.National | exp.ByteString | exp.RawString):
        return Constant(str(node.this))
    return Constant(_CLOCKS[type(node)]) if type(node) in _CLOCKS else None


def _negated(constant: Constant | None) -> Constant | None:
    if constant is None or not constant.is_number:
        return None
    return Constant(constant.text[1:] if constant.text[:1] == "-" else f"-{constant.text}", is_number=True)


def _interval(node: exp.Interval) -> Constant | None:
    amount = folded(node.this) if isinstance(node.this, exp.Expr) else None
    if amount is None:
        return None
    unit = node.args.get("unit")
    return Constant(f"{amount.text} {unit.name.lower()}" if unit is not None else amount.text)


def _sum_or_product(node: exp.Add | exp.Sub | exp.Mul) -> Constant | None:
    left, right = folded(node.this), folded(node.expression)
    if left is None or right is None:
        return None
    if left.is_number and right.is_number:
        try:
            value = _ARITHMETIC[type(node)](Decimal(left.text), Decimal(right.text))
        except InvalidOperation:
            return None
        return Constant(f"{value.normalize():f}", is_number=True)
    if left.text in (NOW, TODAY):
        return left
    moved = moved_by(left.text, right.text, -1 if isinstance(node, exp.Sub) else 1)
    return None if moved is None else Constant(moved)


def moved_by(moment: str, interval: str, sign: int) -> str | None:
    """Return the date or timestamp *moment* plus (sign 1) or minus (-1) an interval such as '1 year 2 days'.

    A bare number is days. None when one of them is not understood. The time of day is left out if it is 0.
    """
    span = f"{interval} day" if interval.isdecimal() else interval
    parts = [(Decimal(amount), unit.lower()) for amount, unit in _INTERVAL_PART.findall(span)]
    try:
        start = datetime.fromisoformat(moment)
        after = _months_later(
            start, sign * sum(int(n * _MONTHS[unit]) for n, unit in parts if unit in _MONTHS)
        )
        after += timedelta(
            seconds=sign * float(sum(n * _SECONDS[unit] for n, unit in parts if unit in _SECONDS))
        )
    except (ValueError, OverflowError):
        return None
    if not parts:
        return None
    has_time = after.time() != datetime.min.time() or after.tzinfo is not None
    return after.isoformat(" ") if has_time else after.date().isoformat()


def _months_later(start: datetime, months: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last_day = monthrange(year, month + 1)[1] if year >= date.min.year else 0
    return start.replace(year=year, month=month + 1, day=min(start.day, last_day))
