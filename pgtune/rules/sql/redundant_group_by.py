"""GROUP BY compares columns that a unique column beside them already decides.

Rows that agree in a unique column are one row of the table, and agree in all. Grouped by the primary key
alone, fewer columns are hashed or sorted; PostgreSQL lets the others stand in the SELECT list then. Up to 17
the planner drops columns beside a primary key only, from 18 on beside any unique index.

Instead of:
    SELECT u.email, u.name, count(*) FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.email, u.name;
Use:
    SELECT u.email, u.name, count(*) FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.id;

Ignore when: the groups are few.
Source: https://www.postgresql.org/docs/current/queries-table-expressions.html#QUERIES-GROUP
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from pgtune.model.catalog import Relation
from pgtune.model.finding import Severity
from pgtune.model.rewrite import Change
from pgtune.parse.sql.facts import key
from pgtune.parse.sql.named_columns import column_of
from pgtune.parse.sql.row_conditions import Place, place_of
from pgtune.parse.sql.sources import Source
from pgtune.parse.sql.statement import SqlStatement

SEVERITY = Severity.INFO
PLANNER_DOES_IT_FROM = 180000  # server_version_num; release notes of 18


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement grouped by primary keys in place of unique columns and what they decide."""
    if statement.version_num >= PLANNER_DOES_IT_FROM:
        return
    for select in statement.selects:
        places = _grouped(statement, select)
        for source in statement.sources(select) if places else ():
            if source.relation is not None and not source.is_nullable:
                yield from _by_primary_key(statement, select, source, places)


def _grouped(statement: SqlStatement, select: exp.Select) -> Sequence[Place]:
    """The columns of a plain GROUP BY; none where it has something else."""
    group = select.args.get("group")
    found: list[Place] = []
    for node in group.expressions if group is not None else ():
        by_place = isinstance(node, exp.Literal) and node.is_int and int(node.this) <= len(select.expressions)
        origin = statement.origin(select.expressions[int(node.this) - 1].unalias() if by_place else node)
        if origin is None or origin.is_outer:
            return ()
        found.append(place_of(origin))
    return found


def _by_primary_key(
    statement: SqlStatement, select: exp.Select, source: Source, places: Sequence[Place]
) -> Iterator[Change]:
    assert source.relation is not None
    names = {place.column for place in places if place.alias == source.alias}
    primary = _primary_key(source.relation)
    fact = key(source.relation, names)
    if fact is None or not primary or names >= set(primary) or len(names) <= len(primary):
        return
    nodes = select.args["group"].expressions
    first = next(number for number, place in enumerate(places) if place.alias == source.alias)
    new = exp.Group(
        expressions=[
            *(node.copy() for node in nodes[:first]),
            *(column_of(source.alias, name) for name in primary),
            *(
                node.copy()
                for node, place in zip(nodes[first:], places[first:], strict=True)
                if place.alias != source.alias
            ),
        ]
    )
    yield Change(
        sql=statement.rewritten((select.args["group"], new)),
        message=f"GROUP BY compares more of {source.relation.name} than its key",
        detail="Rows that agree in a unique column are one row of the table.",
        facts=(fact, f"{source.relation.name} has the primary key ({', '.join(primary)})"),
        object=str(source.relation.name),
    )


def _primary_key(relation: Relation) -> tuple[str, ...]:
    found = (index for index in relation.indexes if index.primary and index.immediate and index.valid)
    index = next(found, None)
    return index.key if index is not None else ()
