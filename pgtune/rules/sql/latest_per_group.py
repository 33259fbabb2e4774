"""The latest row of each group is found by a sub-query that runs once for each row.

The maximum of a group is computed again for every row of that group. Computed once for each group and
joined, it costs one more scan. Rows that tie for the latest are all kept, as before; DISTINCT ON would keep
one of them.

Instead of:
    SELECT * FROM prices p WHERE p.day = (SELECT max(x.day) FROM prices x WHERE x.item = p.item);
Use:
    SELECT p.* FROM prices p
    JOIN (SELECT item, max(day) AS max_day FROM prices GROUP BY item) m ON m.item = p.item
    WHERE p.day = m.max_day;

Ignore when: the other conditions leave a few rows, and an index finds the maximum.
Source: https://www.postgresql.org/docs/current/tutorial-agg.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.rewrite import Change
from pgtune.parse.sql.compared_aggregate import compared_aggregates, is_latest_of_group, joined_with_groups
from pgtune.parse.sql.statement import SqlStatement


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with a join for each comparison with the extreme of the row's own group."""
    for found in compared_aggregates(statement):
        if not is_latest_of_group(statement, found):
            continue
        changed = joined_with_groups(statement, found)
        if changed is not None:
            sql, facts = changed
            yield Change(
                sql=sql,
                message="the latest row of each group is searched once for each row",
                detail="Computed once for each group and joined, rows that tie are all kept.",
                facts=facts,
            )
