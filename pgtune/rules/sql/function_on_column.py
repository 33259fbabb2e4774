"""A function around a column in a condition keeps the planner from using the column's index.

An index on the expression itself is used, and gives the planner statistics of its values. For lower() a
column of type citext, or one with a collation that ignores case, does the same without the function.

Instead of:
    CREATE INDEX ON users (email); SELECT id FROM users WHERE lower(email) = 'a@example.com';
Use:
    CREATE INDEX ON users (lower(email)); SELECT id FROM users WHERE lower(email) = 'a@example.com';

Ignore when: the query runs rarely; each index has to be kept up to date.
Source: https://www.postgresql.org/docs/current/indexes-expressional.html
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.column_types import TypedColumn, typed_column
from pgtune.parse.sql.constant_comparisons import Compared, compared_with_constants, is_constant, must_hold
from pgtune.parse.sql.indexed_expressions import indexes_on, unqualified
from pgtune.parse.sql.statement import SqlStatement
from pgtune.parse.sql.tree import print_tree

MAX_SMALL_ROWS = 1_000  # chosen; such a table is read whole anyway
# All are immutable, src/include/catalog/pg_proc.dat: an index can hold them.
_FUNCTIONS = (
    exp.Lower,
    exp.Upper,
    exp.Trim,
    exp.MD5,
    exp.Length,
    exp.Left,
    exp.Right,
    exp.Substring,
    exp.Abs,
)


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the advice to index the expression for each function of one column that is equated."""
    for compared in compared_with_constants(statement):
        column = _only_column(statement, compared)
        if column is None or 0 < column.relation.activity.reltuples <= MAX_SMALL_ROWS:
            continue
        if column.relation.kind not in "rpm" or any(indexes_on(column.relation, compared.operand)):
            continue
        expression = print_tree(unqualified(compared.operand))
        yield Change(
            sql=None,
            message=f"{expression} of {column.relation.name} is not indexed",
            detail=f"CREATE INDEX ON {column.relation.name} ({expression});",
            object=str(column),
        )


def _only_column(statement: SqlStatement, compared: Compared) -> TypedColumn | None:
    operand = compared.operand
    if (
        compared.operator not in ("=", "IN")
        or not isinstance(operand, _FUNCTIONS)
        or not must_hold(compared.node)
    ):
        return None
    inner = operand.this
    while isinstance(inner, _FUNCTIONS):
        inner = inner.this
    others = [part for part in operand.iter_expressions() if part is not operand.this]
    return typed_column(statement, inner) if all(is_constant(part) for part in others) else None
