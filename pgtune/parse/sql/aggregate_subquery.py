"""A sub-query that aggregates the rows tied to one outer row in, the same for all outer rows at once out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from pgtune.parse.sql.aggregates import aggregate_name, is_count, is_movable, outermost_aggregates
from pgtune.parse.sql.correlation import Correlated, correlated
from pgtune.parse.sql.draft import Draft
from pgtune.parse.sql.named_columns import column_of, named
from pgtune.parse.sql.narrowed import narrow
from pgtune.parse.sql.qualified import qualified, unqualified_names
from pgtune.parse.sql.sources import name_of
from pgtune.parse.sql.statement import SqlStatement


@dataclass(frozen=True, slots=True)
class AggregateSubquery:
    """``(SELECT expression of aggregates FROM tables WHERE inner = outer ...)``."""

    node: exp.Subquery
    outer: exp.Select  # the SELECT directly around it
    parts: Correlated
    projection: exp.Expr  # without its alias
    aggregates: tuple[exp.Expr, ...]  # at least one; a FILTER is part of its aggregate

    @property
    def inner(self) -> exp.Select:
        """The SELECT between the parentheses."""
        return self.parts.select


@dataclass(frozen=True, slots=True)
class GroupedTable:
    """A FROM item with one row for each group, and what stands for the sub-query beside it."""

    table: exp.Subquery
    on: exp.Expr  # ties it to the outer query
    value: exp.Expr  # of the sub-query, for an outer row that has a group or, by an outer join, NULLs
    facts: tuple[str, ...]


def aggregate_subquery(
    statement: SqlStatement, node: exp.Expr, outer: exp.Select
) -> AggregateSubquery | None:
    """Return what *node*, a scalar sub-query of *outer*, aggregates; None for any other."""
    if not isinstance(node, exp.Subquery) or not isinstance(node.this, exp.Select):
        return None
    inner = node.this
    if len(inner.expressions) != 1 or node.parent_select is not outer:
        return None
    projection = inner.expressions[0].unalias()
    aggregates = outermost_aggregates(projection)
    if not aggregates or not _selects_aggregates_only(statement, projection, aggregates):
        return None
    parts = correlated(statement, inner, outer)
    return None if parts is None else AggregateSubquery(node, outer, parts, projection, aggregates)


def grouped_table(statement: SqlStatement, found: AggregateSubquery) -> GroupedTable | None:
    """Return the sub-query's aggregates for all groups; None where a column cannot be told."""
    names = _Names(statement, found)
    draft = Draft(found.projection)
    value = draft.tree
    columns: list[exp.Expr] = []
    for aggregate in found.aggregates:
        name = names.take(aggregate_name(aggregate))
        columns.append(exp.Alias(this=aggregate.copy(), alias=named(name)))
        read: exp.Expr = column_of(names.table, name)
        if is_count(aggregate):
            read = exp.Coalesce(this=read, expressions=[exp.Literal.number(0)])
        if aggregate is found.projection:
            value = read
        else:
            draft.twin(aggregate).replace(read)
    if not _qualify_outer(statement, found, draft):
        return None
    keys, on = _keys(found, names)
    table = exp.Subquery(
        this=_grouped(found, [*keys, *columns]), alias=exp.TableAlias(this=named(names.table))
    )
    facts = (
        *(tie.fact for tie in found.parts.correlations),
        f"{names.table} has one row for each of its groups",
    )
    return GroupedTable(table, on, value, facts)


class _Names:
    """Names in the new table that hide none of the outer query's."""

    def __init__(self, statement: SqlStatement, found: AggregateSubquery) -> None:
        tie = found.parts.correlations[0].inner_origin
        relation = tie.source.relation
        assert relation is not None
        self._statement = statement
        self._hidden = unqualified_names(found.outer)
        self._taken: set[str] = set()
        self.table = statement.fresh_alias(f"{relation.name.name}_by_{tie.name}")

    def take(self, wanted: str) -> str:
        name = self._statement.fresh_alias(wanted) if wanted in self._hidden else wanted
        number = 1
        while name in self._taken:
            number += 1
            name = self._statement.fresh_alias(f"{wanted}{number}")
        self._taken.add(name)
        return name


def _selects_aggregates_only(
    statement: SqlStatement, projection: exp.Expr, aggregates: Sequence[exp.Expr]
) -> bool:
    """True when own columns stand in aggregates, outer ones outside of them, and no aggregate can fail."""
    inside = {id(node) for aggregate in aggregates for node in aggregate.walk()}
    if projection.find(exp.Query, exp.Window):
        return False
    for column in projection.find_all(exp.Column):
        origin = statement.origin(column)
        if origin is None or origin.is_outer is (id(column) in inside):
            return False
    return all(is_movable(statement, aggregate) for aggregate in aggregates)


def _qualify_outer(statement: SqlStatement, found: AggregateSubquery, draft: Draft[exp.Expr]) -> bool:
    """Let outer columns of the value name their table."""
    inside = {id(node) for aggregate in found.aggregates for node in aggregate.walk()}
    for column in found.projection.find_all(exp.Column):
        if id(column) in inside:
            continue
        whole = qualified(statement, column)
        if whole is None:
            return False
        draft.twin(column).set("table", whole.args["table"])
    return True


def _keys(found: AggregateSubquery, names: _Names) -> tuple[list[exp.Expr], exp.Expr]:
    """The key columns of the table, and what ties them to the outer query."""
    taken: dict[tuple[str, str], str] = {}
    keys: list[exp.Expr] = []
    ties: list[exp.Expr] = []
    for tie in found.parts.correlations:
        place = (tie.inner_origin.source.alias, tie.inner_origin.name)
        if place not in taken:
            taken[place] = names.take(tie.inner_origin.name)
            key = tie.inner.copy()
            is_same = taken[place] == name_of(key.this)
            keys.append(key if is_same else exp.Alias(this=key, alias=named(taken[place])))
        own = column_of(names.table, taken[place])
        outer = column_of(tie.outer_origin.source.alias, tie.outer_origin.name)
        ties.append(exp.EQ(this=own, expression=outer))
    return keys, exp.and_(*ties, copy=False)


def _grouped(found: AggregateSubquery, projections: list[exp.Expr]) -> exp.Select:
    select = found.inner.copy()
    select.set("expressions", projections)
    select.set("where", None)
    narrow(select, *found.parts.local)
    keys = [each.unalias().copy() for each in projections[: len(projections) - len(found.aggregates)]]
    select.set("group", exp.Group(expressions=keys))
    return select
