"""A statement in, the conditions of WHERE and ON that compare something with constants out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from pgtune.parse.sql.statement import SqlStatement, unparenthesised

_OPERATORS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_CONSTANT = (
    *(exp.Literal, exp.Boolean, exp.Neg, exp.Paren, exp.Parameter, exp.Placeholder, exp.Add, exp.Sub),
    *(exp.Cast, exp.DataType, exp.DataTypeParam, exp.Date, exp.Interval, exp.IntervalSpan, exp.Var),
    *(exp.CurrentDate, exp.CurrentTimestamp, exp.Localtimestamp, exp.TimestampTrunc),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """An expression against constants: ``operand operator value``, with two values for BETWEEN."""

    node: exp.Expr
    operand: exp.Expr  # without parentheses
    operator: str  # = <> < <= > >= BETWEEN IN
    values: tuple[exp.Expr, ...]


def compared_with_constants(statement: SqlStatement) -> Iterator[Compared]:
    """Yield each comparison with constants that decides, perhaps below NOT, AND and OR, over a row."""
    for node in statement.tree.find_all(*_OPERATORS, exp.Between, exp.In):
        found = _compared(node) if decides_row(node) else None
        if found is not None:
            yield found


def decides_row(node: exp.Expr) -> bool:
    """True for a part of WHERE or ON that AND, OR and NOT lead to; HAVING sees groups, not rows."""
    return _is_below(node, (exp.And, exp.Or, exp.Paren, exp.Not))


def drops_null(node: exp.Expr) -> bool:
    """True for a part of WHERE or ON where NULL does the same as false."""
    return _is_below(node, (exp.And, exp.Or, exp.Paren))


def must_hold(node: exp.Expr) -> bool:
    """True for a part of WHERE or ON without which no row passes: an index on it alone is of use."""
    return _is_below(node, (exp.And, exp.Paren))


def flipped(operator: str) -> str:
    """The operator with its sides exchanged."""
    return _FLIPPED[operator]


def comparison(left: exp.Expr, operator: str, right: exp.Expr) -> exp.Expr:
    """Return the tree of ``left operator right``, made of copies."""
    kind = next(kind for kind, text in _OPERATORS.items() if text == operator)
    return kind(this=left.copy(), expression=right.copy())


def is_constant(node: exp.Expr) -> bool:
    """True for what has one value for a whole statement: literals, parameters, the time, sums of them."""
    return all(isinstance(part, _CONSTANT) for part in node.walk())


def is_parameter(node: exp.Expr) -> bool:
    """True for $1 and what drivers write for it."""
    return isinstance(node, exp.Parameter | exp.Placeholder)


def _is_below(node: exp.Expr, between: tuple[type[exp.Expr], ...]) -> bool:
    while isinstance(node.parent, between):
        node = node.parent
    parent = node.parent
    if isinstance(parent, exp.Join):
        return node is parent.args.get("on")
    # The condition of ON CONFLICT names an index.
    return isinstance(parent, exp.Where) and not isinstance(parent.parent, exp.OnConflict)


def _compared(node: exp.Expr) -> Compared | None:
    left = unparenthesised(node.this)
    values: tuple[exp.Expr, ...]
    if isinstance(node, exp.Between):
        values = (node.args["low"], node.args["high"])
        operator = None if node.args.get("symmetric") else "BETWEEN"
    elif isinstance(node, exp.In):
        values = tuple(node.expressions)
        operator = "IN" if values else None
    else:
        operator, values = _OPERATORS[type(node)], (node.expression,)
        if is_constant(left) and not is_constant(node.expression):
            left, values, operator = unparenthesised(node.expression), (left,), _FLIPPED[operator]
    if operator is None or is_constant(left) or not all(is_constant(value) for value in values):
        return None
    return Compared(node, left, operator, tuple(unparenthesised(value) for value in values))
