"""A directory of its own for each run, below the cache; what killed runs left is removed by the next one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pgtune.embedded.account import ServerAccount
from pgtune.embedded.cluster import Cluster
from pgtune.embedded.home import locked, make_home
from pgtune.embedded.loading import OnProgress
from pgtune.embedded.usage import claim, is_held
from pgtune.shadow.programs import Programs
from pgtune.shadow.template import copy_template, unfinished_template

_DATA = "data"


@contextmanager
def claimed_cluster(
    home: Path, programs: Programs, account: ServerAccount | None, on_progress: OnProgress
) -> Iterator[Cluster]:
    """Yield a new, stopped cluster below *home*; end its server and delete its files afterwards.

    Raises:
        EmbeddedError: it cannot be made.
    """
    with locked(home, on_progress):
        _sweep(home, programs, account)
        our_claim = claim(_claims(home))
    directory = home / f"run-{our_claim.name}"
    cluster = Cluster(directory / _DATA, programs.directory, account)
    try:
        with locked(home, on_progress):
            make_home(directory, account)
            copy_template(home, programs, account, on_progress, cluster.data)
        yield cluster
    finally:
        _remove(cluster)
        our_claim.release()


def _claims(home: Path) -> Path:
    return home / "users"


def _sweep(home: Path, programs: Programs, account: ServerAccount | None) -> None:
    """Stop the servers and delete the files of runs whose process is gone; the caller holds the lock."""
    unfinished_template(home, programs, account).remove()
    for directory in home.glob("run-*"):
        if not is_held(_claims(home), directory.name.removeprefix("run-")):
            _remove(Cluster(directory / _DATA, programs.directory, account))


def _remove(cluster: Cluster) -> None:
    if cluster.data.parent.exists():
        cluster.remove()
        shutil.rmtree(cluster.data.parent)
