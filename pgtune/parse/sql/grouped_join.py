"""A join of two tables grouped by the key of one in, a join with the other one's groups out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from pgtune.parse.sql.aggregates import aggregate_function, aggregate_name, is_movable, outermost_aggregates
from pgtune.parse.sql.correlation import is_stored
from pgtune.parse.sql.draft import Draft
from pgtune.parse.sql.equal_types import same_equality
from pgtune.parse.sql.facts import Facts, unique_on_equality
from pgtune.parse.sql.named_columns import column_of, named
from pgtune.parse.sql.narrowed import narrow
from pgtune.parse.sql.raising import can_raise
from pgtune.parse.sql.sources import ColumnOrigin, Source
from pgtune.parse.sql.statement import SqlStatement, conjuncts

_PARTS = frozenset({"expressions", "from_", "joins", "where", "group", "having", "order", "kind"})
_READS_GROUPS = ("expressions", "having", "order")


@dataclass(frozen=True, slots=True)
class GroupedJoin:
    """``one JOIN many ON one.key = many.column GROUP BY one.key, ...`` with aggregates of *many* only."""

    select: exp.Select
    many: Source
    ties: tuple[exp.Column, ...]  # the columns of many that the join compares, each once
    moved: tuple[exp.Expr, ...]  # conditions on many alone
    aggregates: tuple[exp.Expr, ...]
    facts: Facts


def grouped_joins(statement: SqlStatement) -> Iterator[GroupedJoin]:
    """Yield the SELECTs in which each group is a row of one table with all rows of the other that match."""
    for select in statement.selects:
        sources = statement.sources(select)
        if not _is_plain(select, sources) or statement.is_volatile(select):
            continue
        for one, many in (sources, sources[::-1]):
            found = _Reading(statement, select, one, many).result()
            if found is not None:
                yield found


def grouped_before_join(statement: SqlStatement, found: GroupedJoin) -> str:
    """Return the statement in which *many* is grouped below the join, under its old name."""
    draft = Draft(found.select)
    names: dict[str, str] = {}
    columns: list[exp.Expr] = []
    for aggregate in found.aggregates:
        text = aggregate.sql()
        if text not in names:
            names[text] = _fresh(statement, aggregate_name(aggregate), names)
            columns.append(exp.Alias(this=aggregate.copy(), alias=named(names[text])))
        read: exp.Expr = column_of(found.many.alias, names[text])
        if aggregate.parent is found.select:
            read = exp.Alias(this=read, alias=named(aggregate_function(aggregate).key))
        draft.twin(aggregate).replace(read)
    _move_conditions(draft, found)
    keys = [key.copy() for key in found.ties]
    grouped = exp.Select(expressions=[*keys, *columns], from_=exp.From(this=found.many.node.copy()))
    narrow(grouped, *found.moved)
    grouped.set("group", exp.Group(expressions=[key.copy() for key in found.ties]))
    table = exp.Subquery(this=grouped, alias=exp.TableAlias(this=named(found.many.alias)))
    draft.twin(found.many.node).replace(table)
    return statement.rewritten((found.select, draft.tree))


class _Reading:
    """One way round of reading a SELECT from two tables."""

    def __init__(self, statement: SqlStatement, select: exp.Select, one: Source, many: Source) -> None:
        self._statement = statement
        self._select = select
        self._one = one
        self._many = many
        self._partners: dict[str, str] = {}  # columns of many to those of one
        self._ties: list[exp.Column] = []
        self._moved: list[exp.Expr] = []
        self._facts: list[str] = []

    def result(self) -> GroupedJoin | None:
        """What was found; None where a group is not one row of *one*, or something else is read of *many*."""
        join = self._select.args["joins"][0]
        conditions = [*conjuncts(self._select.args.get("where")), *conjuncts(join.args.get("on"))]
        if not all(self._take(each) for each in conditions) or not self._groups_by_row():
            return None
        parts = [part for name in _READS_GROUPS for part in _nodes(self._select.args.get(name))]
        aggregates = [each for part in parts for each in outermost_aggregates(part)]
        if not aggregates or not all(self._is_movable(each) for each in aggregates):
            return None
        if not self._reads_groups_only(parts, aggregates) or self._having_can_raise():
            return None
        return GroupedJoin(
            self._select,
            self._many,
            tuple(self._ties),
            tuple(self._moved),
            tuple(aggregates),
            tuple(self._facts),
        )

    def _take(self, condition: exp.Expr) -> bool:
        """Sort a condition in: a tie of both tables, one of *many*, or one that stays."""
        origins = [self._origin(column) for column in condition.find_all(exp.Column)]
        if None in origins or condition.find(exp.Query):
            return False
        nodes = {id(origin.source.node) for origin in origins if origin is not None}
        if id(self._many.node) not in nodes:
            return True
        if nodes == {id(self._many.node)}:
            self._moved.append(condition)
            return not can_raise(self._statement, condition)
        return isinstance(condition, exp.EQ) and self._tie(condition.this, condition.expression)

    def _tie(self, left: exp.Expr, right: exp.Expr) -> bool:
        ends = self._origin(left), self._origin(right)
        if ends[0] is None or ends[1] is None:
            return False
        if ends[0].source.node is self._many.node:
            return self._tie(right, left)
        one, many = ends[0].column, ends[1].column
        if one is None or many is None or not same_equality(one, many):
            return False
        if many.name not in self._partners:
            assert isinstance(right, exp.Column)
            self._ties.append(right)
        self._partners[many.name] = one.name
        self._facts.append(
            f"{self._one.alias}.{one.name} and {self._many.alias}.{many.name} have one equality"
        )
        return True

    def _groups_by_row(self) -> bool:
        """True when GROUP BY lists columns of *one*, among them a key that the join compares."""
        group = self._select.args["group"]
        others = [name for name, value in group.args.items() if value and name != "expressions"]
        if others or not all(isinstance(each, exp.Column) for each in group.expressions):
            return False
        names: set[str] = set()
        for column in group.expressions:
            origin = self._origin(column)
            name = None if origin is None else self._name_in_one(origin)
            if name is None:
                return False
            names.add(name)
        assert self._one.relation is not None
        fact = unique_on_equality(self._one.relation, names & set(self._partners.values()))
        self._facts.insert(0, fact or "")
        return fact is not None

    def _name_in_one(self, origin: ColumnOrigin) -> str | None:
        if origin.source.node is self._one.node:
            return origin.name
        return self._partners.get(origin.name)

    def _having_can_raise(self) -> bool:
        """True when HAVING, asked before the join of groups that have no partner, may fail."""
        return any(can_raise(self._statement, each) for each in conjuncts(self._select.args.get("having")))

    def _is_movable(self, aggregate: exp.Expr) -> bool:
        columns = [self._origin(column) for column in aggregate.find_all(exp.Column)]
        own = all(origin is not None and origin.source.node is self._many.node for origin in columns)
        return own and is_movable(self._statement, aggregate)

    def _reads_groups_only(self, parts: Sequence[exp.Expr], aggregates: Sequence[exp.Expr]) -> bool:
        """True when, outside of aggregates, *many* is read in the columns that the join compares only."""
        inside = {id(node) for aggregate in aggregates for node in aggregate.walk()}
        for part in parts:
            if part.find(exp.Query, exp.Window, exp.Anonymous, exp.Star) and not _counts_star(part):
                return False
            for column in part.find_all(exp.Column):
                if id(column) in inside or self._is_output_name(column):
                    continue
                origin = self._origin(column)
                if origin is None or (
                    origin.source.node is self._many.node and origin.name not in self._partners
                ):
                    return False
        return True

    def _is_output_name(self, column: exp.Column) -> bool:
        """True in ORDER BY for a column of the result."""
        is_key = isinstance(column.parent, exp.Ordered) and column.args.get("table") is None
        return is_key and column.name in {each.alias for each in self._select.expressions}

    def _origin(self, column: exp.Expr) -> ColumnOrigin | None:
        origin = self._statement.origin(column)
        return None if origin is None or origin.is_outer else origin


def _is_plain(select: exp.Select, sources: Sequence[Source]) -> bool:
    """True for an inner join of two tables with GROUP BY."""
    parts = {name for name, value in select.args.items() if value}
    if not parts <= _PARTS or not parts >= {"group", "joins"} or len(sources) != 2:
        return False
    join = select.args["joins"][0]
    is_inner = not any(join.args.get(part) for part in ("side", "method", "using"))
    kind = str(join.args.get("kind") or "").upper()
    return is_inner and kind in ("", "INNER") and all(is_stored(source) for source in sources)


def _nodes(value: object) -> list[exp.Expr]:
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, exp.Expr) else []


def _counts_star(part: exp.Expr) -> bool:
    found = list(part.find_all(exp.Query, exp.Window, exp.Anonymous, exp.Star))
    return all(isinstance(node, exp.Star) and isinstance(node.parent, exp.Count) for node in found)


def _fresh(statement: SqlStatement, wanted: str, names: dict[str, str]) -> str:
    name = statement.fresh_alias(wanted)
    number = 1
    while name in names.values():
        number += 1
        name = statement.fresh_alias(f"{wanted}{number}")
    return name


def _move_conditions(draft: Draft[exp.Select], found: GroupedJoin) -> None:
    """Take GROUP BY and the conditions on *many* out; HAVING becomes a condition on the groups."""
    select = draft.tree
    moved = {id(draft.twin(each)) for each in found.moved}
    join = select.args["joins"][0]
    kept = [each for each in conjuncts(select.args.get("where")) if id(each) not in moved]
    on = [each for each in conjuncts(join.args.get("on")) if id(each) not in moved]
    if moved:
        select.set("where", exp.Where(this=exp.and_(*kept)) if kept else None)
        if join.args.get("on"):
            join.set("on", exp.and_(*on) if on else exp.true())
    having = select.args.get("having")
    if having is not None:
        narrow(select, *conjuncts(having))
        select.set("having", None)
    select.set("group", None)
