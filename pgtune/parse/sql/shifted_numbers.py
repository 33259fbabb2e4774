"""A shifted column of numbers in, what it alone is to be compared with out."""

from __future__ import annotations

from decimal import Context

from sqlglot import exp

from pgtune.parse.sql.column_types import INTEGERS
from pgtune.parse.sql.constant_comparisons import Compared, is_parameter
from pgtune.parse.sql.literals import cast, integer, number, number_node
from pgtune.parse.sql.shifted_columns import Shifted, column_alone, moved_node

_EXACT = Context(prec=1000)
_BY_SIZE = tuple(INTEGERS)


def number_alone(shifted: Shifted, compared: Compared, type_name: str) -> exp.Expr | None:
    """Return the condition about a column of *type_name* alone; None for what is rounded or too large."""
    if type_name in INTEGERS:
        return column_alone(shifted, compared, lambda value: _moved_integer(shifted, value, type_name))
    return column_alone(shifted, compared, lambda value: _moved_numeric(shifted, value))


def number_assumptions(shifted: Shifted, compared: Compared, type_name: str, name: str) -> list[str]:
    """Return what has to hold besides: errors that the shift raises, and NaN, which is above all numbers."""
    if type_name not in INTEGERS:
        is_range = compared.operator not in ("=", "<>", "IN")
        return [f"{name} has no NaN"] if shifted.is_subtracted and is_range else []
    amount = integer(shifted.amount) or 0
    has_parameter = any(is_parameter(value) for value in compared.values)
    wide = INTEGERS[_sum_type(type_name, amount)]
    if INTEGERS[type_name] + abs(amount) <= wide and not has_parameter:
        return []
    return [f"neither {name} nor a parameter overflows when {abs(amount)} is added or subtracted"]


def _moved_integer(shifted: Shifted, value: exp.Expr, type_name: str) -> exp.Expr | None:
    amount, against = integer(shifted.amount), integer(value)
    if amount is None:
        return None
    if is_parameter(value) and not shifted.is_subtracted:
        return moved_node(shifted, cast(value, _sum_type(type_name, amount)))
    if against is None:
        return None
    moved = amount - against if shifted.is_subtracted else against + (-amount if shifted.is_added else amount)
    return number_node(moved) if abs(moved) < INTEGERS["bigint"] else None


def _moved_numeric(shifted: Shifted, value: exp.Expr) -> exp.Expr | None:
    amount, against = number(shifted.amount), number(value)
    if amount is None or against is None:
        return None
    if shifted.is_subtracted:
        return number_node(_EXACT.subtract(amount, against))
    return number_node(_EXACT.add(against, -amount if shifted.is_added else amount))


def _sum_type(type_name: str, amount: int) -> str:
    """The type of the sum: that of its larger side; a literal is an integer at least."""
    limit = INTEGERS["integer"]
    literal = "integer" if -limit <= amount < limit else "bigint"
    return max(type_name, literal, key=_BY_SIZE.index)
