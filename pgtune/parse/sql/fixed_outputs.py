"""A SELECT in, the columns of its result that constants fix out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlglot import exp

from pgtune.parse.sql.output_columns import OutputColumn, output_columns
from pgtune.parse.sql.row_conditions import Place, place_of, row_conditions
from pgtune.parse.sql.statement import SqlStatement

_INTEGERS = frozenset({"smallint", "integer", "bigint"})
_STRINGS = ("text", "character varying", "character(")
LITERAL_NUMBER, LITERAL_STRING = "a number", "a string"  # in place of a type


@dataclass(frozen=True, slots=True)
class FixedOutput:
    """A column of the result that has one of some values, and no others; comparable where types are equal."""

    name: str
    type: str  # of the table's column; of a constant what it is
    values: frozenset[str]  # two are different values even for collations that ignore case


def fixed_outputs(statement: SqlStatement, select: exp.Select) -> Mapping[int, FixedOutput]:
    """Return what is fixed of the result's columns, by their places from 1."""
    fixed: dict[Place, frozenset[str]] = {}
    for condition in row_conditions(select):
        for place, values in _compared(statement, condition):
            fixed[place] = fixed.get(place, values) & values
    found = {}
    for number, output in enumerate(output_columns(statement, select) or (), 1):
        known = _fixed(output, fixed)
        if known is not None:
            found[number] = known
    return found


def _fixed(output: OutputColumn, fixed: Mapping[Place, frozenset[str]]) -> FixedOutput | None:
    if output.source is not None and output.column is not None and output.type is not None:
        values = fixed.get(Place(output.source, output.column))
        return None if values is None else FixedOutput(output.name, output.type, values)
    literal = output.expression.unalias() if output.expression is not None else None
    if not isinstance(literal, exp.Literal):
        return None
    type_ = LITERAL_STRING if literal.is_string else LITERAL_NUMBER
    value = _string(literal) if literal.is_string else _number(literal)
    return FixedOutput(output.name, type_, frozenset({value}))


def _compared(statement: SqlStatement, condition: exp.Expr) -> Iterator[tuple[Place, frozenset[str]]]:
    """Yield the column that ``=`` or IN allows some constants for."""
    pairs: list[tuple[exp.Expr, list[exp.Expr]]] = []
    if isinstance(condition, exp.EQ):
        pairs = [(condition.this, [condition.expression]), (condition.expression, [condition.this])]
    elif isinstance(condition, exp.In) and condition.expressions:
        pairs = [(condition.this, condition.expressions)]
    for column, values in pairs:
        origin = statement.origin(column)
        if origin is None or origin.is_outer or origin.column is None or origin.column.is_nondeterministic:
            continue
        known = [_value(origin.column.type, value) for value in values]
        if all(known):
            yield place_of(origin), frozenset(value for value in known if value)


def _value(type_: str, value: exp.Expr) -> str | None:
    """The constant in one spelling for each value of the type; None where spellings are many."""
    if not isinstance(value, exp.Literal):
        return None
    if type_ in _INTEGERS:
        return None if value.is_string else _number(value)
    return _string(value) if value.is_string and type_.startswith(_STRINGS) else None


def _number(literal: exp.Literal) -> str:
    return str(Decimal(literal.this).normalize())


def _string(literal: exp.Literal) -> str:
    return f"'{literal.this.rstrip().casefold()}'"
