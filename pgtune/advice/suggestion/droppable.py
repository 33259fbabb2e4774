"""Existing indexes in, those that a selection may leave out, and why it may not leave out others, out."""

from __future__ import annotations

from collections.abc import Iterable

from pgtune.model.catalog import CatalogIndex
from pgtune.model.index_duty import duties


def droppable(indexes: Iterable[CatalogIndex]) -> tuple[CatalogIndex, ...]:
    """The indexes that only queries need; the parts of a partitioned one go and stay with it."""
    return tuple(index for index in indexes if why_kept(index) is None)


def why_kept(index: CatalogIndex) -> str | None:
    """Half a sentence on why the index is not to be dropped ("it backs the constraint a_key"), or None."""
    if not index.valid:
        return "it is invalid: no plan uses it, so that none tells what it is worth"
    own = duties(index)
    return own[0].of(index) if own else None
