"""A SELECT list that looks up a value in a sub-query does so once for each row of the result.

PostgreSQL never turns such a sub-query into a join: it can use no hash join for it, even where every row of
both tables is needed. LEFT JOIN leaves the choice to the planner. Where at most one row can match, which a
unique key promises, the result is the same.

Instead of:
    SELECT u.name, (SELECT c.name FROM countries c WHERE c.id = u.country_id) AS country FROM users u;
Use:
    SELECT u.name, c.name AS country FROM users u LEFT JOIN countries c ON c.id = u.country_id;

Ignore when: the result has few rows.
Source: https://www.postgresql.org/docs/current/sql-expressions.html#SQL-SYNTAX-SCALAR-SUBQUERIES
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.catalog import Relation
from pgtune.model.finding import Severity
from pgtune.model.rewrite import Change
from pgtune.parse.sql.added_join import add_join, spell_out_star, takes_join
from pgtune.parse.sql.correlation import Correlated, correlated
from pgtune.parse.sql.draft import Draft
from pgtune.parse.sql.facts import unique_on_equality
from pgtune.parse.sql.listed_subquery import listed_subqueries, put_in_list
from pgtune.parse.sql.named_columns import column_of, named
from pgtune.parse.sql.qualified import qualify_ambiguous
from pgtune.parse.sql.sources import Source, column_name
from pgtune.parse.sql.statement import SqlStatement

SEVERITY = Severity.INFO
_GROUPING = ("group", "having")


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with a LEFT JOIN for each value of a SELECT list that is looked up by a key."""
    for select in statement.selects:
        if not takes_join(statement, select) or any(select.args.get(part) for part in _GROUPING):
            continue
        if statement.is_volatile(select):
            continue
        for node in listed_subqueries(select):
            change = _change(statement, select, node)
            if change is not None:
                yield change


def _change(statement: SqlStatement, select: exp.Select, node: exp.Subquery) -> Change | None:
    inner = node.this
    column = _only_column(statement, inner)
    parts = None if column is None else correlated(statement, inner, select)
    if column is None or parts is None or len(statement.sources(inner)) != 1:
        return None
    source = parts.correlations[0].inner_origin.source
    relation = source.relation
    assert relation is not None
    fact = unique_on_equality(relation, {tie.inner_origin.name for tie in parts.correlations})
    sql = None if fact is None else _joined(statement, select, node, parts, column)
    if fact is None or sql is None:
        return None
    return Change(
        sql=sql,
        message="the sub-query in the SELECT list looks up one value for each row",
        detail="A join leaves the planner the choice of how to find them.",
        facts=(fact, *(tie.fact for tie in parts.correlations)),
    )


def _only_column(statement: SqlStatement, inner: exp.Expr) -> exp.Column | None:
    """The plain column that the sub-query returns: NULL where it finds no row, as LEFT JOIN has it."""
    if not isinstance(inner, exp.Select) or len(inner.expressions) != 1:
        return None
    column = inner.expressions[0].unalias()
    origin = statement.origin(column)
    if origin is None or origin.is_outer or origin.column is None or origin.column.generated == "v":
        return None
    return column if isinstance(column, exp.Column) else None


def _joined(
    statement: SqlStatement, select: exp.Select, node: exp.Subquery, parts: Correlated, column: exp.Column
) -> str | None:
    source = parts.correlations[0].inner_origin.source
    relation = source.relation
    assert relation is not None
    alias = _alias(statement, source)
    draft = Draft(select)
    if not qualify_ambiguous(statement, select, draft, _names(relation)):
        return None
    if not put_in_list(draft, node, column_of(alias, column_name(column))):
        return None
    table = source.node.copy()
    if alias != source.alias:
        table.set("alias", exp.TableAlias(this=named(alias)))
    spell_out_star(statement, select, draft)
    at = [draft.twin(item) for item in parts.sources]
    if not add_join(draft.tree, at, table, _on(parts, alias), side="LEFT"):
        return None
    return statement.rewritten((select, draft.tree))


def _alias(statement: SqlStatement, source: Source) -> str:
    """The table's own alias where it is the only one of that name."""
    names = [each.alias for select in statement.selects for each in statement.sources(select)]
    return source.alias if names.count(source.alias) == 1 else statement.fresh_alias(source.alias + "2")


def _names(relation: Relation) -> frozenset[str]:
    return frozenset(column.name for column in relation.columns)


def _on(parts: Correlated, alias: str) -> exp.Expr:
    ties = [
        exp.EQ(
            this=column_of(alias, tie.inner_origin.name),
            expression=column_of(tie.outer_origin.source.alias, tie.outer_origin.name),
        )
        for tie in parts.correlations
    ]
    own = [each.copy() for each in parts.local]
    for condition in own:
        for column in condition.find_all(exp.Column):
            column.set("table", named(alias))
    return exp.and_(*ties, *own, copy=False)
