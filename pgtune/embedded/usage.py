"""Which pgtune processes use a server: one locked file per process, which no crash can leave locked."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout


@dataclass(frozen=True, slots=True)
class Claim:
    """This process's claim on the server, held until `release` or until the process ends in any way."""

    lock: FileLock

    @property
    def name(self) -> str:
        """The name of the locked file, which no other claim has."""
        return Path(self.lock.lock_file).name

    def release(self) -> None:
        """Give the claim up."""
        self.lock.release()
        Path(self.lock.lock_file).unlink(missing_ok=True)


def claim(directory: Path) -> Claim:
    """Enter this process among the users in *directory*; the caller holds the server's lock."""
    directory.mkdir(mode=0o700, exist_ok=True)
    lock = FileLock(directory / f"{os.getpid()}-{uuid.uuid4().hex[:8]}", thread_local=False)
    lock.acquire()
    return Claim(lock)


def is_claimed(directory: Path) -> bool:
    """True when a living process has a claim; the caller holds the server's lock."""
    held = [is_held(directory, file.name) for file in directory.glob("*-*")]
    return any(held)


def is_held(directory: Path, name: str) -> bool:
    """True when the process that made the claim called *name* lives; the caller holds the server's lock."""
    file = directory / name
    probe = FileLock(file)
    try:
        probe.acquire(blocking=False)
    except Timeout:
        return True
    probe.release()  # of a process that was killed
    file.unlink(missing_ok=True)
    return False
