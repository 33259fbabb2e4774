"""One session of the role that plans: scripts in, answers out; whatever a script changes is rolled back."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import psycopg
from psycopg import generators, pq

from pgtune.errors import ConnectionLost, StatementRefused
from pgtune.model.workload import Query
from pgtune.shadow.database import ShadowDatabase
from pgtune.shadow.what_if.explain_script import explain_script
from pgtune.sources.connect import ServerConnection, connect
from pgtune.sources.protocol import describe

# Chosen: TPC-DS plans in 3 ms; what takes thousands of times as long has more joins than can be asked often.
PLANNING_TIMEOUT_MS = 10_000
# Pages of a new index go to its file, not through the buffers (see btree_file).
_SETTINGS = f"""
SET statement_timeout = {PLANNING_TIMEOUT_MS};
SET client_min_messages = error;
SET wal_skip_threshold = 0;
"""
_QUERY_CANCELED = "57014"
_LOCKED = (
    "SELECT pg_catalog.array_agg(relation) FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid()"
)
_COSTS = "FORMAT JSON"


def connect_planner(database: ShadowDatabase) -> ServerConnection:
    """Return a session of the role that plans, with a timeout on every statement.

    Raises:
        ConnectError: the shadow's server ended.
    """
    connection = connect(database.planner_conninfo, lambda _: None)
    connection.execute(_SETTINGS.encode())
    return connection


class Session:
    """Asks one database, one question at a time; only `cancel` may be called meanwhile."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._parameters: dict[int, int] = {}  # by Query.number
        self._scripts: dict[int, bytes] = {}

    def check(self, query: Query) -> None:
        """Parse *query*, which has to come before it is explained.

        Raises:
            StatementRefused: it is not one statement that can be planned; the message is the server's.
            ConnectionLost: the server ended.
        """
        try:
            found = describe(self._connection, query.text).parameters
        except psycopg.Error as error:
            raise self._refusal(error) from None
        given = None if query.values is None else len(query.values)
        if given not in (None, found):
            raise StatementRefused(f"it has {found} parameters, and {given} values are known")
        self._parameters[query.number] = found

    def explain(self, query: Query, prelude: Sequence[bytes] = (), options: str = _COSTS) -> bytes:
        """Return the JSON of ``EXPLAIN (options)`` after the statements of *prelude*, all in one round trip.

        Raises:
            StatementRefused: the server cannot plan it, or takes longer than PLANNING_TIMEOUT_MS.
            ConnectionLost: the server ended.
        """
        return self._run([b"BEGIN", *prelude, self._explain_script(query, options), b"ROLLBACK"])

    def locked_relations(self, query: Query) -> frozenset[int]:
        """Return the OIDs of all that is opened to plan *query*: its tables, and all of their indexes.

        Raises:
            StatementRefused: as `explain`.
            ConnectionLost: as `explain`.
        """
        array = self._run([b"BEGIN", self._explain_script(query, _COSTS), _LOCKED.encode(), b"ROLLBACK"])
        return frozenset(int(oid) for oid in array.strip(b"{}").split(b",") if oid.isdigit())

    def cancel(self) -> None:
        """Have the server give up the running question; may be called from another thread."""
        with suppress(psycopg.Error):  # the server is gone, and so is the question
            self._connection.cancel_safe()

    def _explain_script(self, query: Query, options: str) -> bytes:
        if options != _COSTS:
            return explain_script(self._connection, query, self._parameters[query.number], options)
        script = self._scripts.get(query.number)
        if script is None:
            script = explain_script(self._connection, query, self._parameters[query.number], options)
            self._scripts[query.number] = script
        return script

    def _run(self, statements: Sequence[bytes]) -> bytes:
        """Return the first column of the last answer that has rows."""
        pgconn = self._connection.pgconn
        try:
            pgconn.send_query(b";".join(statements))
            results = self._connection.wait(generators.execute(pgconn))
        except psycopg.OperationalError as error:
            raise self._refusal(error) from None
        if results[-1].status == pq.ExecStatus.FATAL_ERROR:
            raise self._refusal(psycopg.errors.error_from_result(results[-1], encoding="utf-8"))
        rows = [result for result in results if result.status == pq.ExecStatus.TUPLES_OK]
        return rows[-1].get_value(0, 0) or b""

    def _refusal(self, error: psycopg.Error) -> StatementRefused | ConnectionLost:
        message = " ".join((error.diag.message_primary or str(error)).split())
        if self._connection.pgconn.status != pq.ConnStatus.OK:
            return ConnectionLost(f"shadow: its server ended: {message}; try again")
        self._connection.pgconn.exec_(b"ROLLBACK")
        self._connection.pgconn.exec_(b"DEALLOCATE ALL")
        if error.sqlstate == _QUERY_CANCELED:
            message = f"planning it takes longer than {PLANNING_TIMEOUT_MS / 1000:g} s"
        return StatementRefused(message)
