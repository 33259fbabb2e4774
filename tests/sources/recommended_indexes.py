"""What an advice holds, made by hand: recommendations and queries."""

from __future__ import annotations

from dataclasses import replace

from pgtune.model.index import Index, IndexPart
from pgtune.model.index_advice import Recommendation
from pgtune.model.names import RelationName
from pgtune.model.workload import Query

ORDERS = RelationName("public", "orders")


def recommendation(index: Index, extension: str | None = None) -> Recommendation:
    """To create *index* under its default name, after *extension*."""
    name = index.default_name()
    action = index.action(name)
    if extension is not None:
        action = replace(action, sql=f"CREATE EXTENSION IF NOT EXISTS {extension};\n{action.sql}")
    return Recommendation(
        index,
        name,
        size_bytes=1_000_000,
        height=1,
        action=action,
        saving_share=0.5,
        effects=(),
        write_cost=None,
    )


def on(relation: RelationName, *columns: str) -> Recommendation:
    """A B-tree on *columns*."""
    return recommendation(Index(relation, tuple(map(IndexPart, columns))))


def query(text: str, values: tuple[str | None, ...] | None = (), number: int = 0) -> Query:
    return Query(number, f"query {number}", text, str(number), values)
