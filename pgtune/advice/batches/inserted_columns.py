"""An INSERT of one row in; its columns with their values, and what stands against a batch of it, out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pgtune.model.catalog import Catalog, Relation
from pgtune.parse.named_relations import named_relations
from pgtune.parse.sql.expression_of_turn import Expression
from pgtune.parse.sql.insert_turn import InsertTurn


def inserted_columns(turn: InsertTurn, relation: Relation) -> Mapping[str, Expression]:
    """Return the value for each column, but for those that DEFAULT stands for."""
    names = turn.columns or tuple(column.name for column in relation.columns)
    return {name: value for name, value in zip(names, turn.values, strict=False) if not value.is_default}


def sole_parameters(inserted: Mapping[str, Expression]) -> Mapping[int, str]:
    """Return the column that each parameter is written to as it is."""
    found: dict[int, str] = {}
    for column, value in inserted.items():
        if value.parameter is not None:
            found.setdefault(value.parameter, column)
    return found


def insert_obstacles(turn: InsertTurn, relation: Relation, catalog: Catalog) -> Iterator[str]:
    """Yield the reasons why one INSERT would not do what the loop does."""
    names = turn.columns or tuple(column.name for column in relation.columns)
    if len(turn.values) > len(names) or (turn.columns and len(turn.values) != len(names)):
        yield f"it gives {len(turn.values)} values for {len(names)} columns of {relation.name}"
    if turn.returning.parameters:
        yield "RETURNING has a parameter"
    for value in turn.values:
        if value.has_query and (found := _read_again(value, relation, catalog)) is not None:
            yield f"a sub-query reads {found}: a later turn sees what an earlier one has inserted"
    if not any(value.parameters for value in turn.values):
        yield "no value that it inserts changes from turn to turn"


def _read_again(value: Expression, relation: Relation, catalog: Catalog) -> str | None:
    """The relation in a sub-query through which it may read what it inserts."""
    for named in named_relations(value.tokens):
        found = catalog.find(named.name)
        if named.is_function:
            continue
        if found is None or found.name == relation.name or found.kind == "v":
            return str(named.name)
    return None
