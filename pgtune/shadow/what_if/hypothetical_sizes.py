"""Hypothetical indexes as one shadow database has them in, the sizes that they would be built to out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace

from pgtune.advice.sizes.index_size import index_size
from pgtune.model.index import Index
from pgtune.model.index_shape import IndexSize
from pgtune.shadow.database import ShadowDatabase
from pgtune.shadow.shapes.index_shapes import read_shapes
from pgtune.shadow.what_if.hypothetical_indexes import IndexSizes, MadeIndex
from pgtune.shadow.what_if.session import connect_planner
from pgtune.sources.connect import ServerConnection

SizeIndexes = Callable[[ServerConnection, Sequence[Index]], Sequence[IndexSize]]


def estimate_sizes(connection: ServerConnection, indexes: Sequence[Index]) -> Sequence[IndexSize]:
    """Return how large each index would be, by the statistics of its table."""
    return [index_size(shape) for shape in read_shapes(connection, indexes)]


def hypothetical_sizes(
    indexes: Mapping[int, Index],
    made: Mapping[int, MadeIndex],
    size_indexes: SizeIndexes,
    database: ShadowDatabase,
) -> IndexSizes:
    """Return the sizes of all that is stored for the numbered indexes; each partition has its own."""
    wanted = {
        (number, stored.relation): replace(indexes[number], relation=stored.relation, partitioned=False)
        for number, each in made.items()
        for stored in each.stored
    }
    with closing(connect_planner(database)) as connection:
        sizes = size_indexes(connection, tuple(wanted.values()))
    return dict(zip(wanted, sizes, strict=True))


def whole_size(number: int, made: MadeIndex, sizes: IndexSizes) -> IndexSize:
    """Return the size of an index over all partitions; the deepest of them gives the height."""
    parts = [sizes[number, stored.relation] for stored in made.stored]
    return IndexSize(
        blocks=sum(part.blocks for part in parts),
        height=max((part.height for part in parts), default=0),
        entries=sum(part.entries for part in parts),
        entry_blocks=sum(part.entry_blocks for part in parts),
        data_blocks=sum(part.data_blocks for part in parts),
        items=sum(part.items for part in parts),
    )
