"""Two indexes of a table are the same but for their names.

Queries use one of them; inserts and updates write both, VACUUM cleans both, and both take up memory. Most
come from an index that repeats a primary key or a UNIQUE constraint, which has its own already. Indexes are
the same when table, access method, key (with operator classes, collations and directions), INCLUDE and
predicate are.

Instead of:
    CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE);
    CREATE INDEX users_email_idx ON users (email);  -- UNIQUE has made users_email_key
Use:
    DROP INDEX CONCURRENTLY users_email_idx;

The one that backs a constraint stays, then the one that is used more.

Ignore when: hints of a query (pg_hint_plan) or scripts name the index.
Source: https://wiki.postgresql.org/wiki/Index_Maintenance#Duplicate_Indexes
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.action import Action
from pgtune.model.catalog import CatalogIndex
from pgtune.model.existing_indexes import ExistingIndexes
from pgtune.model.finding import Cause, Symptom
from pgtune.model.index_actions import drop_action, drop_constraint_action
from pgtune.model.index_duty import duties
from pgtune.model.names import quote_ident
from pgtune.rules.index_overlap import Shape, can_replace, keeping_order, shape


def check(existing: ExistingIndexes) -> Iterator[Symptom]:
    """Yield each index that another one of the same shape makes superfluous."""
    groups: dict[Shape, list[CatalogIndex]] = {}
    for index in existing.indexes:
        if index.valid:
            groups.setdefault(shape(index), []).append(index)
    for group in groups.values():
        keeper, *others = sorted(group, key=lambda index: keeping_order(index, existing))
        for index in others:
            if can_replace(keeper, index):
                yield _symptom(index, keeper, existing)


def _symptom(index: CatalogIndex, keeper: CatalogIndex, existing: ExistingIndexes) -> Symptom:
    name = quote_ident(keeper.name.name)
    why = f"; {name} stays: {kept[0].of(keeper)}" if (kept := duties(keeper)) else ""
    return Symptom(
        message=f"{existing.label(index)} is the same as {name}",
        cause=Cause.INDEX,
        frees_bytes=existing.size_bytes(index),
        object=str(index.name),
        at=f"index {index.name}",
        detail=f"Each write to {index.relation} goes to both, and either serves the queries of both.",
        hint=f"Drop it{why}.",
        action=_action(index),
    )


def _action(index: CatalogIndex) -> Action:
    if index.constraint is not None:
        return drop_constraint_action(index, index.constraint)
    return drop_action(index)
