"""An expression in, whether it can end in an error out: then no row more may be given to it."""

from __future__ import annotations

from sqlglot import exp

from pgtune.parse.sql.statement import SqlStatement

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_CONDITIONS = (exp.And, exp.Or, exp.Not, exp.Is, exp.Between, exp.Case, exp.If, exp.Coalesce, exp.Nullif)
_VALUES = (exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Star, exp.Parameter, exp.Placeholder)
_TEXT_FUNCTIONS = (exp.Lower, exp.Upper, exp.Trim, exp.Length)
_AROUND = (exp.Paren, exp.Alias, exp.Where, exp.Filter, exp.Distinct, exp.Tuple)
_HARMLESS = (*_COMPARISONS, *_CONDITIONS, *_VALUES, *_TEXT_FUNCTIONS, *_AROUND, exp.Count, exp.Min, exp.Max)
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul)
_INTEGERS = frozenset({"smallint", "integer", "bigint"})


def can_raise(statement: SqlStatement, node: exp.Expr) -> bool:
    """True unless no value of its columns makes *node* fail; a part without columns fails for all rows alike.

    numeric counts as never overflowing: it holds 131,072 digits before the point.
    """
    if isinstance(node, exp.Column):
        origin = statement.origin(node)
        return origin is not None and origin.column is not None and origin.column.generated == "v"
    if isinstance(node, exp.Query):
        return True
    if not node.find(exp.Column, exp.Query, exp.AggFunc):
        return False
    if isinstance(node, _ARITHMETIC):
        is_harmless = number_kind(statement, node) == "numeric"
    elif isinstance(node, exp.Sum | exp.Avg):
        is_harmless = number_kind(statement, node.this) is not None
    elif isinstance(node, exp.Like | exp.ILike):
        pattern = node.expression
        is_harmless = isinstance(pattern, exp.Literal) and "\\" not in str(pattern.this)
    elif isinstance(node, exp.In):
        is_harmless = not node.args.get("query") and not node.args.get("unnest")
    else:
        is_harmless = isinstance(node, _HARMLESS)
    return not is_harmless or any(can_raise(statement, part) for part in node.iter_expressions())


def number_kind(statement: SqlStatement, node: exp.Expr) -> str | None:
    """Return "integer" or "numeric" for an exact number; None for all else."""
    if isinstance(node, exp.Paren | exp.Neg | exp.Min | exp.Max | exp.Sum | exp.Filter):
        return number_kind(statement, node.this)  # the sum of bigint is numeric, but not that of the others
    if isinstance(node, exp.Avg):
        return "numeric" if number_kind(statement, node.this) is not None else None
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Select) and node.this.expressions:
        return number_kind(statement, node.this.expressions[0].unalias())
    if isinstance(node, exp.Distinct) and len(node.expressions) == 1:
        return number_kind(statement, node.expressions[0])
    if isinstance(node, _ARITHMETIC):
        kinds = {number_kind(statement, node.this), number_kind(statement, node.expression)}
        return None if None in kinds else "numeric" if "numeric" in kinds else "integer"
    return _kind_of_leaf(statement, node)


def _kind_of_leaf(statement: SqlStatement, node: exp.Expr) -> str | None:
    if isinstance(node, exp.Literal) and not node.is_string:
        return "integer" if str(node.this).isdigit() else "numeric"
    if isinstance(node, exp.Column):
        origin = statement.origin(node)
        return _kind_of_type(origin.column.type) if origin is not None and origin.column is not None else None
    return None


def _kind_of_type(type_name: str) -> str | None:
    if type_name in _INTEGERS:
        return "integer"
    return "numeric" if type_name.partition("(")[0] == "numeric" else None
