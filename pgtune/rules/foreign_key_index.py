"""A foreign key and an index in; whether the check of the key searches by that index, out."""

from __future__ import annotations

from pgtune.model.catalog import CatalogIndex, ForeignKey
from pgtune.model.names import quote_ident
from pgtune.parse.qual import bare_spelling

_FINDS_EQUALS = frozenset({"btree", "hash"})  # access methods


def serves(index: CatalogIndex, key: ForeignKey) -> bool:
    """True when the index finds the rows that refer to a key: it starts with the columns, in any order."""
    start = index.keys[: len(key.columns)]
    return (
        index.valid
        and index.access_method in _FINDS_EQUALS
        and {part.text for part in start} == set(key.columns)
        and not any(part.is_expression or part.collation for part in start)
        and _holds_all(index, key)
    )


def _holds_all(index: CatalogIndex, key: ForeignKey) -> bool:
    """True when no row that refers to a key is missing: the check asks for equality, never for NULL."""
    if index.predicate is None:
        return True
    not_null = {bare_spelling(f"{quote_ident(column)} IS NOT NULL") for column in key.columns}
    return bare_spelling(index.predicate) in not_null
