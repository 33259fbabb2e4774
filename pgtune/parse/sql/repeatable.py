"""A query in, whether it gives the same rows each time that one statement runs it out."""

from __future__ import annotations

from sqlglot import exp

from pgtune.parse.sql.sources import cte_of, relation_name
from pgtune.parse.sql.statement import SqlStatement

# Aggregates whose result does not depend on the order of their input.
_ORDERLESS = (exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.LogicalAnd, exp.LogicalOr)
_UNSEEN = "vf"  # pg_class.relkind
_FLOATS = frozenset({"real", "double precision"})
_FLOAT_CASTS = frozenset({"FLOAT", "DOUBLE"})


def is_repeatable(statement: SqlStatement, query: exp.Query) -> bool:
    """Return True when running *query*'s parts twice gives what running them once gives.

    LIMIT below the top, ties under windows, DISTINCT ON, TABLESAMPLE, aggregates that keep an order and sums
    of floats may each time give something else; so may volatile functions, and views that hold such.
    """
    if statement.is_volatile(query) or any(_is_view(statement, each) for each in query.find_all(exp.Table)):
        return False
    return not any(_may_vary(statement, node, query) for node in query.walk())


def _may_vary(statement: SqlStatement, node: exp.Expr, query: exp.Query) -> bool:
    if isinstance(node, exp.Limit | exp.Offset | exp.Fetch):
        return node.parent is not query
    if isinstance(node, exp.Window | exp.TableSample):
        return True
    if isinstance(node, exp.Distinct):
        return node.args.get("on") is not None
    if isinstance(node, exp.Sum | exp.Avg):
        return any(_is_float(statement, each) for each in node.walk())
    return isinstance(node, exp.AggFunc) and not isinstance(node, _ORDERLESS)


def _is_view(statement: SqlStatement, table: exp.Table) -> bool:
    """True for a view, whose query is not looked at, and for a foreign table."""
    relation = None if cte_of(table) is not None else statement.catalog.find(relation_name(table))
    return relation is not None and relation.kind in _UNSEEN


def _is_float(statement: SqlStatement, node: exp.Expr) -> bool:
    if isinstance(node, exp.Cast):
        return node.to.this.name in _FLOAT_CASTS
    origin = statement.origin(node)
    return origin is not None and (origin.column is None or origin.column.type in _FLOATS)
