"""OFFSET makes the server find the rows of all pages before the one that is wanted.

Each page is slower than the one before, and rows that are inserted meanwhile shift the pages. Keyset
pagination starts behind the last row of the page before: an index on the sort columns finds it at once. The
caller has to remember that row's sort columns, and can turn pages only one by one.

Instead of:
    SELECT id, created_at FROM orders ORDER BY created_at LIMIT 20 OFFSET 100000;
Use:
    SELECT id, created_at FROM orders WHERE (created_at, id) > ($1, $2) ORDER BY created_at, id LIMIT 20;

Ignore when: nobody turns many pages.
Source: https://www.postgresql.org/docs/current/queries-limit.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, islice
from typing import NamedTuple

from sqlglot import exp

from pgtune.model.catalog import Relation
from pgtune.model.names import quote_ident
from pgtune.model.rewrite import Change
from pgtune.parse.sql.facts import Facts
from pgtune.parse.sql.named_columns import column_of
from pgtune.parse.sql.output_columns import OutputColumn, output_columns, place_in_output
from pgtune.parse.sql.row_conditions import Place
from pgtune.parse.sql.row_identity import told_apart_by
from pgtune.parse.sql.select_shape import is_made_of, returns_row_for_row
from pgtune.parse.sql.statement import SqlStatement

MIN_OFFSET = 100  # rows, where the statement says how many; chosen


class _Keys(NamedTuple):
    """Columns that order all rows of the result, none of them NULL."""

    places: Sequence[Place]
    facts: Facts


def check(statement: SqlStatement, *, min_offset: int = MIN_OFFSET) -> Iterator[Change]:
    """Yield the statement with a condition in place of OFFSET, where the order can be made total."""
    select = statement.tree
    if not isinstance(select, exp.Select) or not _is_paged(select, min_offset):
        return
    keys = _keys(statement, select)
    numbers = _numbers(select, len(keys.places)) if keys is not None else None
    if keys is None or numbers is None:
        return
    names = ", ".join(quote_ident(place.column) for place in keys.places)
    yield Change(
        sql=statement.rewritten((select, _keyset(select, keys.places, numbers))),
        message="OFFSET finds the rows of all pages before this one",
        detail=f"Pass {names} of the last row of the page before as "
        f"{', '.join(f'${number}' for number in numbers)}; the first page goes without the condition.",
        facts=keys.facts,
        changes_contract=True,
    )


def _is_paged(select: exp.Select, min_offset: int) -> bool:
    """Return True for a plain query with ORDER BY in one direction and an OFFSET that may be large."""
    offset, order = select.args.get("offset"), select.args.get("order")
    if offset is None or order is None or any(select.find_all(exp.Placeholder)):
        return False
    if isinstance(offset.expression, exp.Literal) and int(offset.expression.this) < min_offset:
        return False
    directions = {bool(key.args.get("desc")) for key in order.expressions}
    plain = is_made_of(select, "order", "limit", "offset", "with_") and returns_row_for_row(select)
    return plain and len(directions) == 1


def _keys(statement: SqlStatement, select: exp.Select) -> _Keys | None:
    """The sort columns, with primary keys behind them until no two rows agree in all."""
    outputs = output_columns(statement, select) or ()
    found = [_place(statement, outputs, key.this) for key in select.args["order"].expressions]
    places = [place for place in found if place is not None]
    if len(places) < len(found):
        return None
    apart = told_apart_by(statement, select, places)
    for source in statement.sources(select):
        if apart is None and source.relation is not None:
            own = (Place(source.alias, name) for name in _primary_key(source.relation))
            places += [place for place in own if place not in places]
            apart = told_apart_by(statement, select, places)
    not_null = _not_null(statement, select, places)
    return None if apart is None or not_null is None else _Keys(places, (*apart, *not_null))


def _place(statement: SqlStatement, outputs: Sequence[OutputColumn], key: exp.Expr) -> Place | None:
    """The column that a key of ORDER BY means."""
    number = place_in_output(statement, outputs, key)
    if number is not None and number <= len(outputs):
        output = outputs[number - 1]
        return Place(output.source, output.column) if output.source and output.column else None
    origin = statement.origin(key)
    return Place(origin.source.alias, origin.name) if origin is not None and not origin.is_outer else None


def _primary_key(relation: Relation) -> Sequence[str]:
    return next((index.key for index in relation.indexes if index.primary), ())


def _not_null(statement: SqlStatement, select: exp.Select, places: Sequence[Place]) -> Facts | None:
    """The facts that no column is NULL; None where one may be."""
    sources = {source.alias: source for source in statement.sources(select)}
    facts = []
    for alias, name in places:
        source = sources[alias]
        column = source.relation.column(name) if source.relation is not None else None
        if column is None or not column.not_null or source.is_nullable:
            return None
        facts.append(f"{alias}.{quote_ident(name)} is NOT NULL")
    return tuple(facts)


def _numbers(select: exp.Select, wanted: int) -> Sequence[int] | None:
    """Numbers of the new parameters: those that OFFSET alone has had, then the next; None: one is left."""
    offset = {int(each.name) for each in select.args["offset"].find_all(exp.Parameter)}
    others = {
        int(each.name) for each in select.find_all(exp.Parameter) if each.find_ancestor(exp.Offset) is None
    }
    free = sorted(offset - others)
    if len(free) > wanted:
        return None
    return [*free, *islice(count(max(offset | others, default=0) + 1), wanted - len(free))]


def _keyset(select: exp.Select, places: Sequence[Place], numbers: Sequence[int]) -> exp.Select:
    new = select.copy()
    order = new.args["order"]
    columns: list[exp.Expr] = [column_of(*place) for place in places]
    values: list[exp.Expr] = [exp.Parameter(this=exp.Literal.number(number)) for number in numbers]
    comparison = exp.LT if order.expressions[0].args.get("desc") else exp.GT
    if len(columns) == 1:
        condition = comparison(this=columns[0], expression=values[0])
    else:
        condition = comparison(this=exp.Tuple(expressions=columns), expression=exp.Tuple(expressions=values))
    for column in columns[len(order.expressions) :]:
        key = order.expressions[0].copy()
        key.set("this", column.copy())
        order.append("expressions", key)
    new.set("offset", None)
    return new.where(condition, copy=False)
