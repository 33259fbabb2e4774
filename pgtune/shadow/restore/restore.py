"""A snapshot and a running, empty cluster in; databases that plan on the snapshot out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import make_conninfo

from pgtune.embedded.cluster import Cluster
from pgtune.embedded.loading import OnProgress
from pgtune.errors import EmbeddedError
from pgtune.model.snapshot import Snapshot
from pgtune.shadow.database import LeftOut, Shadow, ShadowDatabase
from pgtune.shadow.restore.create_database import copy_database, create_database
from pgtune.shadow.restore.extended_statistics import write_extended_statistics
from pgtune.shadow.restore.planner_role import apply_settings, create_planner_role, planner_conninfo
from pgtune.shadow.restore.relation_sizes import HollowFile, plan_files, set_counts
from pgtune.shadow.restore.schema import create_extensions, create_objects, mark_populated
from pgtune.shadow.restore.statistics import write_statistics
from pgtune.shadow.template import EMPTY_DATABASE

_Connection = psycopg.Connection[tuple[object, ...]]
_ORIGINAL = "original"
# A database can have a search_path of its own, set by its owner, with functions of the snapshot in it.
_SUPERUSER_OPTIONS = (
    "-c search_path=pg_catalog -c row_security=off -c DateStyle=ISO,YMD -c IntervalStyle=postgres"
)


def restore_databases(cluster: Cluster, snapshot: Snapshot, workers: int, on_progress: OnProgress) -> Shadow:
    """Restore *snapshot* once, copy the database for each of *workers* and size the copies' files.

    Raises:
        EmbeddedError: the server refused what it was made for.
    """
    names = [f"shadow_{number}" for number in range(workers)]
    try:
        with _connected(cluster, EMPTY_DATABASE) as connection:
            create_planner_role(connection)
            left_out = [
                *apply_settings(connection, snapshot.settings),
                *create_database(connection, _ORIGINAL, snapshot.locale),
            ]
            left_out += _restore_original(cluster, snapshot, on_progress)
            with _connected(cluster, _ORIGINAL) as original:
                files = plan_files(original, _database(cluster, _ORIGINAL), snapshot.relations)
            copy_database(connection, _ORIGINAL, names)
            _write_files(connection, cluster, names, files)
            version_num = connection.info.server_version
    except psycopg.Error as error:
        reason = error.diag.message_primary or str(error).partition("\n")[0]
        raise EmbeddedError(f"shadow: the snapshot cannot be restored: {reason}") from error
    return Shadow(
        version_num=version_num,
        databases=tuple(_database(cluster, name) for name in names),
        left_out=tuple(dict.fromkeys(left_out)),
        same_major=version_num // 10000 == snapshot.version_num // 10000,
    )


def _restore_original(cluster: Cluster, snapshot: Snapshot, on_progress: OnProgress) -> Iterator[LeftOut]:
    with (
        _connected(cluster, _ORIGINAL) as superuser,
        psycopg.connect(_database(cluster, _ORIGINAL).planner_conninfo, autocommit=True) as planner,
    ):
        yield from create_extensions(superuser, snapshot.extensions)
        yield from create_objects(planner, snapshot.ddl, on_progress)
        mark_populated(superuser)
        on_progress("restoring statistics", 1.0)
        yield from write_statistics(superuser, planner, snapshot.statistics)
        yield from write_extended_statistics(superuser, snapshot.extended_statistics)
        set_counts(superuser, snapshot.relations)


def _write_files(
    connection: _Connection, cluster: Cluster, names: Sequence[str], files: Sequence[HollowFile]
) -> None:
    rows = connection.execute(
        "SELECT oid FROM pg_database WHERE datname = ANY (%s)", [list(names)]
    ).fetchall()
    for (oid,) in rows:
        for file in files:
            file.write(cluster.data, int(str(oid)), cluster.account)


def _database(cluster: Cluster, name: str) -> ShadowDatabase:
    conninfo = make_conninfo(cluster.conninfo(name), options=_SUPERUSER_OPTIONS, client_encoding="utf8")
    return ShadowDatabase(conninfo, planner_conninfo(conninfo), cluster.data, cluster.account)


@contextmanager
def _connected(cluster: Cluster, database: str) -> Iterator[_Connection]:
    with psycopg.connect(_database(cluster, database).conninfo, autocommit=True) as connection:
        yield connection
