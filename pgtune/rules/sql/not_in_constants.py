"""NOT IN a long list of constants compares each row with each of them.

From PostgreSQL 15 on the list is hashed, as lists of IN are from 14 on: then a row costs one look-up,
however long the list is.

Instead of:
    PostgreSQL 14 and SELECT id FROM orders WHERE user_id NOT IN (1, 2, ..., 5000);
Use:
    PostgreSQL 15 or later

Ignore when: few rows reach the condition.
Source: https://www.postgresql.org/docs/15/release-15.html
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.constant_comparisons import compared_with_constants
from pgtune.parse.sql.statement import SqlStatement, unparenthesised

PLANNER_DOES_IT_FROM = 150000  # server_version_num; release notes of 15
MIN_CONSTANTS = 100  # chosen; 5,000 cost 16 s on 500,000 rows, hashed 50 ms (measured)


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the advice to upgrade for each long list behind NOT IN."""
    if statement.version_num >= PLANNER_DOES_IT_FROM:
        return
    for compared in compared_with_constants(statement):
        parent = compared.node.parent
        while isinstance(parent, exp.Paren):
            parent = parent.parent
        is_negated = isinstance(parent, exp.Not) and unparenthesised(parent.this) is compared.node
        if compared.operator == "IN" and is_negated and len(compared.values) >= MIN_CONSTANTS:
            yield Change(
                sql=None,
                message=f"NOT IN compares each row with {len(compared.values):,} constants",
                detail="PostgreSQL 15 and later hash them; upgrade the server.",
            )
