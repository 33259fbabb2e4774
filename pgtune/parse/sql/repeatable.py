"""A query in, whether it gives the same rows each time that one statement runs it out."""

from __future__ import annotations

from sqlglot import exp

from pgtune.parse.sql.statement import SqlStatement

# Aggregates whose result does not depend on the order of their input.
_ORDERLESS = (exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.LogicalAnd, exp.LogicalOr)
_FLOATS = frozenset({"real", "double precision"})
_FLOAT_CASTS = frozenset({"FLOAT", "DOUBLE"})


def is_repeatable(statement: SqlStatement, query: exp.Query) -> bool:
    """Return True when running *query*'s parts twice gives what running them once gives.

    LIMIT below the top, ties under windows, DISTINCT ON, TABLESAMPLE, aggregates that keep an order and sums
    of floats may each time give something else; so may volatile functions.
    """
    if statement.is_volatile(query):
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


def _is_float(statement: SqlStatement, node: exp.Expr) -> bool:
    if isinstance(node, exp.Cast):
        return node.to.this.name in _FLOAT_CASTS
    origin = statement.origin(node)
    return origin is not None and (origin.column is None or origin.column.type in _FLOATS)
