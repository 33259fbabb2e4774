"""A table joined to itself by its key is read twice for the same rows.

Where the columns that are equated are unique, the second reference can only find the row that the first one
has; it is read, hashed or looked up for nothing. From PostgreSQL 18 on the planner drops it itself.

Instead of:
    SELECT a.id, b.name FROM users a JOIN users b ON b.id = a.id WHERE a.age > 30;
Use:
    SELECT a.id, a.name FROM users a WHERE a.age > 30;

Ignore when: the table is so small that nothing is saved.
Source: https://www.postgresql.org/docs/18/runtime-config-query.html#GUC-ENABLE-SELF-JOIN-ELIMINATION
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from sqlglot import exp

from pgtune.model.catalog import Relation
from pgtune.model.rewrite import Change
from pgtune.parse.sql.facts import unique_on_equality
from pgtune.parse.sql.named_columns import column_of
from pgtune.parse.sql.row_conditions import Place, place_of, row_conditions
from pgtune.parse.sql.select_shape import is_plain_table
from pgtune.parse.sql.sources import Source
from pgtune.parse.sql.statement import SqlStatement
from pgtune.parse.sql.without_source import without_source

PLANNER_DOES_IT_FROM = 180000  # server_version_num; release notes of 18


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement without the second of two equal tables that a unique key joins."""
    if statement.version_num >= PLANNER_DOES_IT_FROM:
        return
    for select in statement.selects:
        if select.args.get("locks"):
            continue
        for kept, second in combinations(statement.sources(select), 2):
            if kept.relation is not None and kept.relation is second.relation and _is_plain(kept, second):
                yield from _joined_once(statement, select, (kept, second), kept.relation)


def _is_plain(*sources: Source) -> bool:
    return all(not source.is_nullable and is_plain_table(source.node) for source in sources)


def _joined_once(
    statement: SqlStatement, select: exp.Select, pair: tuple[Source, Source], relation: Relation
) -> Iterator[Change]:
    kept, second = pair
    matches = list(_matches(statement, select, kept, second))
    fact = unique_on_equality(relation, [name for name, _ in matches])
    if fact is None:
        return
    tested = [
        exp.Is(this=column_of(kept.alias, name), expression=exp.Null(), negate=True)
        for name, _ in matches
        if not _not_null(relation, name)
    ]
    instead = {column.name: Place(kept.alias, column.name) for column in relation.columns}
    dropped = [condition for _, condition in matches]
    new = without_source(statement, select, second, instead, dropped, tested)
    if new is not None:
        yield Change(
            sql=statement.rewritten((select, new)),
            message=f"{relation.name} is joined to itself by its key",
            detail=f"{second.alias} is always the row that {kept.alias} is.",
            facts=(fact,),
            object=str(relation.name),
        )


def _matches(
    statement: SqlStatement, select: exp.Select, kept: Source, second: Source
) -> Iterator[tuple[str, exp.Expr]]:
    """Yield the columns that the two are equated by, with the condition."""
    for condition in row_conditions(select):
        if not isinstance(condition, exp.EQ):
            continue
        left, right = statement.origin(condition.this), statement.origin(condition.expression)
        if left is None or right is None or left.is_outer or right.is_outer:
            continue
        places: Sequence[Place] = sorted((place_of(left), place_of(right)))
        names = {place.column for place in places}
        if len(names) == 1 and {place.alias for place in places} == {kept.alias, second.alias}:
            yield places[0].column, condition


def _not_null(relation: Relation, name: str) -> bool:
    column = relation.column(name)
    return column is not None and column.not_null
