"""A syntax tree in, its expressions out, each with the columns, constants and parameters that meet in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sqlglot import exp

from pgtune.parse.sql.folded_constants import Constant, folded

_NO_VALUE = (exp.Table, exp.From, exp.Join, exp.Lateral, exp.CTE, exp.With, exp.SetOperation, exp.Insert)
_JSON_STEPS = (
    exp.JSONExtract,
    exp.JSONExtractScalar,
    exp.JSONBExtract,
    exp.JSONBExtractScalar,
    exp.JSONBContainsTopKey,
    exp.JSONBContains,
    exp.JSONBContainsAnyTopKeys,
    exp.JSONBContainsAllTopKeys,
)
# What stands directly below these does not meet in one expression.
_APART: tuple[type[exp.Expr], ...] = (
    exp.Connector,
    exp.Not,
    exp.Case,
    exp.If,
    exp.Where,
    exp.Having,
    exp.Join,
    exp.Group,
    exp.Order,
    exp.Ordered,
    exp.Window,
    exp.Filter,
    exp.Values,
    exp.Exists,
    exp.DML,
    exp.OnConflict,
    exp.Returning,
    exp.Query,
    exp.With,
    exp.From,
)
_UNCERTAIN: tuple[type[exp.Expr], ...] = (exp.Or, exp.Xor, exp.Case, exp.If, exp.Filter)


@dataclass(slots=True)
class Expression:
    """Columns, constants and parameters that meet: ``a + $1 > 5``."""

    root: exp.Expr
    query: int  # number of the SELECT that it is in
    negated: bool
    is_certain: bool  # neither OR nor CASE stands above it in its query
    columns: list[exp.Column] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)
    parameters: list[int] = field(default_factory=list)
    json_paths: list[tuple[exp.Column, tuple[str, ...]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Place:
    query: int = 0
    negated: bool = False
    is_certain: bool = True


class ExpressionReader:
    """Reads one tree.

    Raises:
        RecursionError: it is deeper than Python's stack.
    """

    def __init__(self, tree: exp.Expr) -> None:
        self.expressions: list[Expression] = []
        self._queries = 0
        self._read(tree, _Place())

    def _read(self, node: exp.Expr, place: _Place) -> None:
        while isinstance(node, exp.Paren):
            node = node.this
        expression = Expression(node, place.query, place.negated, place.is_certain)
        self.expressions.append(expression)
        self._collect(node, expression, place)

    def _collect(self, node: exp.Expr, into: Expression, place: _Place) -> None:
        constant = folded(node)
        if constant is not None:
            into.constants.append(constant)
        elif isinstance(node, exp.Column):
            into.columns.append(node)
        elif isinstance(node, exp.Parameter):
            into.parameters += [int(node.name)] if node.name.isdecimal() else []
        elif isinstance(node, _JSON_STEPS) and (path := json_path(node)) is not None:
            into.json_paths.append(path)
            into.columns.append(path[0])
        elif isinstance(node, exp.Select):
            self._collect_select(node, into)
        elif not isinstance(node, exp.DataType | exp.Limit | exp.Offset | exp.Fetch | exp.Identifier):
            self._collect_children(node, into, place)

    def _collect_children(self, node: exp.Expr, into: Expression, place: _Place) -> None:
        if isinstance(node, exp.Not):
            place = replace(place, negated=not place.negated)
        elif isinstance(node, _UNCERTAIN):
            place = replace(place, is_certain=False)
        is_row = isinstance(node, exp.Tuple) and isinstance(node.parent, exp.Values)
        is_apart = is_row or (isinstance(node, _APART) and not isinstance(node, exp.Subquery))
        for child in node.iter_expressions():
            if is_apart:
                self._read(child, place)
            else:
                self._collect(child, into, place)

    def _collect_select(self, select: exp.Select, into: Expression) -> None:
        """Read a query; what a sub-query used as a value returns meets what stands beside it."""
        self._queries += 1
        place = _Place(self._queries)
        outputs = {id(each) for each in select.expressions} if is_value(select) else set()
        for child in select.iter_expressions():
            if id(child) in outputs:
                self._collect(child, into, place)
            else:
                self._read(child, place)


def is_value(query: exp.Expr) -> bool:
    """Tell whether a query stands where a value does: ``a = (SELECT ...)``, ``a IN (SELECT ...)``."""
    above = query.parent
    if isinstance(above, exp.Subquery):
        above = above.parent
    return above is not None and not isinstance(above, (*_NO_VALUE, exp.Exists, exp.Subquery))


def json_path(node: exp.Expr) -> tuple[exp.Column, tuple[str, ...]] | None:
    """Return column and path of ``j -> 'a' ->> 'b'``; None if it is not a plain path of a column."""
    steps: tuple[str, ...] = ()
    while isinstance(node, _JSON_STEPS):
        steps = (*_steps(node.expression), *steps)
        node = node.this
        while isinstance(node, exp.Paren):
            node = node.this
    return (node, steps) if isinstance(node, exp.Column) and steps else None


def _steps(path: exp.Expr) -> Iterator[str]:
    if isinstance(path, exp.Array):
        yield from (str(key.this) for key in path.expressions if isinstance(key, exp.Literal))
    elif isinstance(path, exp.JSONPath):
        yield from (str(key.this) for key in path.expressions if isinstance(key, exp.JSONPathKey))
    elif isinstance(path, exp.Literal):
        yield from str(path.this).strip("{}").split(",")
