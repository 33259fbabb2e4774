"""A SELECT in, the conditions that hold for each of its joined rows out, and their equalities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlglot import exp

from pgtune.parse.sql.equal_types import same_equality
from pgtune.parse.sql.select_shape import is_inner
from pgtune.parse.sql.sources import ColumnOrigin
from pgtune.parse.sql.statement import SqlStatement, conjuncts

_NULL_FILLING = ("RIGHT", "FULL")


class Place(NamedTuple):
    """A column of a FROM item."""

    alias: str
    column: str


class Equality(NamedTuple):
    """Two columns of one kind of type that are equal, and so not NULL."""

    left: Place
    right: Place


def row_conditions(select: exp.Select) -> Iterator[exp.Expr]:
    """Yield the conjuncts of WHERE and of inner joins' ON that no row of the result fails."""
    yield from conjuncts(select.args.get("where"))
    joins = select.args.get("joins") or ()
    if any(str(join.args.get("side") or "").upper() in _NULL_FILLING for join in joins):
        return
    for join in joins:
        if is_inner(join):
            yield from conjuncts(join.args.get("on"))


def equalities(statement: SqlStatement, conditions: Sequence[exp.Expr]) -> Iterator[Equality]:
    """Yield the conditions that equate two columns of the SELECT's own FROM."""
    for condition in conditions:
        if not isinstance(condition, exp.EQ):
            continue
        left, right = statement.origin(condition.this), statement.origin(condition.expression)
        if left is None or right is None or left.is_outer or right.is_outer:
            continue
        if left.column is None or right.column is None:
            continue
        if same_equality(left.column, right.column):
            yield Equality(place_of(left), place_of(right))


def constants(statement: SqlStatement, conditions: Sequence[exp.Expr]) -> Iterator[Place]:
    """Yield the columns that a literal is the only value of."""
    for condition in conditions:
        if not isinstance(condition, exp.EQ):
            continue
        for column, value in ((condition.this, condition.expression), (condition.expression, condition.this)):
            origin = statement.origin(column)
            if origin is not None and not origin.is_outer and isinstance(value, exp.Literal):
                yield place_of(origin)


def place_of(origin: ColumnOrigin) -> Place:
    """Return where a column comes from, by name."""
    return Place(origin.source.alias, origin.name)
