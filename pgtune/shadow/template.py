"""A cluster with one empty database, kept for each build of PostgreSQL: copying it takes less than initdb."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from pgtune.embedded.account import ServerAccount
from pgtune.embedded.cluster import BUILTIN_LOCALE, THROW_AWAY_SETTINGS, Cluster
from pgtune.embedded.loading import OnProgress
from pgtune.shadow.programs import Programs

EMPTY_DATABASE = "template0"  # the one that CREATE DATABASE may give another locale
RECIPE = 2  # raised whenever what is done to a new cluster changes: templates outlive pgtune's versions
FIRST_WITH_BUILTIN_LOCALE = 17
FIRST_WITH_CHECKSUMS_BY_DEFAULT = 18


def copy_template(
    home: Path, programs: Programs, account: ServerAccount | None, on_progress: OnProgress, data: Path
) -> None:
    """Make a cluster in *data*; the caller holds the lock of *home*.

    Measured: initdb 0.4 to 0.9 s, a copy 0.05 s.

    Raises:
        EmbeddedError: initdb failed.
    """
    build = f"{os.fspath(programs.directory)}\n{programs.version}\n{RECIPE}"
    digest = hashlib.sha256(build.encode()).hexdigest()[:10]
    template = Cluster(home / f"template-{programs.major}-{digest}", programs.directory, account)
    if not template.exists():
        on_progress("creating an empty PostgreSQL", 0.0)
        for outdated in home.glob(f"template-{programs.major}-*"):
            if outdated.is_dir():
                Cluster(outdated, programs.directory, account).remove()
        unfinished = unfinished_template(home, programs, account)
        unfinished.create(_initdb_options(programs.major))
        _drop_other_databases(unfinished)
        unfinished.rename(template.data)
    template.copy(data)


def unfinished_template(home: Path, programs: Programs, account: ServerAccount | None) -> Cluster:
    """Where a template is made; what is there while nobody holds the lock is of a run that was killed."""
    return Cluster(home / "unfinished", programs.directory, account)


def _drop_other_databases(cluster: Cluster) -> None:
    """Each of initdb's three databases has 300 files to copy."""
    import psycopg

    cluster.start(THROW_AWAY_SETTINGS)
    try:
        with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
            connection.execute("ALTER DATABASE template1 IS_TEMPLATE false")
            connection.execute("DROP DATABASE template1")
            connection.execute(f"ALTER DATABASE {EMPTY_DATABASE} ALLOW_CONNECTIONS true")
        with psycopg.connect(cluster.conninfo(EMPTY_DATABASE), autocommit=True) as connection:
            connection.execute("DROP DATABASE postgres")
    finally:
        cluster.stop()


def _initdb_options(major: int) -> tuple[str, ...]:
    options = BUILTIN_LOCALE if major >= FIRST_WITH_BUILTIN_LOCALE else ("--locale=C",)
    # Hollow files are written by hand, and would need the checksum of each page.
    return (*options, "--no-data-checksums") if major >= FIRST_WITH_CHECKSUMS_BY_DEFAULT else options
