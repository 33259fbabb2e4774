"""A condition on an aggregate of a correlated sub-query runs that sub-query once for each row.

PostgreSQL never turns such a sub-query into a join: each row starts a scan of its own, and without an
index each of them reads the whole table. Grouped once, by the columns that tie it to the outer query, its
results are hashed and joined. Rows without a group drop out of an inner join, and out of the original as
well, since no comparison with NULL is true. COUNT gives 0 there, and is left alone.

Instead of:
    SELECT i.* FROM items i WHERE i.price > (SELECT avg(x.price) FROM items x WHERE x.kind = i.kind);
Use:
    SELECT i.* FROM items i
    JOIN (SELECT kind, avg(price) AS avg_price FROM items GROUP BY kind) k ON k.kind = i.kind
    WHERE i.price > k.avg_price;

Ignore when: the other conditions leave a few rows, and an index finds the sub-query's.
Source: https://www.postgresql.org/docs/current/functions-subquery.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.rewrite import Change
from pgtune.parse.sql.compared_aggregate import compared_aggregates, is_latest_of_group, joined_with_groups
from pgtune.parse.sql.statement import SqlStatement


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with a join for each comparison with a correlated aggregate."""
    for found in compared_aggregates(statement):
        if is_latest_of_group(statement, found):
            continue  # has a rule of its own
        changed = joined_with_groups(statement, found)
        if changed is not None:
            sql, facts = changed
            yield Change(
                sql=sql,
                message="the sub-query in WHERE aggregates once for each row",
                detail="Grouped once and joined, its table is read a single time.",
                facts=facts,
            )
