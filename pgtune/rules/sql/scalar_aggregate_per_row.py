"""A SELECT list that counts or sums in a correlated sub-query runs it once for each row of the result.

Each row starts a scan of its own, and without an index each of them reads the whole table. Grouped once and
joined with LEFT JOIN, the table is read a single time; rows without a group keep their NULL, and where the
sub-query counts, their 0 by coalesce().

Instead of:
    SELECT u.name, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) AS orders FROM users u;
Use:
    SELECT u.name, coalesce(o.orders, 0) AS orders FROM users u
    LEFT JOIN (SELECT user_id, count(*) AS orders FROM orders GROUP BY user_id) o ON o.user_id = u.id;

Ignore when: the result has few rows, and an index finds those of the sub-query.
Source: https://www.postgresql.org/docs/current/sql-expressions.html#SQL-SYNTAX-SCALAR-SUBQUERIES
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.added_join import add_join, spell_out_star, takes_join
from pgtune.parse.sql.aggregate_subquery import AggregateSubquery, aggregate_subquery, grouped_table
from pgtune.parse.sql.draft import Draft
from pgtune.parse.sql.listed_subquery import listed_subqueries, put_in_list
from pgtune.parse.sql.statement import SqlStatement

# The select list is computed after these: there a sub-query is one for each group.
_GROUPING = ("group", "having")


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with a LEFT JOIN for each correlated aggregate in a SELECT list."""
    for select in statement.selects:
        if not takes_join(statement, select) or any(select.args.get(part) for part in _GROUPING):
            continue
        if statement.is_volatile(select):
            continue
        for node in listed_subqueries(select):
            found = aggregate_subquery(statement, node, select)
            change = None if found is None else _change(statement, found)
            if change is not None:
                yield change


def _change(statement: SqlStatement, found: AggregateSubquery) -> Change | None:
    groups = grouped_table(statement, found)
    draft: Draft[exp.Select] = Draft(found.outer)
    if groups is None or not put_in_list(draft, found.node, groups.value):
        return None
    spell_out_star(statement, found.outer, draft)
    at = [draft.twin(item) for item in found.parts.sources]
    if not add_join(draft.tree, at, groups.table, groups.on, side="LEFT"):
        return None
    return Change(
        sql=statement.rewritten((found.outer, draft.tree)),
        message="the sub-query in the SELECT list aggregates once for each row",
        detail="Grouped once and joined, its table is read a single time.",
        facts=groups.facts,
    )
