"""COALESCE around a column in a condition keeps the planner from using the column's index and statistics.

The constant that stands for NULL either fulfils the condition or does not: then so do the rows where the
column is NULL, and the column can be compared itself.

Instead of:
    SELECT id FROM orders WHERE COALESCE(discount, 0) > 10;
Use:
    SELECT id FROM orders WHERE discount > 10;

Ignore when: an index on the expression exists.
Source: https://www.postgresql.org/docs/current/indexes-expressional.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.column_types import INTEGERS, TypedColumn, typed_column
from pgtune.parse.sql.constant_comparisons import Compared, compared_with_constants, drops_null
from pgtune.parse.sql.facts import never_null
from pgtune.parse.sql.literals import day, number, string
from pgtune.parse.sql.statement import SqlStatement

NOT_NULL_DONE_FROM = 190000  # server_version_num: the planner drops COALESCE of a NOT NULL column; its notes
_TIMES = ("date", "timestamp without time zone", "timestamp with time zone")
_TEXTS = ("text", "character varying")
_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
Constant = Decimal | date | str


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with the column itself compared, for each COALESCE(column, constant)."""
    for compared in compared_with_constants(statement):
        operand = compared.operand
        if not isinstance(operand, exp.Coalesce) or len(operand.expressions) != 1:
            continue
        column = typed_column(statement, operand.this)
        change = None if column is None else _change(statement, compared, column)
        if change is not None:
            yield change


def _change(statement: SqlStatement, compared: Compared, column: TypedColumn) -> Change | None:
    substitute = _constant(compared.operand.expressions[0], column)
    values = [_constant(value, column) for value in compared.values]
    if substitute is None or None in values:
        return None
    not_null = never_null(statement, compared.operand.this)
    if not_null is not None:
        done = statement.version_num >= NOT_NULL_DONE_FROM
        return None if done else _written(statement, compared, column, "It is never NULL.", facts=not_null)
    holds = _null_passes(compared.operator, substitute, [value for value in values if value is not None])
    if holds is None or not (holds or drops_null(compared.node)):
        return None
    assumptions = _assumptions(column, substitute, values)
    detail = f"Where it is NULL, the condition is {'true' if holds else 'false'}."
    return _written(statement, compared, column, detail, assumptions=assumptions, holds=holds)


def _written(
    statement: SqlStatement,
    compared: Compared,
    column: TypedColumn,
    detail: str,
    *,
    facts: tuple[str, ...] = (),
    assumptions: tuple[str, ...] = (),
    holds: bool = False,
) -> Change:
    """The statement with the column compared, and where *holds* its NULLs let through."""
    plain = compared.node.copy()
    for each in list(plain.find_all(exp.Coalesce)):
        each.replace(compared.operand.this.copy())
    if holds:
        is_null = exp.Is(this=compared.operand.this.copy(), expression=exp.Null())
        plain = exp.Paren(this=exp.Or(this=plain, expression=is_null))
    return Change(
        sql=statement.rewritten((compared.node, plain)),
        message=f"COALESCE hides {column} from its index",
        detail=detail,
        facts=(column.fact, *facts),
        assumptions=assumptions,
        object=str(column),
    )


def _constant(node: exp.Expr, column: TypedColumn) -> Constant | None:
    """The value as the column's type compares it; binary fractions are left out, they are rounded."""
    if column.type in INTEGERS or column.type == "numeric":
        return number(node)
    if column.type in _TIMES:
        return day(node)
    return string(node) if column.type in _TEXTS else None


def _null_passes(comparison: str, substitute: Constant, values: list[Constant]) -> bool | None:
    """Whether the substitute fulfils the condition; None: this comparison is not rewritten."""
    if comparison == "IN":
        return substitute in values
    if isinstance(substitute, str):
        return substitute == values[0] if comparison == "=" else None
    if comparison == "BETWEEN":
        return _HOLDS[">="](substitute, values[0]) and _HOLDS["<="](substitute, values[1])
    holds = _HOLDS.get(comparison)
    return None if holds is None else holds(substitute, values[0])


def _assumptions(column: TypedColumn, substitute: Constant, values: list[Constant | None]) -> tuple[str, ...]:
    """A nondeterministic collation may take different texts for equal."""
    if not isinstance(substitute, str) or substitute in values:
        return ()
    texts = [value for value in values if isinstance(value, str)]
    own = _letters(substitute)
    if own and all(_letters(value) not in ("", own) for value in texts):
        return ()
    return (f"the collation of {column} tells {substitute!r} from the other texts",)


def _letters(text: str) -> str:
    """The text without case; empty where some collation may ignore or equate a character of it."""
    return text.casefold() if text.isascii() and text.isalnum() else ""
