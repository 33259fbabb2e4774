"""Constants of one condition in, whether an IN list of them is of the same type as each alone out."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from pgtune.parse.sql.constant_comparisons import is_parameter
from pgtune.parse.sql.literals import integer, number, string

# Of these, a list and a single constant are compared by the same operator; of real they are not.
LIST_TYPES = (
    frozenset({"smallint", "integer", "bigint", "numeric", "text", "character varying", "uuid"})
    | {"date", "timestamp without time zone", "timestamp with time zone"}
)  # fmt: skip
_CAST_TYPES = ("SMALLINT", "INT", "BIGINT", "DECIMAL", "TEXT", "UUID", "DATE", "TIMESTAMP", "TIMESTAMPTZ")


def kind_of_constants(values: Sequence[exp.Expr]) -> str | None:
    """Return what all *values* are: integer, number, string, parameter or a type; None where they differ."""
    kinds = {_kind(value) for value in values}
    return kinds.pop() if len(kinds) == 1 else None


def _kind(value: exp.Expr) -> str | None:
    if isinstance(value, exp.Cast):
        plain = not value.to.expressions and (_kind(value.this) is not None)
        return value.to.this.name if plain and value.to.this.name in _CAST_TYPES else None
    if is_parameter(value):
        return "parameter"
    if string(value) is not None:
        return "string"
    if integer(value) is not None:
        return "integer"
    return "number" if number(value) is not None else None
