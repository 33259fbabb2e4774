"""A snapshot's extensions and schema in, the same objects without rows in a database of the shadow out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import psycopg
from psycopg import sql

from pgtune.embedded.loading import OnProgress
from pgtune.model.snapshot import Extension
from pgtune.shadow.database import LeftOut
from pgtune.shadow.restore.definition import object_of, prepare
from pgtune.shadow.restore.planner_role import PLANNER_ROLE

_Connection = psycopg.Connection[tuple[object, ...]]
# Chosen: a definition takes milliseconds; one that runs on is a trap.
_STATEMENT_TIMEOUT_MS = 20_000
_SESSION = f"""
SET statement_timeout = {_STATEMENT_TIMEOUT_MS};
SET search_path = '';
SET check_function_bodies = off;
SET xmloption = content;
SET client_min_messages = error
"""
_MARK_POPULATED = """
UPDATE pg_class SET relispopulated = true
WHERE relkind = 'm' AND relowner = (SELECT oid FROM pg_roles WHERE rolname = %s)
"""
_REPORT_EVERY = 100  # statements; chosen


def create_extensions(connection: _Connection, extensions: Sequence[Extension]) -> Iterator[LeftOut]:
    """Create by the superuser's *connection* what the server has of *extensions*; yield the others."""
    for extension in extensions:
        schema = sql.Identifier(extension.schema)
        create = sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {} CASCADE").format(
            sql.Identifier(extension.name), schema
        )
        try:
            if not extension.schema.startswith("pg_"):
                owner = sql.Identifier(PLANNER_ROLE)
                connection.execute(
                    sql.SQL("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}").format(schema, owner)
                )
            connection.execute(create)
        except psycopg.Error as error:
            yield LeftOut(f"extension {extension.name}", _reason(error))


def create_objects(
    connection: _Connection, statements: Sequence[str], on_progress: OnProgress
) -> Iterator[LeftOut]:
    """Run the statements of a schema dump by the planner role's *connection*; yield what it lacks afterwards.

    The role has no privilege outside the database, so that no statement of a hostile snapshot has one.
    """
    connection.execute(_SESSION)
    for done, statement in enumerate(statements):
        if done % _REPORT_EVERY == 0:
            on_progress("restoring the schema", done / len(statements))
        prepared = prepare(statement)
        if isinstance(prepared, LeftOut):
            yield prepared
        elif prepared is not None:
            yield from _create(connection, prepared)


def mark_populated(connection: _Connection) -> None:
    """Let materialized views, which have no rows, be planned; *connection* is a superuser's."""
    connection.execute(_MARK_POPULATED, [PLANNER_ROLE])


def _create(connection: _Connection, statement: str) -> Iterator[LeftOut]:
    try:
        connection.execute(statement.encode())
    except psycopg.errors.DuplicateSchema:
        pass  # public, or made for an extension
    except psycopg.Error as error:
        yield LeftOut(object_of(statement), _reason(error))
    if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        connection.rollback()  # no pg_dump wrote a BEGIN


def _reason(error: psycopg.Error) -> str:
    return error.diag.message_primary or str(error).partition("\n")[0]
