"""A SELECT in, what it consists of out."""

from __future__ import annotations

from sqlglot import exp

_ROWS = frozenset({"expressions", "from_", "joins", "where"})
_PLAIN_TABLE = frozenset({"this", "db", "alias"})
# Functions that give one value for one row; any other may return a set.
_ONE_VALUE = (
    *(exp.Cast, exp.Coalesce, exp.Case, exp.If, exp.Nullif, exp.Greatest, exp.Least, exp.Concat),
    *(exp.Lower, exp.Upper, exp.Abs, exp.Round, exp.Length, exp.Extract, exp.Date, exp.TimestampTrunc),
    *(exp.And, exp.Or, exp.Exists, exp.CurrentDate, exp.CurrentTimestamp),
)


def is_made_of(select: exp.Select, *further: str) -> bool:
    """Return True when the SELECT has a list, FROM, joins and WHERE, and only those parts beside them."""
    given = {name for name, part in select.args.items() if part}
    return given <= _ROWS | set(further) and bool(given & {"from_"})


def returns_row_for_row(select: exp.Select) -> bool:
    """Return True when its list makes one row of each row: no aggregates, windows or sets."""
    return all(_is_one_value(part) for projection in select.expressions for part in _own_nodes(projection))


def has_only_inner_joins(select: exp.Select) -> bool:
    """Return True when every join is JOIN ... ON, CROSS JOIN or a comma, between items that do not nest."""
    items = [select.args["from_"].this, *(join.this for join in select.args.get("joins") or ())]
    plain = all(isinstance(item, exp.Table | exp.Subquery) and not item.args.get("joins") for item in items)
    nested = any(isinstance(item, exp.Subquery) and not isinstance(item.this, exp.Query) for item in items)
    return plain and not nested and all(is_inner(join) for join in select.args.get("joins") or ())


def is_inner(join: exp.Join) -> bool:
    """Return True for JOIN ... ON, CROSS JOIN and a comma."""
    outer = join.args.get("side") or join.args.get("method") or join.args.get("using")
    return not outer and str(join.args.get("kind") or "").upper() in ("", "INNER", "CROSS")


def _own_nodes(node: exp.Expr) -> list[exp.Expr]:
    """The nodes of an expression without those inside its sub-queries."""
    return list(node.walk(prune=lambda each: isinstance(each, exp.Query)))


def _is_one_value(node: exp.Expr) -> bool:
    if isinstance(node, exp.AggFunc | exp.Window | exp.UDTF):
        return False
    return not isinstance(node, exp.Func) or isinstance(node, _ONE_VALUE)


def is_plain_table(node: exp.Expr) -> bool:
    """Return True for a table without ONLY, TABLESAMPLE or the like."""
    return isinstance(node, exp.Table) and {name for name, part in node.args.items() if part} <= _PLAIN_TABLE
