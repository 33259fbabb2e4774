"""The shape of an index that does not exist in, its size after CREATE INDEX out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pgtune.advice.sizes.brin_size import brin_size
from pgtune.advice.sizes.btree_size import btree_size
from pgtune.advice.sizes.gin_size import gin_size
from pgtune.model.index_shape import IndexShape, IndexSize

# Other access methods get the size of a B-tree: one entry for each row, without knowing how they lay it out.
_MODELS: Mapping[str, Callable[[IndexShape], IndexSize]] = {"gin": gin_size, "brin": brin_size}


def index_size(shape: IndexShape) -> IndexSize:
    """Return pages, height and entries of a fresh build."""
    return _MODELS.get(shape.access_method, btree_size)(shape)
