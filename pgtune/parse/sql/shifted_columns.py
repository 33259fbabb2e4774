"""A comparison of a column plus or minus a constant in, the comparison of the column alone out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from pgtune.parse.sql.constant_comparisons import Compared, comparison, flipped, is_constant
from pgtune.parse.sql.statement import unparenthesised


@dataclass(frozen=True, slots=True)
class Shifted:
    """``column + amount``, ``column - amount`` or, where it is subtracted, ``amount - column``."""

    column: exp.Expr
    amount: exp.Expr
    is_added: bool
    is_subtracted: bool


Move = Callable[[exp.Expr], exp.Expr | None]  # what the column is compared with, for what the sum was


def shifted_column(node: exp.Expr) -> Shifted | None:
    """Return the sum or difference of a column and a constant that *node* is."""
    if not isinstance(node, exp.Add | exp.Sub):
        return None
    left, right = unparenthesised(node.this), unparenthesised(node.expression)
    if isinstance(left, exp.Column) and is_constant(right):
        return Shifted(left, right, isinstance(node, exp.Add), is_subtracted=False)
    if isinstance(right, exp.Column) and is_constant(left):
        return Shifted(right, left, isinstance(node, exp.Add), isinstance(node, exp.Sub))
    return None


def column_alone(shifted: Shifted, compared: Compared, move: Move) -> exp.Expr | None:
    """Return the condition about the column alone; None where *move* finds no constant for it."""
    values = [moved for value in compared.values if (moved := move(value)) is not None]
    if len(values) < len(compared.values):
        return None
    if compared.operator == "IN":
        return exp.In(this=shifted.column.copy(), expressions=values)
    if compared.operator == "BETWEEN":
        low, high = reversed(values) if shifted.is_subtracted else values
        return exp.Between(this=shifted.column.copy(), low=low, high=high)
    operator = flipped(compared.operator) if shifted.is_subtracted else compared.operator
    return comparison(shifted.column, operator, values[0])


def moved_node(shifted: Shifted, value: exp.Expr) -> exp.Expr:
    """Return the tree of the sum or difference with *value* that the column alone is compared with."""
    if shifted.is_subtracted:
        return exp.Sub(this=shifted.amount.copy(), expression=_operand(value))
    kind = exp.Sub if shifted.is_added else exp.Add
    return kind(this=value.copy(), expression=_operand(shifted.amount))


def _operand(node: exp.Expr) -> exp.Expr:
    return exp.Paren(this=node.copy()) if isinstance(node, exp.Add | exp.Sub) else node.copy()
