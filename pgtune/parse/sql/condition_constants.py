"""An expression in, the conditions on plain columns that it states out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from pgtune.parse.sql.expression_constants import Expression
from pgtune.parse.sql.folded_constants import Constant, folded
from pgtune.parse.sql.mined_constants import ColumnCondition, Comparison

_BINARY: Mapping[type[exp.Expr], Comparison] = {
    exp.EQ: Comparison.EQUAL,
    exp.NullSafeEQ: Comparison.EQUAL,
    exp.NEQ: Comparison.NOT_EQUAL,
    exp.NullSafeNEQ: Comparison.NOT_EQUAL,
    exp.LT: Comparison.LESS,
    exp.LTE: Comparison.LESS_EQUAL,
    exp.GT: Comparison.GREATER,
    exp.GTE: Comparison.GREATER_EQUAL,
    exp.Like: Comparison.LIKE,
    exp.ILike: Comparison.ILIKE,
    exp.RegexpLike: Comparison.MATCHES,
    exp.RegexpILike: Comparison.MATCHES_ANY_CASE,
}
_MIRRORED = {
    Comparison.LESS: Comparison.GREATER,
    Comparison.LESS_EQUAL: Comparison.GREATER_EQUAL,
    Comparison.GREATER: Comparison.LESS,
    Comparison.GREATER_EQUAL: Comparison.LESS_EQUAL,
}
COMPARISONS = (*_BINARY, exp.In, exp.Between, exp.Is, exp.SimilarTo, exp.Escape)


def conditions_of(expression: Expression) -> Iterator[ColumnCondition]:
    """Yield what a row has to fulfil: nothing where a function or another column has a part in it."""
    root = _bare(expression.root)
    stated = _stated(root)
    if stated is None:
        return
    column, comparison, values = stated
    yield ColumnCondition(
        f"{expression.query}.{column.table.lower()}",
        column.name.lower(),
        comparison,
        values,
        negated=expression.negated is not bool(root.args.get("negate")),  # IS NOT NULL, NOT LIKE
        is_certain=expression.is_certain,
    )


_Stated = tuple[exp.Column, Comparison, tuple[str, ...]]


def _stated(root: exp.Expr) -> _Stated | None:
    column = _column(root.this)
    if isinstance(root, exp.Between):
        return _with_values(column, Comparison.BETWEEN, [root.args["low"], root.args["high"]])
    if isinstance(root, exp.In):
        return _with_values(column, Comparison.IN, root.expressions) if root.expressions else None
    if isinstance(root, exp.Is) and isinstance(root.expression, exp.Null):
        return _with_values(column, Comparison.IS_NULL, [])
    return _binary(root, column, _BINARY[type(root)]) if type(root) in _BINARY else None


def _binary(root: exp.Expr, column: exp.Column | None, comparison: Comparison) -> _Stated | None:
    if column is None:
        return _with_values(_column(root.expression), _MIRRORED.get(comparison, comparison), [root.this])
    if isinstance(root.expression, exp.Any) and comparison is Comparison.EQUAL:
        array = _bare(root.expression.this)
        return _with_values(column, Comparison.IN, array.expressions) if array.expressions else None
    return _with_values(column, comparison, [root.expression])


def _with_values(column: exp.Column | None, comparison: Comparison, nodes: list[exp.Expr]) -> _Stated | None:
    constants: list[Constant] = [constant for node in nodes if (constant := folded(node)) is not None]
    if column is None or len(constants) < len(nodes):
        return None
    return column, comparison, tuple(constant.text for constant in constants)


def _column(node: exp.Expr | str | None) -> exp.Column | None:
    bare = _bare(node) if isinstance(node, exp.Expr) else None
    return bare if isinstance(bare, exp.Column) else None


def _bare(node: exp.Expr) -> exp.Expr:
    """The node without parentheses and casts."""
    while isinstance(node, exp.Paren | exp.Cast):
        node = node.this
    return node
