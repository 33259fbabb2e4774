"""Two indexes of one table in; whether one can stand in for the other, and which should stay, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pgtune.model.catalog import CatalogIndex, IndexKey
from pgtune.model.existing_indexes import ExistingIndexes
from pgtune.model.index import DEFAULT_METHOD
from pgtune.model.index_duty import Duty, duties

Shape = tuple[object, ...]


def shape(index: CatalogIndex) -> Shape:
    """All that decides what the index can be read for: equal for indexes that serve the same."""
    return index.relation, index.access_method, index.keys, frozenset(index.include), index.predicate


def keeping_order(index: CatalogIndex, existing: ExistingIndexes) -> tuple[int, int, int, str]:
    """Sorts first what should stay: primary keys, what has most duties, what is used most."""
    scans = existing.scans(index) or 0
    return -int(index.primary), -len(duties(index)), -scans, index.name.name


def can_replace(keeper: CatalogIndex, index: CatalogIndex) -> bool:
    """True when *index*, of the same shape, does nothing that *keeper* does not do as well."""
    left = set(duties(index))
    if _keeps_as_unique(keeper, index):
        left.discard(Duty.UNIQUE)
        if _is_plain_unique(index):
            left.discard(Duty.CONSTRAINT)
    return not left


def _is_plain_unique(index: CatalogIndex) -> bool:
    """True when the constraint is a UNIQUE that can be made again of an index, should it be missed."""
    return (
        index.access_method == DEFAULT_METHOD and index.immediate and not (index.primary or index.partitioned)
    )


def _keeps_as_unique(keeper: CatalogIndex, index: CatalogIndex) -> bool:
    """True when no two rows that *index* would refuse pass *keeper*."""
    return (
        keeper.unique
        and (keeper.immediate or not index.immediate)
        and (index.nulls_distinct or not keeper.nulls_distinct)
    )


def covers(longer: CatalogIndex, shorter: CatalogIndex) -> bool:
    """True when every scan of *shorter* can be made of *longer*; B-trees only.

    A B-tree is read in both directions, so that a key may be turned round as a whole.
    """
    return (
        longer.relation == shorter.relation
        and longer.access_method == shorter.access_method == DEFAULT_METHOD
        and longer.predicate == shorter.predicate
        and _starts_with(longer.keys, shorter.keys)
        and shorter.columns <= longer.columns
    )


def _starts_with(longer: Sequence[IndexKey], shorter: Sequence[IndexKey]) -> bool:
    start = longer[: len(shorter)]
    if [key.text for key in start] != [key.text for key in shorter]:
        return False
    return start == shorter or all(map(_is_reversed, start, shorter))


def _is_reversed(one: IndexKey, other: IndexKey) -> bool:
    turned = replace(one, descending=not one.descending, nulls_first=not one.nulls_first)
    return turned == other
