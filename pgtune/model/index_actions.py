"""An existing index in, the statements that drop it or build it anew out."""

from __future__ import annotations

import re

from pgtune.model.action import Action
from pgtune.model.catalog import CatalogIndex
from pgtune.model.index import DEFAULT_METHOD, shared_lock
from pgtune.model.names import RelationName, quote_ident

# pg_get_indexdef() writes ONLY for the index of a partitioned table, which leaves the partitions out.
_DEFINITION = re.compile(r'CREATE (UNIQUE )?INDEX ((?:"(?:[^"]|"")+"|[^" ])+) ON (?:ONLY )?')


def drop_action(index: CatalogIndex) -> Action:
    """Drop the index, for one that no constraint needs; the undo builds it as it was."""
    if index.partitioned:
        return Action(
            sql=f"DROP INDEX {index.name};",
            undo=_create_sql(index),
            lock=f"ACCESS EXCLUSIVE on {index.relation} and its partitions: reads and writes wait, "
            "for a moment (CONCURRENTLY is not possible on a partitioned table)",
        )
    return Action(
        sql=f"DROP INDEX CONCURRENTLY {index.name};",
        undo=_create_sql(index),
        lock=shared_lock(index.relation),
    )


def drop_constraint_action(index: CatalogIndex, constraint: str) -> Action:
    """Drop the UNIQUE constraint that the index backs, and with it the index."""
    alter = f"ALTER TABLE {index.relation}"
    name = quote_ident(constraint)
    restored = RelationName(None, index.name.name)
    return Action(
        sql=f"{alter} DROP CONSTRAINT {name};",
        undo=f"{_create_sql(index)}\n{alter} ADD CONSTRAINT {name} UNIQUE USING INDEX {restored};",
        lock=f"ACCESS EXCLUSIVE on {index.relation}: reads and writes wait, for a moment",
    )


def rebuild_action(index: CatalogIndex) -> Action:
    """Build the index anew in place of the old one; there is nothing to undo."""
    if _is_exclusion(
        index
    ):  # index.c: "concurrent index creation for exclusion constraints is not supported"
        return Action(
            sql=f"REINDEX INDEX {index.name};",
            lock=f"SHARE on {index.relation}, ACCESS EXCLUSIVE on the index: reads and writes of the table "
            "wait until it is built (CONCURRENTLY is not possible for an exclusion constraint)",
        )
    return Action(sql=f"REINDEX INDEX CONCURRENTLY {index.name};", lock=shared_lock(index.relation))


def _is_exclusion(index: CatalogIndex) -> bool:
    """True also for keys WITHOUT OVERLAPS (18), which are exclusion constraints inside."""
    return index.constraint is not None and (not index.unique or index.access_method != DEFAULT_METHOD)


def _create_sql(index: CatalogIndex) -> str:
    how = "" if index.partitioned else "CONCURRENTLY "
    return (
        _DEFINITION.sub(
            lambda match: f"CREATE {match[1] or ''}INDEX {how}{match[2]} ON ", index.definition, count=1
        )
        + ";"
    )
