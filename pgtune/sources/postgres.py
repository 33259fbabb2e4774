"""The one door to a user's server: a connection string in, EXPLAIN output and catalog out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pgtune.model.catalog import Catalog
from pgtune.model.equivalence import QueryPair
from pgtune.model.names import RelationName
from pgtune.model.pool_settings import PoolSettings
from pgtune.model.rewrite import DataCheck
from pgtune.model.snapshot import Snapshot
from pgtune.sources.catalog import read_catalog
from pgtune.sources.connect import OnNotice, prepare_conninfo
from pgtune.sources.explain import Explanation
from pgtune.sources.explain_options import ExplainOptions, ExplainOutput
from pgtune.sources.pool import ServerPool, borrow, open_pool
from pgtune.sources.snapshot import take_snapshot
from pgtune.sources.transaction import Timeouts


class Server:
    """A PostgreSQL server that may be asked but not changed; made by open_server()."""

    def __init__(self, pool: ServerPool, version_num: int, on_notice: OnNotice) -> None:
        self._pool = pool
        self._on_notice = on_notice
        self.version_num = version_num  # 180006 = 18.6

    def explain(
        self, statement: str, values: Sequence[str | None] = (), options: ExplainOptions | None = None
    ) -> ExplainOutput:
        """Explain one SQL statement, with *values* as text for its ``$1``, ``$2``, ...; None is NULL.

        Raises:
            StatementError: no valid SQL, several statements, or a value missing or wrong.
            StatementRefused: no privilege, unknown relation, or a write that only showed when it ran.
            StatementCancelled: statement or lock timeout, or cancelled.
            ConnectError: the server is gone before the statement was sent.
            ConnectionLost: the server went away under the statement.
        """
        with borrow(self._pool, self._on_notice) as connection:
            return Explanation(connection, statement, values, options or ExplainOptions()).run()

    def catalog(self, relations: Collection[RelationName]) -> Catalog:
        """Read what the catalog says about *relations*; those that do not exist are left out.

        Raises:
            StatementCancelled: a lock was not to be had, or the catalog took too long.
            ConnectError: the server is gone before the statement was sent.
            ConnectionLost: the server went away under the statement.
        """
        with borrow(self._pool, self._on_notice) as connection:
            return read_catalog(connection, relations)

    def snapshot(self, programs: Path) -> Snapshot:
        """Take schema, statistics, settings and workload of the database; *programs* holds pg_dump.

        Raises:
            UsageError: *programs* has no pg_dump.
            StatementRefused: no privilege, a shared session, an unknown version or block size.
            StatementCancelled: a lock was not to be had, or the catalog took too long.
            ConnectError: the server is gone before the statement was sent, or pg_dump cannot reach it.
            ConnectionLost: the server went away.
        """
        with borrow(self._pool, self._on_notice) as connection:
            return take_snapshot(connection, programs)

    def compare(self, pair: QueryPair, values: Sequence[str | None] | None, timeouts: Timeouts) -> DataCheck:
        """Run both queries in one REPEATABLE READ READ ONLY snapshot and compare what they return.

        Raises:
            ConnectError: the server is gone before the queries were sent.
            ConnectionLost: the server went away under them.
        """
        from pgtune.sources.same_result import compare_on_data

        with borrow(self._pool, self._on_notice) as connection:
            return compare_on_data(connection, pair, values, timeouts)


@contextmanager
def open_server(
    dsn: str | None = None,
    settings: PoolSettings | None = None,
    on_notice: OnNotice = lambda _notice: None,
) -> Iterator[Server]:
    """Yield the server that *dsn*, or else libpq's environment, leads to; close all connections afterwards.

    *on_notice* is told, in one line each, why it takes longer than expected.

    Raises:
        UsageError: *dsn* is no connection string.
        ConnectError: unreachable, refused, wrong password, unknown database.
    """
    settings = settings or PoolSettings()
    with open_pool(prepare_conninfo(dsn, settings), settings, on_notice) as pool:
        with borrow(pool, on_notice) as connection:
            version_num = connection.info.server_version
        yield Server(pool, version_num, on_notice)
