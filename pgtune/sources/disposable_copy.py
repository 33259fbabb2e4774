"""The connection string of a database in, that of a copy out, which lasts as long as the body."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pgtune.errors import StatementRefused
from pgtune.sources.connect import ServerConnection
from pgtune.sources.disposable_session import open_session, translated

_MAY_COPY = """
SELECT role.rolsuper OR (
    role.rolcreatedb AND (copied.datistemplate OR pg_catalog.pg_has_role(copied.datdba, 'USAGE'))
)
FROM pg_catalog.pg_roles AS role, pg_catalog.pg_database AS copied
WHERE role.rolname = current_user AND copied.datname = pg_catalog.current_database()
"""
COPY = "pgtune_disposable_copy"
_COPY = sql.Identifier(COPY)
_MAINTENANCE = "postgres"  # CREATE DATABASE copies nothing that a session is connected to, its own included


@contextmanager
def disposable_copy(conninfo: str) -> Iterator[str]:
    """Yield the connection string of a copy on the same server, and drop the copy however the body ends.

    *conninfo* names the database. It takes about a second for 300 MB (measured).

    Raises:
        UsageError: *conninfo* is no connection string.
        ConnectError: unreachable, refused, wrong password.
        StatementRefused: somebody is connected to the database, the role may not create one, or there is a
            copy already.
        ConnectionLost: the server went away.
    """
    maintenance = make_conninfo(conninfo, dbname=_MAINTENANCE)
    with open_session(maintenance) as connection:
        _create(connection, str(conninfo_to_dict(conninfo)["dbname"]))
    try:
        yield make_conninfo(conninfo, dbname=COPY)
    finally:
        with open_session(maintenance) as connection, translated(f"database {COPY}", connection):
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_COPY))


def check_copyable(conninfo: str) -> None:
    """Find out before a long search whether the role may copy the database (dbcommands.c, createdb).

    Raises:
        UsageError: *conninfo* is no connection string.
        ConnectError: unreachable, refused, wrong password, unknown database.
        StatementRefused: a standby, a read-only server, or a role that may not copy it.
    """
    with open_session(conninfo) as connection:
        with translated("privileges", connection):
            row = connection.execute(_MAY_COPY).fetchone()
        if row != (True,):
            info = connection.info
            raise StatementRefused(
                f"copy of database {info.dbname}: role {info.user} may not make one; "
                "name one that owns the database and has CREATEDB"
            )


def _create(connection: ServerConnection, original: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(_COPY, sql.Identifier(original))
    try:
        with translated(f"copy of database {original}", connection):
            connection.execute(statement)
    except StatementRefused as error:
        if isinstance(error.__cause__, psycopg.errors.DuplicateDatabase):
            next_step = f"if a run that was killed left it, run DROP DATABASE {COPY}"
        elif isinstance(error.__cause__, psycopg.errors.ObjectInUse):
            next_step = "close the other sessions and try again"
        else:
            raise
        raise StatementRefused(f"{error}; {next_step}") from error
