"""A Snapshot in, a running throw-away PostgreSQL that plans on it out; nothing of it is left afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pgtune.embedded.account import server_account
from pgtune.embedded.cluster import THROW_AWAY_SETTINGS, Cluster
from pgtune.embedded.directories import cache_directory, cache_errors
from pgtune.embedded.home import make_home
from pgtune.embedded.loading import OnProgress
from pgtune.model.snapshot import Snapshot
from pgtune.shadow.database import Shadow
from pgtune.shadow.programs import choose_programs
from pgtune.shadow.run import claimed_cluster

_HOME = "shadow"
# The planner's own settings are those of the snapshot, and belong to the role that plans.
_SETTINGS: Mapping[str, str] = {
    **THROW_AWAY_SETTINGS,
    "allow_system_table_mods": "on",
    "shared_buffers": "16MB",
    "max_connections": "100",
    "max_wal_size": "1GB",
    # CREATE INDEX then writes its file at once and leaves nothing of it in the buffers.
    "wal_skip_threshold": "0",
}


@contextmanager
def open_shadow(
    snapshot: Snapshot, programs: Path | None, workers: int, on_progress: OnProgress
) -> Iterator[Shadow]:
    """Yield a shadow of *snapshot* with one database for each of *workers*.

    *programs* is the PostgreSQL to use; None: one of the snapshot's major where it is installed, else the
    embedded one.

    Raises:
        InputError: *programs* holds no PostgreSQL that can be used.
        EmbeddedError: the server cannot be made or started.
    """
    account = server_account()
    cache = cache_directory(account)
    home = cache / _HOME
    with cache_errors(home):
        make_home(home, account)
        chosen = choose_programs(snapshot.version_num, programs, account, cache)
    with claimed_cluster(home, chosen, account, on_progress) as cluster:
        cluster.start(_SETTINGS)
        yield _restore(cluster, snapshot, workers, on_progress)


def _restore(cluster: Cluster, snapshot: Snapshot, workers: int, on_progress: OnProgress) -> Shadow:
    from pgtune.shadow.restore.restore import restore_databases  # it imports psycopg

    return restore_databases(cluster, snapshot, workers, on_progress)
