"""A table in, what its catalog entry says about a batch of writes to it out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from pgtune.model.catalog import CatalogIndex, Relation, Trigger

_SEQUENCE = "nextval("


def write_conditions(
    relation: Relation, events: Collection[str], columns: Collection[str], *, is_insert: bool
) -> Iterator[str]:
    """Yield the facts that hold for a batch; *events* are those of triggers, *columns* what is written."""
    fired = [trigger for trigger in relation.triggers if set(trigger.events) & set(events)]
    yield from (_trigger(trigger) for trigger in fired)
    if not fired:
        yield f"{relation.name} has no trigger for {' or '.join(sorted(events))}"
    yield from _foreign_keys(relation, columns, events)
    if is_insert:
        yield from _defaults(relation, columns)


def unique_key(relation: Relation, columns: Collection[str]) -> CatalogIndex | None:
    """Return a unique index of no more than *columns*, none of which may be NULL."""
    for index in relation.indexes:
        if is_arbiter(index) and set(index.key) <= set(columns):
            found = [relation.column(name) for name in index.key]
            if all(column is not None and column.not_null for column in found):
                return index
    return None


def is_arbiter(index: CatalogIndex) -> bool:
    """True for an index that keeps plain columns of all rows unique at once."""
    plain = index.predicate is None and not any(key.is_expression for key in index.keys)
    return index.unique and index.immediate and index.valid and plain


def keeps_unique(index: CatalogIndex, columns: Collection[str]) -> bool:
    """True where writing *columns* may break the uniqueness that *index* keeps."""
    if not index.unique:
        return False
    written = (
        re.search(rf"\b{re.escape(name)}\b", " ".join((*index.key, index.predicate or "")))
        for name in columns
    )
    return any(written)


def describe_key(index: CatalogIndex) -> str:
    """Return ``logs_pkey (id)``."""
    return f"{index.name.name} ({', '.join(index.key)})"


def _trigger(trigger: Trigger) -> str:
    if trigger.is_row:
        return f"trigger {trigger.name} fires once for each row, as before"
    return f"trigger {trigger.name} fires once for the batch, not once for each turn"


def _foreign_keys(relation: Relation, columns: Collection[str], events: Collection[str]) -> Iterator[str]:
    if "DELETE" not in events:
        for key in relation.foreign_keys:
            if not set(key.columns) & set(columns):
                continue
            own = " (rows may refer to rows of the same batch)" if key.referenced == relation.name else ""
            yield f"foreign key {key.name} to {key.referenced} is checked when the statement ends{own}"
    else:
        for key in relation.referenced_by:
            yield f"foreign key {key.name} of {key.relation} is checked when the statement ends"


def _defaults(relation: Relation, columns: Collection[str]) -> Iterator[str]:
    for column in relation.columns:
        if column.name in columns:
            continue
        if column.generated:
            yield f"{column.name} is generated for each row, as before"
        elif column.identity or (column.default is not None and _SEQUENCE in column.default):
            yield f"{column.name} takes a number of its sequence for each row, as before"
        elif column.default is not None:
            yield f"{column.name} takes its default {column.default}"
