"""An expression in, the aggregates in it out."""

from __future__ import annotations

from sqlglot import exp

from pgtune.parse.sql.raising import can_raise
from pgtune.parse.sql.sources import column_name
from pgtune.parse.sql.statement import SqlStatement

# Their results do not depend on the order of the rows, sums of floats excepted: those count as failing.
_FUNCTIONS = (exp.Count, exp.Sum, exp.Min, exp.Max, exp.Avg)


def outermost_aggregates(node: exp.Expr) -> tuple[exp.Expr, ...]:
    """Return the aggregates outside of sub-queries, each with its FILTER."""
    nodes = node.walk(prune=lambda each: isinstance(each, exp.AggFunc | exp.Filter | exp.Query))
    return tuple(each for each in nodes if isinstance(each, exp.AggFunc | exp.Filter))


def is_movable(statement: SqlStatement, aggregate: exp.Expr) -> bool:
    """True for COUNT, SUM, MIN, MAX and AVG that cannot fail and mind no order."""
    function = aggregate_function(aggregate)
    is_plain = isinstance(function, _FUNCTIONS) and not function.args.get("expressions")
    return is_plain and not can_raise(statement, aggregate)


def is_count(aggregate: exp.Expr) -> bool:
    """True for COUNT, which gives 0 and not NULL for no rows."""
    return isinstance(aggregate_function(aggregate), exp.Count)


def aggregate_name(aggregate: exp.Expr) -> str:
    """Return a name for a column that holds the aggregate: "sum_price"."""
    function = aggregate_function(aggregate)
    column = function.find(exp.Column)
    if isinstance(function, exp.Count):
        return "row_count" if column is None else f"{column_name(column)}_count"
    return f"{function.key}_{column_name(column)}" if column is not None else str(function.key)


def aggregate_function(aggregate: exp.Expr) -> exp.Expr:
    """Return the aggregate without its FILTER; its key is the function's name."""
    inside: exp.Expr = aggregate.this if isinstance(aggregate, exp.Filter) else aggregate
    return inside
