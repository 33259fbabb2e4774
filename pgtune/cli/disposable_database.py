"""Where --verify and --measure may write: a copy of the sample, and what to call such a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pgtune.cli.target import OnProgress, format_version
from pgtune.embedded.sample import running_sample
from pgtune.sources.disposable_copy import disposable_copy
from pgtune.sources.disposable_session import open_session

COPY_OF_SAMPLE = "embedded, a copy of the sample"


@contextmanager
def sample_copy(on_progress: OnProgress) -> Iterator[str]:
    """Yield the connection string of a copy of the sample, which is dropped afterwards.

    Raises:
        ServerError: the sample cannot be made, started or copied.
    """
    with running_sample(on_progress) as sample, disposable_copy(sample) as copy:
        yield copy


def place_of(conninfo: str, what: str) -> str:
    """Return what to call the database: "PostgreSQL 18.6 (embedded, a copy of the sample)"."""
    with open_session(conninfo) as connection:
        return f"PostgreSQL {format_version(connection.info.server_version)} ({what})"
