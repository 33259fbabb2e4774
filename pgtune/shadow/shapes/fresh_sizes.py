"""Existing B-trees in, what each would weigh if it were built anew out."""

from __future__ import annotations

from collections.abc import Mapping

from pgtune.advice.sizes.index_size import index_size
from pgtune.model.catalog import Catalog, CatalogIndex
from pgtune.model.index import DEFAULT_METHOD, Index, IndexPart
from pgtune.model.names import RelationName
from pgtune.shadow.database import Shadow
from pgtune.shadow.shapes.index_shapes import read_shapes
from pgtune.shadow.what_if.session import connect_planner


def fresh_sizes(shadow: Shadow, catalog: Catalog) -> Mapping[RelationName, int]:
    """Return bytes by the name of the index; partitioned indexes, which have no file, are left out.

    Raises:
        ServerError: the shadow ended.
    """
    existing = [
        index
        for relation in catalog.relations.values()
        for index in relation.indexes
        if index.access_method == DEFAULT_METHOD and index.valid and not index.partitioned
    ]
    with connect_planner(shadow.databases[0]) as connection:
        shapes = read_shapes(connection, [_as_new(index) for index in existing])
    sizes = (index_size(shape).size_bytes for shape in shapes)
    return {index.name: size for index, size in zip(existing, sizes, strict=True)}


def _as_new(index: CatalogIndex) -> Index:
    parts = (
        IndexPart(
            text=key.text,
            is_expression=key.is_expression,
            descending=key.descending,
            nulls_first=key.nulls_first,
            opclass=key.opclass,
            collation=key.collation,
        )
        for key in index.keys
    )
    return Index(index.relation, tuple(parts), index.include, index.predicate)
