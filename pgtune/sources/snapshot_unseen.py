"""What the role may not see, each with the reason and what would help, in one line."""

from __future__ import annotations

from collections.abc import Iterable

from pgtune.model.names import RelationName, quote_ident
from pgtune.model.snapshot import Unseen
from pgtune.sources.connect import ServerConnection
from pgtune.sources.snapshot_queries import fetch_rows

NO_SCHEMA = "schema"
NO_TABLE = "table"


def read_unseen(connection: ServerConnection, role: str) -> tuple[Unseen, ...]:
    """Return tables, indexes and statistics objects that *role* may not see in full.

    Raises:
        psycopg.Error: the server refused.
    """
    rows = fetch_rows(connection, "snapshot_unseen")
    return tuple(_unseen(RelationName(row["schema"], row["name"]), row["cause"], role) for row in rows)


def unreadable_tables(unseen: Iterable[Unseen]) -> tuple[RelationName, ...]:
    """Return the tables among *unseen* that cannot be locked, so that pg_dump must leave them out."""
    return tuple(item.table for item in unseen if item.table is not None)


def _unseen(name: RelationName, cause: str, role: str) -> Unseen:
    schema, grantee = quote_ident(name.schema or ""), quote_ident(role)
    reasons = {
        NO_SCHEMA: f"no USAGE on its schema; GRANT USAGE ON SCHEMA {schema} TO {grantee}",
        NO_TABLE: f"no SELECT on it; GRANT SELECT ON {name} TO {grantee}",
        "row security": "row-level security hides its statistics; connect as its owner or with BYPASSRLS",
        "index expressions": "statistics of its expressions are for the owner; connect as that role",
        "extended statistics": "its data is for the owner; connect as that role",
    }
    table = name if cause in (NO_SCHEMA, NO_TABLE) else None
    return Unseen(str(name), reasons[cause], table)
