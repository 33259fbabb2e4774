"""IN a sub-query that refers to the outer row runs that sub-query once for each row.

Before 17 the planner joins IN only with a sub-query that stands alone. EXISTS with the same comparison inside
is joined, correlated or not. In WHERE both let the same rows pass: there, unknown counts as false.

From PostgreSQL 17 on the planner does this itself.

Instead of:
    SELECT o.id FROM orders o WHERE o.status IN (SELECT r.status FROM returns r WHERE r.order_id = o.id);
Use:
    SELECT o.id FROM orders o
    WHERE EXISTS (SELECT FROM returns r WHERE r.order_id = o.id AND r.status = o.status);

Ignore when: the other conditions leave a few rows, and an index finds the sub-query's.
Source: https://www.postgresql.org/docs/17/release-17.html#RELEASE-17-OPTIMIZER
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.correlation import is_stored
from pgtune.parse.sql.membership import Membership, exists_body, membership
from pgtune.parse.sql.raising import can_raise
from pgtune.parse.sql.statement import SqlStatement, conjuncts

PLANNER_DOES_IT_FROM = 170000  # server_version_num; release notes of 17
FACT = "IN is a condition of WHERE itself: a row passes where it is true, and where EXISTS is"


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with EXISTS for each correlated IN that WHERE asks for."""
    if statement.version_num >= PLANNER_DOES_IT_FROM:
        return
    for where in statement.tree.find_all(exp.Where):
        if isinstance(where.parent, exp.Filter):
            continue
        for condition in conjuncts(where):
            found = membership(condition)
            if found is None or statement.is_volatile(condition) or not _is_safe(statement, found):
                continue
            body = exists_body(statement, found)
            if body is not None:
                yield Change(
                    sql=statement.rewritten((condition, exp.Exists(this=body))),
                    message="IN a correlated sub-query cannot be joined",
                    detail="EXISTS is planned as a semi join.",
                    facts=(FACT,),
                )


def _is_safe(statement: SqlStatement, found: Membership) -> bool:
    """True when the sub-query is correlated, and can be put to rows that it was not put to before."""
    origins = [statement.origin(column) for column in found.inner.find_all(exp.Column)]
    if None in origins or not any(origin.is_outer for origin in origins if origin is not None):
        return False
    conditions = [*conjuncts(found.inner.args.get("where")), *found.columns]
    conditions += [join.args["on"] for join in found.inner.args.get("joins") or () if join.args.get("on")]
    if any(can_raise(statement, each) for each in conditions):
        return False
    return all(is_stored(source) for source in statement.sources(found.inner))
