"""A directory of servers below the cache, and the lock under which they are made, started and stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pgtune.embedded.account import ServerAccount
from pgtune.embedded.directories import cache_errors
from pgtune.embedded.loading import OnProgress


def make_home(directory: Path, account: ServerAccount | None) -> None:
    """Make *directory* if it is missing; the server's account may pass it."""
    if not directory.exists():
        directory.mkdir(exist_ok=True)
        directory.chmod(0o700 if account is None else 0o711)


@contextmanager
def locked(directory: Path, on_progress: OnProgress) -> Iterator[None]:
    """Hold the lock of the home *directory*; *on_progress* is told when another pgtune has it.

    Raises:
        EmbeddedError: the directory cannot be written.
    """
    lock = FileLock(directory / "lock")
    with cache_errors(directory):
        try:
            lock.acquire(blocking=False)
        except Timeout:
            on_progress("waiting for another pgtune", 0.0)
            lock.acquire(poll_interval=0.02)
    try:
        with cache_errors(directory):
            yield
    finally:
        lock.release()
