"""SIGINT, SIGTERM and SIGHUP turned into an exception that cancels the running query on its way up."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# Chosen: psycopg waits 5 s for a cancelled query, and closing the pool is quick. A later signal kills.
CLEAN_UP_S = 10.0


# A closed terminal sends SIGHUP, which Windows does not have.
_ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interrupted(SystemExit):
    """The user or the system asked pgtune to stop; ends the process with 128 + *signum* when not caught.

    A SystemExit because psycopg (3.3) cancels the query in flight on it, and because command-line frameworks
    let it pass, where they would turn a KeyboardInterrupt into exit code 1.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(128 + signum)
        self.signum = signum


@contextmanager
def cancel_on_signal() -> Iterator[None]:
    """Raise Interrupted in the body at the first of these signals, and ignore repeats while it cleans up.

    Outside the main thread, where Python cannot handle signals, the body runs as it is.

    Raises:
        Interrupted: a signal arrived.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = _Handler()
    # One that is ignored from the start stays so: shells do that for background jobs, nohup for SIGHUP.
    heeded = [s for s in _ENDING if signal.getsignal(s) is not signal.SIG_IGN]
    before = {signum: signal.signal(signum, handler) for signum in heeded}
    try:
        yield
    finally:
        for signum, old in before.items():
            signal.signal(signum, signal.SIG_DFL if old is None else old)


class _Handler:
    def __init__(self) -> None:
        self._first_s: float | None = None

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        del frame
        now_s = time.monotonic()
        if self._first_s is None:
            self._first_s = now_s
            raise Interrupted(signum)
        if now_s - self._first_s > CLEAN_UP_S:
            signal.signal(signum, signal.SIG_DFL)
            signal.raise_signal(signum)
