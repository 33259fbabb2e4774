"""Indexes to build in; they exist on a disposable database while the body runs, and no longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from pgtune.errors import PgtuneError, StatementRefused
from pgtune.model.names import RelationName, quote_ident
from pgtune.sources.connect import ServerConnection
from pgtune.sources.construction import Construction
from pgtune.sources.disposable_session import open_session, run, translated

OnBuild = Callable[[RelationName], None]  # told of each index before it is built

_SIZE = """
SELECT pg_catalog.sum(pg_catalog.pg_relation_size(f.relid))
FROM (SELECT %(name)s::pg_catalog.regclass AS relid
      UNION SELECT p.relid FROM pg_catalog.pg_partition_tree(%(name)s::pg_catalog.regclass) AS p) AS f
"""


@contextmanager
def built(conninfo: str, constructions: Sequence[Construction], on_build: OnBuild) -> Iterator[int]:
    """Yield the bytes of all indexes, their partitions' among them; drop them however the body ends.

    Extensions that came with them go too. Tables of indexes on expressions are analyzed, as the statistics of
    an expression are the index's.

    Raises:
        ConnectError: unreachable, refused, wrong password, unknown database.
        StatementRefused: an index could not be built, or not be dropped again.
        StatementCancelled: a lock was not to be had.
        ConnectionLost: the server went away.
    """
    begun: list[RelationName] = []
    with open_session(conninfo) as connection:
        extensions = _extensions(connection)
    try:
        with open_session(conninfo) as connection:
            for construction in constructions:
                on_build(construction.name)
                begun.append(construction.name)
                _build(connection, construction)
            _analyze_expressions(connection, constructions)
            built_bytes = sum(_size_bytes(connection, name) for name in begun)
        yield built_bytes
    finally:
        # Through a session of its own: the other may have been interrupted, or lost.
        _drop(conninfo, begun, extensions)


def _build(connection: ServerConnection, construction: Construction) -> None:
    with translated(f"index {construction.name}", connection):
        for statement in construction.statements:
            run(connection, statement)


def _analyze_expressions(connection: ServerConnection, constructions: Sequence[Construction]) -> None:
    for table in dict.fromkeys(each.table for each in constructions if each.has_expressions):
        with translated(f"table {table}", connection):
            run(connection, f"ANALYZE {table}")


def _size_bytes(connection: ServerConnection, name: RelationName) -> int:
    with translated(f"index {name}", connection):
        row = connection.execute(_SIZE, {"name": str(name)}).fetchone()
    assert row is not None
    return int(row[0])


def _extensions(connection: ServerConnection) -> frozenset[str]:
    with translated("extensions", connection):
        rows = connection.execute("SELECT e.extname FROM pg_catalog.pg_extension AS e").fetchall()
    return frozenset(str(row[0]) for row in rows)


def _drop(conninfo: str, names: Sequence[RelationName], extensions_before: frozenset[str]) -> None:
    left = [f"DROP INDEX IF EXISTS {name};" for name in names]
    try:
        with open_session(conninfo) as connection:
            added = _extensions(connection) - extensions_before
            left += [f"DROP EXTENSION {quote_ident(name)};" for name in sorted(added)]
            while left:
                with translated("disposable database", connection):
                    run(connection, left[0])
                del left[0]
    except PgtuneError as error:
        raise StatementRefused(f"{error}; what was built is still there: run {' '.join(left)}") from error
