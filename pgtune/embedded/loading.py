"""Numbered SQL files -> a loaded database; files of the same number are loaded at the same time."""

from __future__ import annotations

import hashlib
import itertools
import re
import subprocess
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from pgtune.embedded.cluster import Cluster, program_environment
from pgtune.errors import EmbeddedError

# What is being done, and the fraction of the whole that is done (0 to 1).
OnProgress = Callable[[str, float], None]
LIBPQ_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "dbname": "PGDATABASE",
    "password": "PGPASSWORD",
}


# Statements that take long, as they begin in the file and in the command tag that psql prints after each.
SLOW_STATEMENT = re.compile(r"(INSERT|UPDATE|ALTER|VACUUM|CREATE (UNIQUE )?INDEX)\b")


def schema_files(directory: Path) -> tuple[Path, ...]:
    """The SQL files of the sample, in loading order.

    Raises:
        EmbeddedError: there are none.
    """
    files = tuple(sorted(directory.glob("[0-9]*.sql")))
    if not files:
        raise EmbeddedError(f'sample schema "{directory}": no SQL files; reinstall pgtune')
    return files


def schema_hash(files: Iterable[Path]) -> str:
    """A digest that changes with any file's name or text."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def load_schema(cluster: Cluster, database: str, files: Sequence[Path], on_progress: OnProgress) -> None:
    """Run *files* in *database* with psql, the stages (leading numbers) one after the other.

    Raises:
        EmbeddedError: a statement failed; the message is psql's, with file and line.
    """
    loader = _Loader(cluster, database, on_progress, sum(map(_count_statements, files)))
    for _, stage in itertools.groupby(files, key=lambda file: file.name.partition("_")[0]):
        together = tuple(stage)
        with ThreadPoolExecutor(len(together)) as threads:
            try:
                for outcome in [threads.submit(loader.load, file) for file in together]:
                    outcome.result()
            except BaseException:  # also an interrupt
                cluster.stop()  # else leaving the block would wait for the other files
                raise


@dataclass(slots=True)
class _Loader:
    cluster: Cluster
    database: str
    on_progress: OnProgress
    statements: int
    done: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self, file: Path) -> None:
        connection = self.cluster.connection(self.database)
        variables = {LIBPQ_VARIABLES[name]: value for name, value in connection.items()}
        with subprocess.Popen(  # noqa: S603 arguments are ours
            [self.cluster.programs / "psql", "-X", "-v", "ON_ERROR_STOP=1", "-f", file],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=program_environment() | variables,
            text=True,
        ) as psql:
            assert psql.stdout is not None
            assert psql.stderr is not None
            for tag in psql.stdout:
                if SLOW_STATEMENT.match(tag):
                    self._count(file)
            complaint = psql.stderr.read().strip()
        if psql.returncode != 0:
            raise EmbeddedError(f"sample schema: {complaint.partition(chr(10))[0] or 'psql was killed'}")

    def _count(self, file: Path) -> None:
        with self.lock:
            self.done += 1
            table = file.stem.partition("_")[2].replace("_", " ")
            self.on_progress(f"loading {table}", self.done / self.statements)


def _count_statements(file: Path) -> int:
    return sum(SLOW_STATEMENT.match(line) is not None for line in file.read_text().splitlines())
