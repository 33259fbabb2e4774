"""Every row is numbered, and only the first few of each group are kept.

The window function reads and sorts the whole table, whatever the number asked for. Where a table lists the
groups, LATERAL with LIMIT takes the first rows of each from an index. A foreign key that is NOT NULL
promises that no group is missing from that table; an order that includes a key leaves no ties.

Instead of:
    SELECT r.user_id, r.id FROM (
        SELECT user_id, id, row_number() OVER (PARTITION BY user_id ORDER BY id DESC) AS n FROM orders
    ) r WHERE r.n <= 3;
Use:
    SELECT r.user_id, r.id FROM users u CROSS JOIN LATERAL (
        SELECT user_id, id FROM orders WHERE user_id = u.id ORDER BY id DESC LIMIT 3
    ) r;

Ignore when: groups have few rows, or no index has the group's columns and then the order.
Source: https://www.postgresql.org/docs/current/queries-table-expressions.html#QUERIES-LATERAL
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.rewrite import Change
from pgtune.parse.sql.numbered_rows import limited_by_group, numbered_rows
from pgtune.parse.sql.statement import SqlStatement


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with LATERAL and LIMIT for each row_number() that only cuts its groups off."""
    for found in numbered_rows(statement):
        sql = limited_by_group(statement, found)
        if sql is not None:
            yield Change(
                sql=sql,
                message="numbers all rows to keep the first few of each group",
                detail="LATERAL with LIMIT stops after these where an index has the groups' order.",
                facts=found.facts,
            )
