"""IS NOT NULL of a column that is NOT NULL is computed for each row and never false.

Before PostgreSQL 17 the planner takes it for a condition that keeps rows away, and so miscounts; and it keeps
the column in the scan, so that an index without it cannot be read alone.

From PostgreSQL 17 on the planner drops it itself.

Instead of:
    SELECT count(*) FROM users WHERE email IS NOT NULL;
Use:
    SELECT count(*) FROM users;

Ignore when: a partial index has the same condition.
Source: https://www.postgresql.org/docs/17/release-17.html
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.finding import Severity
from pgtune.model.rewrite import Change
from pgtune.parse.sql.facts import never_null
from pgtune.parse.sql.statement import SqlStatement, conjuncts

SEVERITY = Severity.INFO
PLANNER_DOES_IT_FROM = 170000  # server_version_num; release notes of 17


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement without each IS NOT NULL of a SELECT's WHERE that is always true."""
    if statement.version_num >= PLANNER_DOES_IT_FROM:
        return
    for select in statement.selects:
        where = select.args.get("where")
        parts = list(conjuncts(where))
        for part in parts:
            facts = never_null(statement, part.this) if _is_not_null(part) else None
            if where is None or not facts:
                continue
            left = [each.copy() for each in parts if each is not part]
            kept = exp.Where(this=exp.and_(*left, copy=False, wrap=True)) if left else None
            yield Change(
                sql=statement.rewritten((where, kept)),
                message="IS NOT NULL of a column that is never NULL",
                detail="Without it the rows are counted right, and the column need not be read.",
                facts=facts,
            )


def _is_not_null(node: exp.Expr) -> bool:
    is_column = isinstance(node, exp.Is) and isinstance(node.this, exp.Column)
    return is_column and isinstance(node.expression, exp.Null) and bool(node.args.get("negate"))
