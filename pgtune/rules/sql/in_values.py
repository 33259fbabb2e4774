"""IN (VALUES ...) makes a table of constants that has to be joined.

A list of the same constants is an array, which an index is searched with directly, and of which the planner
knows the values.

From PostgreSQL 18 on the planner does this itself.

Instead of:
    SELECT id FROM orders WHERE user_id IN (VALUES (1), (2));
Use:
    SELECT id FROM orders WHERE user_id IN (1, 2);

Ignore when: there are many thousand values and no index is used: a join hashes them.
Source: https://www.postgresql.org/docs/18/release-18.html
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.finding import Severity
from pgtune.model.rewrite import Change
from pgtune.parse.sql.column_types import typed_column
from pgtune.parse.sql.constant_comparisons import decides_row
from pgtune.parse.sql.constant_lists import LIST_TYPES, kind_of_constants
from pgtune.parse.sql.statement import SqlStatement

SEVERITY = Severity.INFO
PLANNER_DOES_IT_FROM = 180000  # server_version_num; release notes of 18
_TEXTS = ("text", "character varying")


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with a list for each table of constants that a column is looked up in."""
    if statement.version_num >= PLANNER_DOES_IT_FROM:
        return
    for node in statement.tree.find_all(exp.In, exp.EQ):
        values = _constants(node) if decides_row(node) else None
        column = None if values is None else typed_column(statement, node.this)
        if values is None or column is None or column.type not in LIST_TYPES:
            continue
        kind = kind_of_constants(values)
        # Strings and parameters in VALUES are of type text, whatever the column is.
        if kind is None or kind == "parameter" or (kind == "string" and column.type not in _TEXTS):
            continue
        listed = exp.In(this=node.this.copy(), expressions=[value.copy() for value in values])
        yield Change(
            sql=statement.rewritten((node, listed)),
            message="IN (VALUES ...) is joined like a table",
            detail=f"A list of its {len(values)} constants can be searched in an index.",
            facts=(column.fact, "IN takes a list and a table of the same constants for the same"),
            object=str(column),
        )


def _constants(node: exp.Expr) -> list[exp.Expr] | None:
    """The single column of ``IN (VALUES ...)`` or ``= ANY (VALUES ...)``."""
    if isinstance(node, exp.In):
        only = node.expressions[0] if len(node.expressions) == 1 else None
    else:
        only = node.expression.this if isinstance(node.expression, exp.Any) else None
        only = only.this if isinstance(only, exp.Subquery) and len(_given(only)) == 1 else only
    if not isinstance(only, exp.Values) or set(_given(only)) != {"expressions"}:
        return None
    rows = [row.expressions if isinstance(row, exp.Tuple) else [] for row in only.expressions]
    return [row[0] for row in rows] if all(len(row) == 1 for row in rows) else None


def _given(node: exp.Expr) -> list[str]:
    """Names of the parts that a node has."""
    return [name for name, part in node.args.items() if part]
