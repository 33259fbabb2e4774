"""A constant of another type makes the server convert the column, whose index is then of no use.

A number with a decimal point, or bound as Decimal or float, turns the column into numeric or double precision
row by row; a text makes it print each number. Written in the column's own type, the constant is looked up.

Instead of:
    SELECT email FROM users WHERE id::text = '500' OR id = 501.0;
Use:
    SELECT email FROM users WHERE id = 500 OR id = 501;

Ignore when: an index on the expression exists.
Source: https://www.postgresql.org/docs/current/typeconv-oper.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.column_types import INTEGERS, TypedColumn, typed_column
from pgtune.parse.sql.constant_comparisons import Compared, compared_with_constants, is_parameter
from pgtune.parse.sql.literals import cast, integer, number, number_node, string
from pgtune.parse.sql.statement import SqlStatement, unparenthesised
from pgtune.parse.sql.whole_numbers import (
    is_inexact_cast,
    is_inexact_parameter,
    is_widening,
    limit_of_cast,
    printed_whole,
    whole,
)

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TEXTS = ("TEXT", "VARCHAR")


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with the constants in the column's type, for each column that is converted."""
    for compared in compared_with_constants(statement):
        operand = compared.operand
        node = unparenthesised(operand.this) if isinstance(operand, exp.Cast) else operand
        column = typed_column(statement, node)
        if column is None:
            continue
        values = _in_column_type(compared, column)
        if values is not None:
            yield _change(statement, compared, node, column, values)
        elif _converts_for_parameter(compared, column):
            yield _advice(column)


def _change(
    statement: SqlStatement, compared: Compared, node: exp.Expr, column: TypedColumn, values: list[exp.Expr]
) -> Change:
    pairs = [*zip(compared.values, values, strict=True), (compared.operand, node)]
    own = {id(old): new for old, new in pairs}
    return Change(
        sql=statement.rewritten((compared.node, _replaced(compared.node, own))),
        message=f"{column} is converted for each row",
        detail=f"The constant can be of type {column.type}, which an index on the column finds.",
        facts=(column.fact, f"the constant is a value of {column.type}"),
        object=str(column),
    )


def _replaced(node: exp.Expr, own: dict[int, exp.Expr]) -> exp.Expr:
    copy = node.copy()
    pairs = zip(list(node.walk()), list(copy.walk()), strict=True)
    for twin, new in [(twin, own[id(old)]) for old, twin in pairs if id(old) in own]:
        twin.replace(new.copy())
    return copy


def _in_column_type(compared: Compared, column: TypedColumn) -> list[exp.Expr] | None:
    """The constants in the column's type; None where one has no equal in it, or nothing is converted."""
    operand = compared.operand
    if isinstance(operand, exp.Cast) and operand.to.this.name in _TEXTS and not operand.to.expressions:
        each = [_printed(value, column) for value in compared.values]
        each = each if compared.operator in ("=", "<>", "IN") else [None]
    elif column.type not in INTEGERS:
        return None
    elif isinstance(operand, exp.Cast):
        each = [_narrowed(value, operand, column) for value in compared.values]
    else:
        converts = any(_converts(value) for value in compared.values)
        each = [_whole(value) for value in compared.values] if converts else [None]
    found = [value for value in each if value is not None]
    return found if len(found) == len(each) else None


def _converts(value: exp.Expr) -> bool:
    """True for a constant whose type a column of whole numbers is converted to."""
    return is_inexact_cast(value) or (number(value) is not None and integer(value) is None)


def _whole(value: exp.Expr) -> exp.Expr | None:
    known = whole(value)
    return None if known is None else number_node(known)


def _narrowed(value: exp.Expr, operand: exp.Cast, column: TypedColumn) -> exp.Expr | None:
    """What the column itself is to be compared with, where *operand* is a wider type of it."""
    if not is_widening(operand, column.type):
        return None
    if is_parameter(value):
        return None if is_inexact_cast(operand) else cast(value, operand.to.this.name)
    known = whole(value)
    return number_node(known) if known is not None and abs(known) < limit_of_cast(operand) else None


def _printed(value: exp.Expr, column: TypedColumn) -> exp.Expr | None:
    """The value whose text *value* is; a text that the type would not print equals none."""
    text = string(value)
    if text is None:
        return None
    if column.type == "uuid":
        return value if _UUID.fullmatch(text) else None
    known = printed_whole(text, column.type) if column.type in INTEGERS else None
    return None if known is None else number_node(known)


def _converts_for_parameter(compared: Compared, column: TypedColumn) -> bool:
    """True where a parameter's type, not the column's, decides how they are compared."""
    if column.type not in INTEGERS:
        return False
    operand = compared.operand
    is_text = isinstance(operand, exp.Cast) and operand.to.this.name in _TEXTS
    converted = is_text or is_inexact_cast(operand)
    return any(
        is_inexact_parameter(value) or (converted and is_parameter(value)) for value in compared.values
    )


def _advice(column: TypedColumn) -> Change:
    return Change(
        sql=None,
        message=f"{column} is converted to the type of a parameter",
        detail=f"Bind the parameter as {column.type}, and compare the column without a cast.",
        facts=(column.fact,),
        changes_contract=True,
        object=str(column),
    )
