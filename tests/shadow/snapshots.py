"""Snapshots for the tests of the shadow: taken of a server, or written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import psycopg

from pgtune.model.names import RelationName
from pgtune.model.snapshot import ColumnStatistics, Snapshot
from pgtune.sources.snapshot import take_snapshot
from tests.postgres_server import embedded_binaries


def snapshot_of(conninfo: str) -> Snapshot:
    """The snapshot of a database, without the heights of its indexes that only a superuser sees."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        taken = take_snapshot(connection, embedded_binaries())
    return replace(taken, relations=tuple(replace(relation, height=None) for relation in taken.relations))


def schema_snapshot(*ddl: str) -> Snapshot:
    """A snapshot of PostgreSQL 18 that consists of a schema alone."""
    return Snapshot(
        pgtune_version="0",
        taken_at=datetime(2026, 1, 1, tzinfo=UTC),
        version_num=180000,
        database="made_up",
        settings={},
        extensions=(),
        ddl=ddl,
        relations=(),
        statistics=(),
    )


def column_statistics(
    relation: RelationName, column: str, *, common: str | None = None, histogram: str | None = None
) -> ColumnStatistics:
    """What ANALYZE could have found in two equally frequent values or in a histogram."""
    return ColumnStatistics(
        relation,
        column,
        inherited=False,
        null_fraction=0.0,
        avg_width=4,
        n_distinct=2.0,
        most_common_values=common,
        most_common_frequencies=None if common is None else (0.5, 0.5),
        histogram_bounds=histogram,
    )


def quietly(_doing: str, _done: float) -> None:
    """Report no progress."""
