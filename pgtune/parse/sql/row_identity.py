"""A SELECT and some of its columns in, the keys by which those tell all its joined rows apart out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlglot import exp

from pgtune.parse.sql.facts import Facts, key, unique_on_equality
from pgtune.parse.sql.row_conditions import Equality, Place, constants, equalities, place_of, row_conditions
from pgtune.parse.sql.sources import Source, name_of
from pgtune.parse.sql.statement import SqlStatement, conjuncts


def told_apart(
    statement: SqlStatement,
    select: exp.Select,
    columns: Iterable[exp.Expr],
    among: Collection[str] | None = None,
) -> Facts | None:
    """Return the keys because of which no two rows of FROM and WHERE agree in *columns*; None: they may.

    *among*: aliases; the FROM items besides these are taken away together with their conditions.
    """
    sources = [each for each in statement.sources(select) if among is None or each.alias in among]
    return _Search(statement, select, sources).from_known(_places(statement, sources, columns))


def told_apart_by(statement: SqlStatement, select: exp.Select, places: Iterable[Place]) -> Facts | None:
    """Return the keys because of which no two rows of FROM and WHERE agree in *places*; None: they may."""
    return _Search(statement, select, statement.sources(select)).from_known(places)


class _Search:
    """What is known of a row, from some columns of it on."""

    def __init__(self, statement: SqlStatement, select: exp.Select, sources: Sequence[Source]) -> None:
        self._statement = statement
        self._select = select
        self._unknown = list(sources)
        aliases = {source.alias for source in sources}
        self._is_ambiguous = len(aliases) < len(sources)
        conditions = list(row_conditions(select))
        self._equal = [
            each
            for each in equalities(statement, conditions)
            if {each.left.alias, each.right.alias} <= aliases
        ]
        fixed = {place for place in constants(statement, conditions) if place.alias in aliases}
        self._not_null = fixed | {place for each in self._equal for place in each}
        self._known: set[Place] = set(fixed)
        self._facts: list[str] = []

    def from_known(self, places: Iterable[Place]) -> Facts | None:
        """Follow equalities and keys from *places* on until every FROM item is known; None: one is not."""
        self._known.update(places)
        if self._is_ambiguous:
            return None
        while self._unknown:
            self._spread(self._equal)
            found = next((source for source in self._unknown if self._identify(source)), None)
            if found is None:
                return None
            self._unknown.remove(found)
        return tuple(dict.fromkeys(self._facts))

    def _spread(self, equal: Sequence[Equality]) -> None:
        before = -1
        while before != len(self._known):
            before = len(self._known)
            for each in equal:
                if each.left in self._known or each.right in self._known:
                    self._known.update(each)

    def _identify(self, source: Source) -> bool:
        if source.relation is None:
            return False
        matched = self._matched_by_outer_join(source)
        names = {place.column for place in self._known if place.alias == source.alias}
        strict = {place.column for place in self._known & self._not_null if place.alias == source.alias}
        fact = key(source.relation, names) or unique_on_equality(source.relation, strict | matched)
        if fact is None:
            return False
        self._facts.append(fact)
        self._known.update(Place(source.alias, column.name) for column in source.relation.columns)
        return True

    def _matched_by_outer_join(self, source: Source) -> set[str]:
        """Columns that LEFT JOIN ... ON equates with known ones, where its ON reads nothing else unknown."""
        join = source.node.parent
        if not isinstance(join, exp.Join) or join.args.get("side") != "LEFT" or join.args.get("on") is None:
            return set()
        left_open = {each.alias for each in self._unknown} - {source.alias}
        for column in join.args["on"].find_all(exp.Column):
            origin = self._statement.origin(column)
            if origin is None or origin.source.alias in left_open:
                return set()
        matched: set[str] = set()
        for each in equalities(self._statement, list(conjuncts(join.args["on"]))):
            matched |= {
                own.column
                for own, other in (each, (each.right, each.left))
                if own.alias == source.alias and other in self._known and other.alias != source.alias
            }
        return matched


def _places(
    statement: SqlStatement, sources: Sequence[Source], columns: Iterable[exp.Expr]
) -> Iterable[Place]:
    """The plain columns among expressions, stars written out."""
    for expression in columns:
        node = expression.unalias()
        if isinstance(node, exp.Star):
            yield from _all_of(sources)
        elif isinstance(node, exp.Column) and node.is_star:
            qualifier = name_of(node.args["table"])
            yield from _all_of([source for source in sources if source.alias == qualifier])
        else:
            origin = statement.origin(node)
            if origin is not None and not origin.is_outer:
                yield place_of(origin)


def _all_of(sources: Sequence[Source]) -> Iterable[Place]:
    for source in sources:
        if source.relation is not None:
            yield from (Place(source.alias, column.name) for column in source.relation.columns)
