"""Equalities of one column joined by OR are each looked up on their own.

An IN list is one condition: the index is descended for each of its values within a single scan, and the rows
of several scans need not be merged in a bitmap.

From PostgreSQL 18 on the planner does this itself.

Instead of:
    SELECT id FROM orders WHERE user_id = 1 OR user_id = 2;
Use:
    SELECT id FROM orders WHERE user_id IN (1, 2);

Ignore when: there are two or three of them; little is gained.
Source: https://www.postgresql.org/docs/18/release-18.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

from sqlglot import exp

from pgtune.model.finding import Severity
from pgtune.model.rewrite import Change
from pgtune.parse.sql.column_types import TypedColumn, typed_column
from pgtune.parse.sql.constant_comparisons import decides_row, is_constant
from pgtune.parse.sql.constant_lists import LIST_TYPES, kind_of_constants
from pgtune.parse.sql.statement import SqlStatement, unparenthesised

SEVERITY = Severity.INFO
PLANNER_DOES_IT_FROM = 180000  # server_version_num; release notes of 18


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with one IN list for the equalities of each column below one OR."""
    if statement.version_num >= PLANNER_DOES_IT_FROM:
        return
    for node in statement.tree.find_all(exp.Or):
        if isinstance(node.parent, exp.Or) or not decides_row(node):
            continue
        arms = list(_arms(node))
        for first in arms:
            column = _equated(first)
            same = [arm for arm in arms if column is not None and _equated(arm) == column]
            typed = None if column is None or same[0] is not first else typed_column(statement, column)
            change = None if typed is None else _change(statement, node, arms, same, typed)
            if change is not None:
                yield change


def _change(
    statement: SqlStatement,
    node: exp.Expr,
    arms: Sequence[exp.Expr],
    same: list[exp.Expr],
    column: TypedColumn,
) -> Change | None:
    values = [value for arm in same for value in _values(arm)]
    if len(same) < 2 or column.type not in LIST_TYPES or kind_of_constants(values) is None:
        return None
    found = _equated(same[0])
    assert found is not None
    listed = exp.In(this=found.copy(), expressions=[value.copy() for value in values])
    left = [listed if arm is same[0] else arm.copy() for arm in arms if arm is same[0] or arm not in same]
    return Change(
        sql=statement.rewritten((node, reduce(_either, left))),
        message=f"OR looks up each value of {column} on its own",
        detail=f"An IN list of {len(values)} values is one condition.",
        facts=(column.fact, "an IN list is true, false or NULL where equalities joined by OR are"),
        object=str(column),
    )


def _arms(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Or):
        yield from _arms(node.this)
        yield from _arms(node.expression)
    else:
        yield node


def _equated(arm: exp.Expr) -> exp.Column | None:
    """The column that an arm equates with constants."""
    inner = unparenthesised(arm)
    sides = (inner.this, inner.expression) if isinstance(inner, exp.EQ) else (inner.this,)
    columns = [side for side in sides if isinstance(side, exp.Column)]
    is_equality = isinstance(inner, exp.EQ) or (isinstance(inner, exp.In) and bool(inner.expressions))
    constant = all(is_constant(value) for value in _values(inner))
    return columns[0] if is_equality and len(columns) == 1 and constant else None


def _values(arm: exp.Expr) -> list[exp.Expr]:
    inner = unparenthesised(arm)
    if isinstance(inner, exp.EQ):
        return [inner.this if isinstance(inner.expression, exp.Column) else inner.expression]
    return list(inner.expressions)


def _either(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.Or(this=left, expression=right)
