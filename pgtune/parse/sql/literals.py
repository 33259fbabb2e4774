"""A constant's tree in, its value out; None for anything that is not written the plain way."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlglot import exp

_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def number(node: exp.Expr) -> Decimal | None:
    """The value of a number, with or without a minus sign."""
    if isinstance(node, exp.Neg):
        inner = number(node.this)
        return None if inner is None else inner.copy_negate()
    if not isinstance(node, exp.Literal) or node.is_string:
        return None
    try:
        return Decimal(str(node.this))
    except InvalidOperation:
        return None


def integer(node: exp.Expr) -> int | None:
    """The value of a number written without a point or exponent."""
    value = number(node)
    bare = node.this if isinstance(node, exp.Neg) else node
    return int(value) if value is not None and str(bare.this).isdigit() else None


def string(node: exp.Expr) -> str | None:
    """The text of a string literal without a cast."""
    return str(node.this) if isinstance(node, exp.Literal) and node.is_string else None


def day(node: exp.Expr, *, midnight: bool = False) -> date | None:
    """The day of '2024-01-31', as it is or cast to date; with *midnight* also of that day's timestamp."""
    if isinstance(node, exp.Date):
        node = node.this
    elif isinstance(node, exp.Cast):
        if node.to.this.name not in (("DATE", "TIMESTAMP") if midnight else ("DATE",)):
            return None
        node = node.this
    text = string(node)
    found = (_MIDNIGHT if midnight else _DAY).fullmatch(text) if text is not None else None
    try:
        return None if found is None else date.fromisoformat(found[0][:10])
    except ValueError:
        return None


def number_node(value: Decimal | int) -> exp.Expr:
    """Return the tree of a number."""
    exact = Decimal(value)  # abs() would round it
    literal = exp.Literal.number(format(exact.copy_abs(), "f"))
    return exp.Neg(this=literal) if exact < 0 else literal


def day_node(value: date) -> exp.Expr:
    """Return the tree of a date."""
    return cast(exp.Literal.string(value.isoformat()), "DATE")


def cast(node: exp.Expr, type_name: str) -> exp.Expr:
    """Return the tree of a cast of a copy of *node*."""
    return exp.Cast(this=node.copy(), to=exp.DataType.build(type_name, dialect="postgres"))
