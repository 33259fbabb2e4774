"""A sub-query in, the equalities that tie it to the query around it and the rest of it out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from pgtune.parse.sql.equal_types import same_equality
from pgtune.parse.sql.raising import can_raise
from pgtune.parse.sql.sources import ColumnOrigin, Source
from pgtune.parse.sql.statement import SqlStatement, conjuncts, unparenthesised

# Beside these, a SELECT has nothing that FROM and WHERE alone would not give.
_PLAIN_PARTS = frozenset({"expressions", "from_", "joins", "where", "kind"})
_STORED = "rpm"  # pg_class.relkind with rows of its own: no view, whose query could fail


@dataclass(frozen=True, slots=True)
class Correlation:
    """``inner = outer``: a column of the sub-query's tables, and one of the query directly around it."""

    inner: exp.Column
    outer: exp.Column
    inner_origin: ColumnOrigin
    outer_origin: ColumnOrigin

    @property
    def fact(self) -> str:
        """That = between them means what it means in GROUP BY and in an index."""
        one, other = _typed(self.inner_origin), _typed(self.outer_origin)
        return f"{one} and {other} have one equality"


@dataclass(frozen=True, slots=True)
class Correlated:
    """A plain SELECT from tables, tied to the query around it by equalities of columns only."""

    select: exp.Select
    correlations: tuple[Correlation, ...]  # at least one
    local: tuple[exp.Expr, ...]  # conditions on its own tables, none of which can fail

    @property
    def sources(self) -> tuple[exp.Expr, ...]:
        """FROM items of the query around it that it refers to."""
        nodes = {
            id(each.outer_origin.source.node): each.outer_origin.source.node for each in self.correlations
        }
        return tuple(nodes.values())


def correlated(statement: SqlStatement, inner: exp.Select, outer: exp.Select) -> Correlated | None:
    """Take *inner*, a sub-query of *outer*, apart; None where it is tied in any other way, or could fail.

    What it selects is not looked at.
    """
    if not _is_plain(statement, inner) or statement.is_volatile(inner):
        return None
    ties: list[Correlation] = []
    local: list[exp.Expr] = []
    for each in conjuncts(inner.args.get("where")):
        if _is_local(statement, each):
            local.append(each)
            continue
        tie = _correlation(statement, each, outer)
        if tie is None:
            return None
        ties.append(tie)
    joins = [join.args["on"] for join in inner.args.get("joins") or () if join.args.get("on")]
    if not ties or not all(_is_local(statement, on) for on in joins):
        return None
    return Correlated(inner, tuple(ties), tuple(local))


def is_stored(source: Source) -> bool:
    """True for a table, whole: not sampled."""
    node = source.node
    is_table = source.relation is not None and source.relation.kind in _STORED
    return is_table and not node.args.get("sample") and not isinstance(node.parent, exp.TableSample)


def _is_plain(statement: SqlStatement, select: exp.Select) -> bool:
    parts = {name for name, value in select.args.items() if value}
    sources = statement.sources(select)
    return parts <= _PLAIN_PARTS and bool(sources) and all(is_stored(each) for each in sources)


def _is_local(statement: SqlStatement, condition: exp.Expr) -> bool:
    """True when it names own columns only, and can be put to any row."""
    origins = [statement.origin(each) for each in condition.find_all(exp.Column)]
    own = all(origin is not None and not origin.is_outer for origin in origins)
    return own and not can_raise(statement, condition)


def _correlation(statement: SqlStatement, node: exp.Expr, outer: exp.Select) -> Correlation | None:
    node = unparenthesised(node)
    if not isinstance(node, exp.EQ):
        return None
    found = [_side(statement, unparenthesised(side)) for side in (node.this, node.expression)]
    if found[0] is None or found[1] is None:
        return None
    inner, around = sorted((found[0], found[1]), key=lambda side: side[1].is_outer)
    own = {id(source.node) for source in statement.sources(outer)}
    if inner[1].is_outer or not around[1].is_outer or id(around[1].source.node) not in own:
        return None
    column, other = inner[1].column, around[1].column
    if column is None or other is None or not same_equality(column, other):
        return None
    return Correlation(inner[0], around[0], inner[1], around[1])


def _side(statement: SqlStatement, node: exp.Expr) -> tuple[exp.Column, ColumnOrigin] | None:
    origin = statement.origin(node)
    return (node, origin) if isinstance(node, exp.Column) and origin is not None else None


def _typed(origin: ColumnOrigin) -> str:
    table, column = origin.source.relation, origin.column
    assert table is not None
    assert column is not None
    return f"{table.name}.{origin.name} ({column.type})"
