"""An IN with a sub-query in, the body of an EXISTS that asks the same out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from pgtune.parse.sql.narrowed import narrow
from pgtune.parse.sql.qualified import qualified
from pgtune.parse.sql.sources import name_of
from pgtune.parse.sql.statement import SqlStatement, unparenthesised

# With these, the rows of a query are not those of its FROM and WHERE alone.
_SHAPING = ("group", "having", "limit", "offset", "fetch", "distinct", "windows", "qualify", "with_")


@dataclass(frozen=True, slots=True)
class Membership:
    """``values IN (inner)``, where *inner* is a plain SELECT of as many columns."""

    values: tuple[exp.Expr, ...]
    inner: exp.Select

    @property
    def columns(self) -> tuple[exp.Expr, ...]:
        """What the sub-query selects, without aliases."""
        return tuple(each.unalias() for each in self.inner.expressions)


def membership(node: exp.Expr) -> Membership | None:
    """Return what ``x IN (SELECT ...)`` or ``x = ANY (SELECT ...)`` compares."""
    node = unparenthesised(node)
    if isinstance(node, exp.In) and node.args.get("query") is not None:
        return _membership(node.this, node.args["query"])
    if isinstance(node, exp.EQ) and isinstance(node.expression, exp.Any):
        return _membership(node.this, node.expression.this)
    return None


def negated_membership(node: exp.Expr) -> Membership | None:
    """Return what ``x NOT IN (SELECT ...)`` or ``x <> ALL (SELECT ...)`` compares."""
    if isinstance(node, exp.Not):
        return membership(node.this)
    if isinstance(node, exp.NEQ) and isinstance(node.expression, exp.All):
        return _membership(node.this, node.expression.this)
    return None


def exists_body(statement: SqlStatement, found: Membership) -> exp.Select | None:
    """Return the sub-query with the condition that its columns equal the values, for EXISTS.

    None where a name would be captured: columns of the values are qualified, since the sub-query's own come
    first inside it.
    """
    aliases = {source.alias for source in statement.sources(found.inner)}
    body = found.inner.copy()
    body.set("expressions", [exp.Literal.number(1)])
    body.set("order", None)
    for value, column in zip(found.values, found.columns, strict=True):
        moved, own = qualified(statement, value), qualified(statement, column)
        if moved is None or own is None:
            return None
        if any(name_of(each.args.get("table")) in aliases for each in moved.find_all(exp.Column)):
            return None
        narrow(body, exp.EQ(this=own, expression=moved))
    return body


def _membership(value: exp.Expr, query: exp.Expr) -> Membership | None:
    while isinstance(query, exp.Subquery):
        query = query.this
    value = unparenthesised(value)
    values = tuple(value.expressions) if isinstance(value, exp.Tuple) else (value,)
    if not isinstance(query, exp.Select) or len(query.expressions) != len(values):
        return None
    for projection in query.expressions:
        if projection.is_star or projection.find(exp.AggFunc, exp.Window):
            return None
    return None if any(query.args.get(part) for part in _SHAPING) else Membership(values, query)
