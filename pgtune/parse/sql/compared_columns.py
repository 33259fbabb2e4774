"""Sets of columns that are compared, in; classes of columns that should share values, out."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def merged_classes(compared: Iterable[Collection[str]]) -> tuple[frozenset[str], ...]:
    """Merge sets that have a member in common. Sorted by their first member."""
    classes: list[set[str]] = []
    for names in compared:
        merged = set(names)
        apart = [each for each in classes if merged.isdisjoint(each)]
        for each in classes:
            merged |= each if not merged.isdisjoint(each) else set()
        classes = [*apart, merged]
    return tuple(sorted(map(frozenset, classes), key=min))
