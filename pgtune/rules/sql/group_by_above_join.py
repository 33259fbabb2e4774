"""Rows are joined one by one, and only then grouped by the key of the other table.

Grouped before the join, the large table is read and hashed without carrying the other table's columns, and
the join meets one row for each group. The sums are the same where the other table has at most one row for
each value of the join's columns, and the groups are its rows.

From PostgreSQL 19 on the planner can aggregate below a join itself.

Instead of:
    SELECT u.id, u.name, sum(o.total) FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.id;
Use:
    SELECT u.id, u.name, o.sum_total FROM users u
    JOIN (SELECT user_id, sum(total) AS sum_total FROM orders GROUP BY user_id) o ON o.user_id = u.id;

Ignore when: conditions on the other table leave a few of its rows.
Source: https://www.postgresql.org/docs/19/release-19.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Severity
from pgtune.model.rewrite import Change
from pgtune.parse.sql.grouped_join import grouped_before_join, grouped_joins
from pgtune.parse.sql.statement import SqlStatement

SEVERITY = Severity.INFO
PLANNER_DOES_IT_FROM = 190000  # server_version_num; eager aggregation in the release notes of 19


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with the table that is aggregated grouped before the join."""
    if statement.version_num >= PLANNER_DOES_IT_FROM:
        return
    for found in grouped_joins(statement):
        yield Change(
            sql=grouped_before_join(statement, found),
            message="joins row by row what it then groups by the other table's key",
            detail="Grouped before the join, there is one row for each group to join.",
            facts=found.facts,
        )
