"""A data directory -> its postmaster: is one alive, is it ready, where does it listen."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

POLL_S = 0.01


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What ``postmaster.pid`` says (src/include/utils/pidfile.h)."""

    pid: int
    started: int  # seconds since 1970
    port: int
    socket_directory: str  # empty when it listens on TCP only
    listen_address: str  # empty when it listens on a Unix socket only
    status: str  # starting, ready, standby, stopping

    @property
    def host(self) -> str:
        """The ``host`` of a connection string."""
        return self.socket_directory or self.listen_address

    def accepts(self) -> bool:
        """True when something listens at the address: false for the pid file of a server that was killed."""
        try:
            if self.socket_directory:
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(f"{self.socket_directory}/.s.PGSQL.{self.port}")
            else:
                socket.create_connection((self.listen_address, self.port), timeout=1).close()
        except OSError:
            return False
        return True


def read_postmaster(data: Path) -> Postmaster | None:
    """The running or dead postmaster of *data*, or None when there is no complete ``postmaster.pid``."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if len(lines) < 8:  # the status, line 8 since PostgreSQL 10, is written last
        return None
    return Postmaster(
        pid=int(lines[0]),
        started=int(lines[2]),
        port=int(lines[3]),
        socket_directory=lines[4].strip(),
        listen_address=lines[5].strip(),
        status=lines[7].strip(),
    )


class LifeLine:
    """A locked file that the postmaster and all its backends inherit.

    The kernel drops the lock when the last of them is gone, also after SIGKILL or a power cut. Unlike the
    pid in ``postmaster.pid`` it cannot be mistaken for a process that got the same number later.
    Where there is no flock (Windows) it says "free", and PostgreSQL's own check of its pid file decides.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def is_held(self) -> bool:
        """True while a process of the server lives."""
        descriptor = self.take()
        if descriptor is None:
            return True
        os.close(descriptor)
        return False

    def take(self) -> int | None:
        """A locked file descriptor to hand to the postmaster, or None when a server holds it."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return None
        return descriptor


def wait_until(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Poll *condition* every 10 ms; True when it became true in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True
