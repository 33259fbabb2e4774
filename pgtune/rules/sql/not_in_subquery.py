"""NOT IN a sub-query keeps the planner from joining, and a single NULL in it empties the result.

The sub-query is run once and hashed where its rows fit into work_mem, and once for each row where they do
not: then minutes take the place of milliseconds. NOT EXISTS is planned as an anti join. Both mean the same
only where neither side can be NULL: a NULL among the sub-query's values makes NOT IN unknown for every row.

From PostgreSQL 19 on the planner does this itself where both sides are NOT NULL.

Instead of:
    SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM orders);
Use:
    SELECT id FROM users WHERE NOT EXISTS (SELECT FROM orders WHERE orders.user_id = users.id);

Ignore when: the sub-query returns a few rows.
Source: https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_NOT_IN
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.facts import never_null
from pgtune.parse.sql.membership import exists_body, negated_membership
from pgtune.parse.sql.statement import SqlStatement

PLANNER_DOES_IT_FROM = 190000  # server_version_num; release notes of 19


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with NOT EXISTS for each NOT IN whose sides are never NULL."""
    if statement.version_num >= PLANNER_DOES_IT_FROM:
        return
    for negation in statement.tree.find_all(exp.Not, exp.NEQ):
        found = negated_membership(negation)
        if found is None or statement.is_volatile(negation):
            continue
        facts = [never_null(statement, each) for each in (*found.values, *found.columns)]
        body = exists_body(statement, found)
        if body is None or None in facts:
            continue
        yield Change(
            sql=statement.rewritten((negation, exp.Not(this=exp.Exists(this=body)))),
            message="NOT IN a sub-query cannot be joined",
            detail="NOT EXISTS is planned as an anti join.",
            facts=tuple(dict.fromkeys(fact for found_facts in facts for fact in found_facts or ())),
        )
