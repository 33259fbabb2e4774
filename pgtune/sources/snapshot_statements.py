"""One transaction in; what pg_stat_statements counted for this database, or why it counted nothing, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from pgtune.model.names import quote_ident
from pgtune.model.snapshot import STATEMENTS_VIEW, StatementStatistics, Unseen
from pgtune.parse.statement_literals import without_utility_literals
from pgtune.sources.connect import ServerConnection
from pgtune.sources.snapshot_queries import Row, fetch_row, fetch_rows

# PostgreSQL 13 (version 1.8 of the extension) divided total_time.
_TIME_COLUMNS = ("total_exec_time", "total_plan_time", "total_time")
_NOT_INSTALLED = (
    "pg_stat_statements is not installed in this database; "
    "set shared_preload_libraries = 'pg_stat_statements', restart, "
    "and run CREATE EXTENSION pg_stat_statements"
)
_NOT_LOADED = (
    "pg_stat_statements is installed but not loaded; "
    "add it to shared_preload_libraries and restart the server"
)


@dataclass(frozen=True, slots=True)
class CountedStatements:
    """What the view shows."""

    statements: tuple[StatementStatistics, ...] = ()  # heaviest first
    since: datetime | None = None
    missing: str | None = None  # why there are none
    unseen: tuple[Unseen, ...] = ()


def read_statements(connection: ServerConnection, role: str) -> CountedStatements:
    """Return the statements of the current database with what each cost.

    Raises:
        psycopg.Error: the server refused.
    """
    where = fetch_row(connection, "snapshot_statement_columns")
    if where is None:
        return CountedStatements(missing=_NOT_INSTALLED)
    schema = sql.Identifier(where["schema"])
    times = [sql.SQL("s.") + sql.Identifier(name) for name in _TIME_COLUMNS if name in where["columns"]]
    try:
        with connection.transaction():  # a savepoint
            rows = fetch_rows(
                connection, "snapshot_statements", schema=schema, times=sql.SQL(" + ").join(times)
            )
    except psycopg.errors.ObjectNotInPrerequisiteState:
        return CountedStatements(missing=_NOT_LOADED)
    except psycopg.errors.InsufficientPrivilege:
        grant = f"GRANT SELECT ON {STATEMENTS_VIEW} TO {quote_ident(role)}"
        return CountedStatements(missing=f"the role may not read {STATEMENTS_VIEW}; {grant}")
    return CountedStatements(
        statements=tuple(_statement(row) for row in rows if _is_shown(row)),
        since=_since(connection, schema) if where["has_info"] else None,
        unseen=_hidden([row for row in rows if not _is_shown(row)], role),
    )


def _is_shown(row: Row) -> bool:
    """False for another role's statement, and for one whose text the server has lost."""
    return row["query_id"] is not None and row["text"] is not None


def _statement(row: Row) -> StatementStatistics:
    return StatementStatistics(
        query_id=row["query_id"],
        text=without_utility_literals(row["text"]),
        calls=row["calls"],
        total_ms=row["total_ms"],
        rows=row["rows"],
    )


def _since(connection: ServerConnection, schema: sql.Identifier) -> datetime | None:
    query = sql.SQL("SELECT i.stats_reset FROM {}.pg_stat_statements_info AS i").format(schema)
    row = connection.execute(query).fetchone()
    return None if row is None else row[0]


def _hidden(rows: Sequence[Row], role: str) -> tuple[Unseen, ...]:
    found = []
    for row in rows:
        seconds, calls = row["total_ms"] / 1000, row["calls"]
        if row["query_id"] is None:
            reason = f"other roles' statements are hidden ({calls} calls, {seconds:.1f} s)"
            found.append(Unseen(STATEMENTS_VIEW, f"{reason}; GRANT pg_read_all_stats TO {quote_ident(role)}"))
        else:
            reason = f"the text of statement {row['query_id']} is lost ({calls} calls, {seconds:.1f} s)"
            found.append(
                Unseen(STATEMENTS_VIEW, f"{reason}; raise pg_stat_statements.max or reset the statistics")
            )
    return tuple(found)
