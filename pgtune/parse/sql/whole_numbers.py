"""A constant that is compared with a column of whole numbers in, the whole number that it is out."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from pgtune.parse.sql.column_types import INTEGERS
from pgtune.parse.sql.constant_comparisons import is_parameter
from pgtune.parse.sql.literals import number, string

# Below these all whole numbers are told apart; an integer that is rounded does not become one of them.
_EXACT_BELOW = {"DECIMAL": INTEGERS["bigint"], "DOUBLE": 2**53, "FLOAT": 2**24}
_WIDER = {
    "smallint": ("INT", "BIGINT", *_EXACT_BELOW),
    "integer": ("BIGINT", *_EXACT_BELOW),
    "bigint": tuple(_EXACT_BELOW),
}


def whole(value: exp.Expr) -> int | None:
    """Return the number that 500, 500.0, 500::numeric or '500'::float8 is, if it fits into bigint."""
    limit = INTEGERS["bigint"]
    if isinstance(value, exp.Cast):
        if is_inexact_cast(value):
            limit = _EXACT_BELOW[value.to.this.name]
        elif value.to.this.name not in ("SMALLINT", "INT", "BIGINT") or value.to.expressions:
            return None
        value = value.this
    text = string(value)
    known = number(value) if text is None else _canonical(text)
    fits = known is not None and known == known.to_integral_value() and abs(known) < limit
    return int(known) if fits and known is not None else None


def is_inexact_cast(node: exp.Expr) -> bool:
    """True for a cast to numeric, double precision or real."""
    return isinstance(node, exp.Cast) and node.to.this.name in _EXACT_BELOW and not node.to.expressions


def is_widening(node: exp.Expr, type_name: str) -> bool:
    """True for a cast that a column of that type, of whole numbers, always survives."""
    return isinstance(node, exp.Cast) and node.to.this.name in _WIDER[type_name] and not node.to.expressions


def limit_of_cast(node: exp.Cast) -> int:
    """The number below which the values of the cast are told apart."""
    return _EXACT_BELOW.get(node.to.this.name, INTEGERS["bigint"])


def printed_whole(text: str, type_name: str) -> int | None:
    """Return the number that a column of that type prints as *text*; None where it prints none so."""
    value = _canonical(text)
    limit = INTEGERS[type_name]
    return (
        int(value) if value is not None and -limit <= value < limit and value > -INTEGERS["bigint"] else None
    )


def is_inexact_parameter(node: exp.Expr) -> bool:
    """True for $1::numeric and the like."""
    return is_inexact_cast(node) and is_parameter(node.this)


def _canonical(text: str) -> Decimal | None:
    digits = text.removeprefix("-")
    is_number = digits.isascii() and digits.isdigit()
    return Decimal(text) if is_number and str(int(text)) == text else None
