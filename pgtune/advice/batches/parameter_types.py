"""A turn in, the type of each of its parameters out, as the catalog and its casts tell it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pgtune.advice.batches.arrays import element_type
from pgtune.model.catalog import Catalog, Relation
from pgtune.model.names import RelationName
from pgtune.parse.named_relations import named_relations
from pgtune.parse.sql.clauses_of_turn import placeholders
from pgtune.parse.sql.compared_parameters import Neighbour, aliases, neighbours
from pgtune.parse.sql.turn import Turn


def parameter_types(turn: Turn, catalog: Catalog, assigned: Mapping[int, str]) -> Mapping[int, str | None]:
    """Return the type of an array's elements for every parameter; None where nothing tells it.

    *assigned* are types of columns that parameters are written to.
    """
    seen = neighbours(turn.text, turn.tokens)
    named = aliases(turn.tokens)
    relations = tuple(_relations(turn, catalog))
    found: dict[int, str | None] = {}
    for number in placeholders(turn.tokens):
        near = seen.get(number)
        written = near.type if near is not None else None
        if written is not None:
            found[number] = written  # it cuts and rounds as the turn does
        elif number in assigned:
            found[number] = element_type(assigned[number])
        else:
            found[number] = None if near is None else _compared(near, relations, named)
    return found


def untyped(types: Mapping[int, str | None]) -> str | None:
    """Return why there is no array for some parameter; None when all have their types."""
    number = next((number for number, each in types.items() if each is None), None)
    return None if number is None else f"nothing tells the type of ${number}; write a cast: ${number}::type"


def _relations(turn: Turn, catalog: Catalog) -> Iterable[Relation]:
    names: Iterable[RelationName] = (one.name for one in named_relations(turn.tokens) if not one.is_function)
    return (found for name in names if (found := catalog.find(name)) is not None)


def _compared(near: Neighbour, relations: tuple[Relation, ...], named: Mapping[str, str]) -> str | None:
    """The type of the column, where all the relations that it may belong to agree."""
    assert near.column is not None
    owner = named.get(near.qualifier, near.qualifier) if near.qualifier is not None else None
    columns = (
        relation.column(near.column) for relation in relations if owner is None or relation.name.name == owner
    )
    types = {element_type(column.type) for column in columns if column is not None}
    return types.pop() if len(types) == 1 else None
