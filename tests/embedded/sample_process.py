"""Processes that use the sample as pgtune does, and what can be seen of its server."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from pgtune.embedded.account import server_account
from pgtune.embedded.binaries import programs_for
from pgtune.embedded.cluster import Cluster
from pgtune.embedded.postmaster import Postmaster, wait_until

# Prints the connection string, keeps the sample until a line comes in, then leaves.
USE_SAMPLE = """
import sys
from pathlib import Path
from pgtune.embedded.sample import running_sample

def say(doing, done):
    print(doing, file=sys.stderr, flush=True)

with running_sample(say, Path(sys.argv[1])) as conninfo:
    print(conninfo, flush=True)
    sys.stdin.readline()
"""


@dataclass(frozen=True)
class User:
    """A process that uses the sample."""

    process: subprocess.Popen[str]

    def conninfo(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        assert line, "the process ended before it had the sample"
        return line

    def leave(self) -> None:
        self.process.communicate("\n")
        assert self.process.returncode == 0


def cluster_in(cache: Path, name: str = "sample") -> Cluster:
    """The cluster of the sample below *cache*."""
    account = server_account()
    (cache / "postgresql-18").mkdir(exist_ok=True)
    return Cluster(cache / "postgresql-18" / name, programs_for(account, cache), account)


@contextmanager
def open_cache() -> Iterator[Path]:
    """An empty cache directory that every account may pass; what runs in it is stopped at the end."""
    directory = Path(tempfile.mkdtemp(prefix="pgtune-embedded-test-"))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PGTUNE_CACHE_DIR", str(directory))
            for name in ("sample", "unfinished"):
                cluster_in(directory, name).remove()
        shutil.rmtree(directory)


def quietly(_doing: str, _done: float) -> None:
    """Report no progress."""


def count_rows(conninfo: str) -> int:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT count(*) FROM t").fetchone()
    assert row is not None
    return int(row[0])


def postmaster_in(cache: Path) -> Postmaster:
    postmaster = cluster_in(cache).postmaster()
    assert postmaster is not None
    return postmaster


def is_gone(cache: Path) -> bool:
    """True when no process of the server is left within five seconds."""
    return wait_until(lambda: not cluster_in(cache).is_alive(), 5)
