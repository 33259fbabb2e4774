"""LEFT JOIN with IS NULL, to find rows without a partner, joins all rows first and then drops most.

The planner sees an anti join in it where the column that IS NULL tests is compared in ON. Where another
column is tested, one that the table declares NOT NULL, it joins everything and filters. NOT EXISTS is
planned as an anti join.

From PostgreSQL 19 on the planner does this itself.

Instead of:
    SELECT u.id FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE o.status IS NULL;
Use:
    SELECT u.id FROM users u WHERE NOT EXISTS (SELECT FROM orders o WHERE o.user_id = u.id);

Ignore when: most rows have no partner.
Source: https://www.postgresql.org/docs/19/release-19.html
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.finding import Severity
from pgtune.model.names import quote_ident
from pgtune.model.rewrite import Change
from pgtune.parse.sql.correlation import is_stored
from pgtune.parse.sql.draft import Draft
from pgtune.parse.sql.qualified import names_source
from pgtune.parse.sql.sources import ColumnOrigin, Source
from pgtune.parse.sql.statement import SqlStatement, conjuncts

SEVERITY = Severity.INFO
PLANNER_DOES_IT_FROM = 190000  # server_version_num; release notes of 19


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with NOT EXISTS for each LEFT JOIN that only asks for a partner."""
    if statement.version_num >= PLANNER_DOES_IT_FROM:
        return
    for select in statement.selects:
        if statement.is_volatile(select) or any(isinstance(each, exp.Star) for each in select.expressions):
            continue
        for condition in conjuncts(select.args.get("where")):
            origin = _tested(statement, condition)
            join = None if origin is None else _left_join(select, origin.source)
            if origin is None or join is None or not _asks_only(statement, select, origin, condition):
                continue
            yield Change(
                sql=_without_join(statement, select, join, condition),
                message="LEFT JOIN ... IS NULL joins all rows to find those without a partner",
                detail="NOT EXISTS is planned as an anti join.",
                facts=(_fact(origin),),
            )


def _tested(statement: SqlStatement, condition: exp.Expr) -> ColumnOrigin | None:
    """The NOT NULL column that is NULL only in rows without a partner."""
    if not isinstance(condition, exp.Is) or not isinstance(condition.expression, exp.Null):
        return None
    origin = statement.origin(condition.this)
    if origin is None or origin.is_outer or origin.column is None or not origin.column.not_null:
        return None
    relation = origin.source.relation
    has_all_rows = relation is not None and not relation.has_heirs  # those of heirs may have NULL
    return origin if has_all_rows and is_stored(origin.source) else None


def _left_join(select: exp.Select, source: Source) -> exp.Join | None:
    """The LEFT JOIN ... ON of *source*, where no later join depends on its being there."""
    joins: list[exp.Join] = list(select.args.get("joins") or ())
    place = next((index for index, join in enumerate(joins) if join.this is source.node), None)
    if place is None or select.args.get("laterals") or source.node.args.get("joins"):
        return None
    sides = [str(join.args.get("side") or "").upper() for join in joins]
    merges = any(join.args.get("using") or join.args.get("method") for join in joins)
    if sides[place] != "LEFT" or merges or {"RIGHT", "FULL"} & set(sides):
        return None
    on = joins[place].args.get("on")
    return None if on is None or on.find(exp.Query) else joins[place]


def _asks_only(
    statement: SqlStatement, select: exp.Select, origin: ColumnOrigin, condition: exp.Expr
) -> bool:
    """True when only its ON and *condition* read the joined table, and ON does not read the column."""
    source = origin.source
    join = source.node.parent
    assert isinstance(join, exp.Join)
    on = join.args["on"]
    for column in on.find_all(exp.Column):
        found = statement.origin(column)
        if found is None or (found.source.node is source.node and found.name == origin.name):
            return False
    allowed = {id(column) for part in (on, condition) for column in part.find_all(exp.Column)}
    others = [column for column in select.find_all(exp.Column) if id(column) not in allowed]
    return not any(names_source(column, source) for column in others)


def _without_join(statement: SqlStatement, select: exp.Select, join: exp.Join, condition: exp.Expr) -> str:
    body = exp.Select(
        expressions=[exp.Literal.number(1)],
        from_=exp.From(this=join.this.copy()),
        where=exp.Where(this=join.args["on"].copy()),
    )
    draft = Draft(select)
    draft.twin(condition).replace(exp.Not(this=exp.Exists(this=body)))
    draft.twin(join).pop()
    return statement.rewritten((select, draft.tree))


def _fact(origin: ColumnOrigin) -> str:
    assert origin.source.relation is not None
    return f"{origin.source.relation.name}.{quote_ident(origin.name)} is NOT NULL"
