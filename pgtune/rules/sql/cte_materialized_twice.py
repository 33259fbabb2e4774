"""A CTE that is kept as a whole gives each reader all its rows, whatever few of them it wants.

Read twice, or marked MATERIALIZED, a CTE is run to its end and stored; conditions of the query around it do
not reach its tables, and no index of those helps. NOT MATERIALIZED lets the planner put the CTE's query in
each place and filter there. Read once, a CTE is merged unless MATERIALIZED forbids it.

Instead of:
    WITH v AS (SELECT user_id, total FROM orders)
    SELECT * FROM v a JOIN v b ON b.total = a.total WHERE a.user_id = 7 AND b.user_id = 8;
Use:
    WITH v AS NOT MATERIALIZED (SELECT user_id, total FROM orders)
    SELECT * FROM v a JOIN v b ON b.total = a.total WHERE a.user_id = 7 AND b.user_id = 8;

Ignore when: the CTE is costly and small, or MATERIALIZED is a fence that the planner needs.
Source: https://www.postgresql.org/docs/current/queries-with.html#QUERIES-WITH-CTE-MATERIALIZATION
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.repeatable import is_repeatable
from pgtune.parse.sql.sources import cte_of, name_of
from pgtune.parse.sql.statement import SqlStatement


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with each CTE merged that is kept as a whole and need not be."""
    for with_ in statement.tree.find_all(exp.With):
        if with_.args.get("recursive"):
            continue
        for cte in with_.expressions:
            if isinstance(cte.this, exp.Select | exp.SetOperation):
                yield from _merged(statement, cte)


def _merged(statement: SqlStatement, cte: exp.CTE) -> Iterator[Change]:
    readers = sum(cte_of(table) is cte for table in statement.tree.find_all(exp.Table))
    is_marked = cte.args.get("materialized")
    if readers == 0 or is_marked is False or (readers == 1 and not is_marked):
        return
    if not _may_run_again(statement, cte.this):
        return
    new = cte.copy()
    new.set("materialized", False if readers > 1 else None)
    name = name_of(cte.args["alias"].this)
    yield Change(
        sql=statement.rewritten((cte, new)),
        message=f"{name} is stored whole before it is read",
        detail="Merged into the query, its tables are filtered by what that asks for.",
        facts=(f"{name} calls no volatile function, writes nothing and locks nothing",),
        object=name,
    )


def _may_run_again(statement: SqlStatement, query: exp.Query) -> bool:
    """Merged, it runs once for each reader, and once for each row where it is on the inner side of a loop."""
    limited = any(query.args.get(part) for part in ("limit", "offset", "fetch"))
    return not limited and is_repeatable(statement, query)
