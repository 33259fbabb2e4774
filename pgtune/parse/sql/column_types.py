"""A column of a statement in, its type as the catalog has it out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from pgtune.model.catalog import Relation
from pgtune.model.names import quote_ident
from pgtune.parse.sql.sources import projection_named
from pgtune.parse.sql.statement import SqlStatement

INTEGERS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}  # values are below, and not below minus it


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """A column of a table, seen directly or through sub-queries that hand it on."""

    relation: Relation
    name: str
    type: str  # without what stands in parentheses: "numeric"

    def __str__(self) -> str:
        return f"{self.relation.name}.{quote_ident(self.name)}"

    @property
    def fact(self) -> str:
        """The type as a sentence."""
        return f"{self} is {self.type}"


def typed_column(statement: SqlStatement, node: exp.Expr) -> TypedColumn | None:
    """Return the table's column that *node* is; None for anything else, and where that is not sure."""
    origin = statement.origin(node)
    if origin is None:
        return None
    if origin.source.relation is not None:
        column = origin.column
        known = column is not None
        return (
            TypedColumn(origin.source.relation, origin.name, _bare(column.type)) if known and column else None
        )
    projection = None if origin.source.query is None else projection_named(origin.source.query, origin.name)
    return None if projection is None else typed_column(statement, projection)


def _bare(type_name: str) -> str:
    """The type without its modifier, which "timestamp(3) without time zone" has in the middle."""
    before, _, rest = type_name.partition("(")
    return before + rest.partition(")")[2] if not type_name.endswith("[]") else type_name
