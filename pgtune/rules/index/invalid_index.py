"""An index is invalid: no query uses it, and every write still goes to it.

CREATE INDEX CONCURRENTLY and REINDEX CONCURRENTLY leave one behind when they fail or are cancelled: at a
duplicate key, at a deadlock, at a timeout. What REINDEX leaves has a name that ends in _ccnew (the new index)
or _ccold (the old one); the index itself is there besides.

Instead of:
    CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (email);  -- ERROR: could not create ...
Use:
    DROP INDEX CONCURRENTLY users_email_key;  -- or, once the cause is gone, REINDEX INDEX CONCURRENTLY

Ignore when: the index is being built at this moment (pg_stat_progress_create_index).
Source: https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgtune.model.catalog import CatalogIndex
from pgtune.model.existing_indexes import ExistingIndexes
from pgtune.model.finding import Cause, Symptom
from pgtune.model.index_actions import drop_action, rebuild_action
from pgtune.model.names import quote_ident
from pgtune.rules.index_overlap import can_replace, shape

_LEFT_BY_REINDEX = re.compile(r"_cc(new|old)\d*$")  # indexcmds.c, ReindexRelationConcurrently
_MAYBE_BUILDING = "Unless it is being built at this moment (pg_stat_progress_create_index), its build failed."


def check(existing: ExistingIndexes) -> Iterator[Symptom]:
    """Yield each index that is not valid."""
    for index in existing.indexes:
        if index.valid:
            continue
        if index.partitioned:
            yield _partitioned(index)
        elif _LEFT_BY_REINDEX.search(index.name.name):
            yield _superfluous(index, existing, "REINDEX CONCURRENTLY left it behind")
        elif (twin := _twin(index, existing)) is not None:
            yield _superfluous(index, existing, f"{quote_ident(twin.name.name)} is the same and valid")
        else:
            yield _failed(index, existing)


def _twin(index: CatalogIndex, existing: ExistingIndexes) -> CatalogIndex | None:
    """A valid index that does all that this one was to do."""
    for other in existing.catalog.relations[index.relation].indexes:
        if other.valid and shape(other) == shape(index) and can_replace(other, index):
            return other
    return None


def _superfluous(index: CatalogIndex, existing: ExistingIndexes, why: str) -> Symptom:
    return Symptom(
        message=f"{existing.label(index)} is invalid: {why}",
        cause=Cause.INDEX,
        frees_bytes=existing.size_bytes(index),
        object=str(index.name),
        at=f"index {index.name}",
        detail=f"Each write to {index.relation} still goes to it. {_MAYBE_BUILDING}",
        hint="Drop it.",
        action=drop_action(index),
    )


def _failed(index: CatalogIndex, existing: ExistingIndexes) -> Symptom:
    return Symptom(
        message=f"{existing.label(index)} is invalid: no query uses it",
        cause=Cause.INDEX,
        object=str(index.name),
        at=f"index {index.name}",
        detail=f"Each write to {index.relation} still goes to it. {_MAYBE_BUILDING}",
        hint="Build it anew once the cause is gone (duplicate keys, a timeout), or drop it.",
        action=rebuild_action(index),
    )


def _partitioned(index: CatalogIndex) -> Symptom:
    return Symptom(
        message=f"{quote_ident(index.name.name)} is invalid: a partition of {index.relation} lacks its part",
        cause=Cause.INDEX,
        object=str(index.name),
        at=f"index {index.name}",
        detail="The parts that are there are used; a UNIQUE index does not hold for the whole table.",
        hint="Create the index on each partition that lacks it, then ALTER INDEX ... ATTACH PARTITION.",
    )
