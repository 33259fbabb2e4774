"""One transaction in; the counted statements that rely on their session out, or why they are not known."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg import sql

from pgtune.model.names import quote_ident
from pgtune.model.pools.server_facts import SessionBoundStatement, SessionBoundStatements
from pgtune.model.snapshot import STATEMENTS_VIEW
from pgtune.parse.statement_literals import without_literals
from pgtune.sources.connect import ServerConnection
from pgtune.sources.pools.asked_server import AskedServer
from pgtune.sources.pools.session_features import session_feature
from pgtune.sources.snapshot_queries import Row, fetch_row, fetch_rows

# Why the view could not be read; the rest of the server can.
_REASONS: Mapping[type[psycopg.Error], str] = {
    psycopg.errors.ObjectNotInPrerequisiteState: (
        f"{STATEMENTS_VIEW} is installed but not loaded: add it to shared_preload_libraries"
    ),
    psycopg.errors.InsufficientPrivilege: f"the role may not read {STATEMENTS_VIEW}: GRANT SELECT on it",
    psycopg.errors.QueryCanceled: f"{STATEMENTS_VIEW} was not read within the timeout",
    psycopg.DataError: f"{STATEMENTS_VIEW} holds text that is not in the encoding of this database",
}


def read_session_statements(connection: ServerConnection, asked: AskedServer) -> SessionBoundStatements | str:
    """Return the statements of pg_stat_statements, of all databases; literals are masked.

    Raises:
        psycopg.Error: the server refused.
    """
    where = fetch_row(connection, "snapshot_statement_columns")
    if where is None:
        return f"needs {STATEMENTS_VIEW} in the database {quote_ident(asked.database)}"
    if not asked.sees_all_sessions:  # the view hides others' texts from whom sessions hide theirs
        return asked.needs_monitor
    schema = sql.Identifier(where["schema"])
    try:
        with connection.transaction():  # a savepoint
            rows = fetch_rows(connection, "pools/session_statements", schema=schema)
    except tuple(_REASONS) as error:
        return next(reason for kind, reason in _REASONS.items() if isinstance(error, kind))
    found = (_statement(row) for row in rows)
    return SessionBoundStatements(tuple(statement for statement in found if statement is not None))


def _statement(row: Row) -> SessionBoundStatement | None:
    feature = None if row["text"] is None else session_feature(row["text"])
    if feature is None:
        return None
    return SessionBoundStatement(
        feature, without_literals(row["text"]), row["query_id"], row["calls"], row["role"]
    )
