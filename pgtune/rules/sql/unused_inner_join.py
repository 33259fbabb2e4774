"""A joined table that nothing is read from, and that always has the row.

The foreign key promises that each row finds exactly one partner, so that the join neither drops nor doubles
rows. The planner drops unused outer joins, but no inner join: it does not look at foreign keys for that.

Instead of:
    SELECT o.id, o.total FROM orders o JOIN users u ON u.id = o.user_id;
Use:
    SELECT o.id, o.total FROM orders o;

Ignore when: row level security hides rows of the joined table.
Source: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from sqlglot import exp

from pgtune.model.catalog import Column, ForeignKey
from pgtune.model.names import quote_ident
from pgtune.model.rewrite import Change
from pgtune.parse.sql.facts import foreign_key
from pgtune.parse.sql.named_columns import column_of
from pgtune.parse.sql.row_conditions import Place, place_of, row_conditions
from pgtune.parse.sql.select_shape import is_plain_table
from pgtune.parse.sql.sources import Source
from pgtune.parse.sql.statement import SqlStatement
from pgtune.parse.sql.value_images import has_one_image
from pgtune.parse.sql.without_source import without_source


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement without each inner joined table that only a foreign key's columns are read of."""
    for select in statement.selects:
        if statement.is_volatile(select):
            continue
        sources = statement.sources(select)
        for referring, unused in permutations(sources, 2):
            if _is_table(unused) and referring.relation is not None:
                for each in referring.relation.foreign_keys:
                    yield from _dropped(statement, select, (referring, unused), each)


def _is_table(source: Source) -> bool:
    is_table = source.relation is not None and source.relation.kind in "rp"
    return is_table and not source.is_nullable and is_plain_table(source.node)


def _dropped(
    statement: SqlStatement, select: exp.Select, pair: tuple[Source, Source], link: ForeignKey
) -> Iterator[Change]:
    referring, unused = pair
    if referring.relation is None or unused.relation is None:
        return
    fact = foreign_key(referring.relation, link.columns, unused.relation, link.referenced_columns)
    if fact is None:
        return
    conditions = _join_conditions(statement, select, pair, link)
    if conditions is None:
        return
    nullable = [name for name in link.columns if not _never_null(referring, name)]
    tested = [
        exp.Is(this=column_of(referring.alias, name), expression=exp.Null(), negate=True) for name in nullable
    ]
    instead = dict(_substitutes(pair, link))
    new = without_source(statement, select, unused, instead, conditions, tested)
    if new is None:
        return
    others = [name for name in link.columns if name not in nullable]
    yield Change(
        sql=statement.rewritten((select, new)),
        message=f"{unused.relation.name} is joined and not used",
        detail="The foreign key promises one row for each; the join neither drops nor doubles rows.",
        facts=(fact, *(f"{referring.relation.name}.{quote_ident(name)} is NOT NULL" for name in others)),
        object=str(unused.relation.name),
    )


def _join_conditions(
    statement: SqlStatement, select: exp.Select, pair: tuple[Source, Source], link: ForeignKey
) -> list[exp.Expr] | None:
    """The conditions that equate the foreign key's columns with the keys; None when one is missing."""
    referring, unused = pair
    wanted = {
        frozenset((Place(referring.alias, here), Place(unused.alias, there))): False
        for here, there in zip(link.columns, link.referenced_columns, strict=True)
    }
    found: list[exp.Expr] = []
    for condition in row_conditions(select):
        if not isinstance(condition, exp.EQ):
            continue
        left, right = statement.origin(condition.this), statement.origin(condition.expression)
        if left is None or right is None or left.is_outer or right.is_outer:
            continue
        places = frozenset((place_of(left), place_of(right)))
        if places in wanted:
            wanted[places] = True
            found.append(condition)
    return found if all(wanted.values()) else None


def _substitutes(pair: tuple[Source, Source], link: ForeignKey) -> Iterator[tuple[str, Place]]:
    """Yield the keys with the foreign key's columns that hold the very same values."""
    referring, unused = pair
    for here, there in zip(link.columns, link.referenced_columns, strict=True):
        own, key = _column(referring, here), _column(unused, there)
        if own is None or key is None:
            continue
        if own.type == key.type and has_one_image(own) and has_one_image(key):
            yield there, Place(referring.alias, here)


def _column(source: Source, name: str) -> Column | None:
    return source.relation.column(name) if source.relation is not None else None


def _never_null(source: Source, name: str) -> bool:
    column = _column(source, name)
    return column is not None and column.not_null and not source.is_nullable
