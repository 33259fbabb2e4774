"""A schema and a running, empty cluster in, a trial on a database that has the schema's tables out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import psycopg
from psycopg.conninfo import make_conninfo

from pgtune.embedded.cluster import Cluster
from pgtune.embedded.loading import OnProgress
from pgtune.errors import EmbeddedError
from pgtune.model.snapshot import DatabaseLocale, Snapshot
from pgtune.shadow.database import LeftOut
from pgtune.shadow.restore.create_database import create_database
from pgtune.shadow.restore.definition import object_of
from pgtune.shadow.restore.planner_role import apply_settings, create_planner_role, planner_conninfo
from pgtune.shadow.restore.schema import create_extensions, create_objects
from pgtune.shadow.template import EMPTY_DATABASE
from pgtune.shadow.trial.exchange import Exchange, Request
from pgtune.shadow.trial.schema_script import SchemaScript, run_script
from pgtune.shadow.trial.trial import Trial
from pgtune.sources.connect import ServerConnection, connect

STATEMENT_TIMEOUT_MS = 2_000  # of one side on a database of a few rows; chosen
_DATABASE = "trial"
_SUPERUSER_OPTIONS = "-c search_path=pg_catalog -c DateStyle=ISO,YMD -c IntervalStyle=postgres"
_SESSION = {
    "statement_timeout": str(STATEMENT_TIMEOUT_MS),
    "client_min_messages": "error",
    "max_parallel_workers_per_gather": "0",
    "standard_conforming_strings": "on",
}
_SET = "SELECT pg_catalog.set_config($1, $2, false)"
_MATERIALIZED = re.compile(r"(CREATE|ALTER) MATERIALIZED VIEW ")
_WITH_DATA = re.compile(r"\s+WITH (?:NO )?DATA\s*$", re.IGNORECASE)
_TRIGGER = re.compile(
    r"CREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER |ALTER TABLE .* (?:ENABLE|DISABLE) .*TRIGGER "
)


@contextmanager
def restored_trial(
    cluster: Cluster, schema: Snapshot | SchemaScript, on_progress: OnProgress
) -> Iterator[Trial]:
    """Create the database, fill it as the role without privileges, and yield a trial on it.

    Raises:
        StatementError: a script that is no SQL, or that the server refuses.
        EmbeddedError: the server refused what it was made for.
    """
    with ExitStack() as sessions:
        try:
            left_out = list(_create_database(cluster, schema))
            superuser = _superuser_conninfo(cluster, _DATABASE)
            observer = sessions.enter_context(connect(superuser, _silent))
            planner = planner_conninfo(superuser)
            exchange = Exchange(sessions.enter_context(connect(planner, _silent)))
            left_out += _fill(exchange, observer, planner, schema, on_progress)
            exchange.run([Request(_SET, setting) for setting in _SESSION.items()])
        except psycopg.Error as error:
            reason = error.diag.message_primary or str(error).partition("\n")[0]
            raise EmbeddedError(f"scratch server: the schema cannot be restored: {reason}") from error
        yield Trial(exchange, observer, planner, tuple(dict.fromkeys(left_out)))


def _create_database(cluster: Cluster, schema: Snapshot | SchemaScript) -> Iterator[LeftOut]:
    with psycopg.connect(_superuser_conninfo(cluster, EMPTY_DATABASE), autocommit=True) as connection:
        create_planner_role(connection)
        if isinstance(schema, Snapshot):
            yield from apply_settings(connection, schema.settings)
        locale = schema.locale if isinstance(schema, Snapshot) else DatabaseLocale()
        yield from create_database(connection, _DATABASE, locale)


def _fill(
    exchange: Exchange,
    observer: ServerConnection,
    planner: str,
    schema: Snapshot | SchemaScript,
    on_progress: OnProgress,
) -> Iterator[LeftOut]:
    if isinstance(schema, SchemaScript):
        yield from run_script(exchange, schema)
        return
    yield from create_extensions(observer, schema.extensions)
    with psycopg.connect(planner, autocommit=True) as connection:
        definitions = [_as_table(statement) for statement in schema.ddl]
        yield from create_objects(connection, definitions, on_progress)
        yield from _create_triggers(connection, schema.ddl)


def _create_triggers(
    connection: psycopg.Connection[tuple[object, ...]], statements: Sequence[str]
) -> Iterator[LeftOut]:
    """Create what `create_objects` leaves out: plans do not depend on triggers, rows do."""
    for statement in statements:
        if _TRIGGER.match(statement):
            try:
                connection.execute(statement.encode())
            except psycopg.Error as error:
                yield LeftOut(object_of(statement), error.diag.message_primary or str(error))


def _as_table(statement: str) -> str:
    """Make a table of a materialized view: its rows are of some earlier time, so any rows will do."""
    if not _MATERIALIZED.match(statement):
        return statement
    table = _MATERIALIZED.sub(r"\1 TABLE ", statement, count=1)
    return f"{_WITH_DATA.sub('', table)} WITH NO DATA" if table.startswith("CREATE") else table


def _superuser_conninfo(cluster: Cluster, database: str) -> str:
    return make_conninfo(cluster.conninfo(database), options=_SUPERUSER_OPTIONS, client_encoding="utf8")


def _silent(_notice: str) -> None:
    """Nobody waits for a server of ours."""
