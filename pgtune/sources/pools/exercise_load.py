"""A pool and a number of workers in; how long these waited for connections out."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import psycopg
from psycopg_pool import PoolTimeout

from pgtune.model.pools.exercise import AcquireTimes
from pgtune.sources.connect import ServerConnection
from pgtune.sources.pool import ServerPool
from pgtune.sources.pools.exercise_pool import use

_LOOK_EVERY_S = 0.1  # chosen: the look costs four round trips
_GRACE_S = 0.5  # chosen: for a worker to finish its statement, before that is cancelled


def load(
    pool: ServerPool, workers: int, seconds: float, acquire_timeout_s: float, look: Callable[[], None]
) -> AcquireTimes | None:
    """Let *workers* take, use and give back connections for *seconds*; *look* is called meanwhile.

    None when the time was over before any of them had waited to an end.

    Raises:
        psycopg.Error: a connection broke.
    """
    crowd = _Crowd(pool, seconds, acquire_timeout_s)
    started_s = time.perf_counter()
    try:
        crowd.start(workers)
        while not crowd.stop.wait(_LOOK_EVERY_S) and time.perf_counter() - started_s < seconds:
            look()
    finally:
        crowd.end()
    elapsed_s = time.perf_counter() - started_s
    if crowd.errors:
        raise crowd.errors[0]
    if not crowd.waits_ms:
        return None
    waits_ms = sorted(crowd.waits_ms)
    acquired = len(waits_ms) - crowd.timeouts
    p50_ms, p95_ms, p99_ms = (percentile(waits_ms, share) for share in (0.5, 0.95, 0.99))
    return AcquireTimes(
        workers=workers,
        acquired=acquired,
        timeouts=crowd.timeouts,
        p50_ms=p50_ms,
        p95_ms=p95_ms,
        p99_ms=p99_ms,
        per_s=acquired / elapsed_s,
        starved=workers - crowd.served,
    )


def percentile(rising: Sequence[float], share: float) -> float:
    """The least of *rising* that *share* of them do not exceed (nearest rank)."""
    return rising[max(0, math.ceil(share * len(rising)) - 1)]


class _Crowd:
    """Workers that share a pool, as threads."""

    def __init__(self, pool: ServerPool, seconds: float, acquire_timeout_s: float) -> None:
        self._pool = pool
        self._acquire_timeout_s = acquire_timeout_s
        self._ends_s = time.monotonic() + seconds
        self._threads: list[threading.Thread] = []
        self._busy: set[ServerConnection] = set()
        self._lock = threading.Lock()
        self.stop = threading.Event()
        self.waits_ms: list[float] = []  # those that ended in a timeout as well
        self.timeouts = 0
        self.served = 0  # workers that got a connection that answered
        self.errors: list[psycopg.Error] = []

    def start(self, workers: int) -> None:
        for number in range(workers):
            # A daemon: where a network swallows an answer, the end of the program does not wait for it.
            thread = threading.Thread(target=self._work, name=f"pgtune-exercise-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def end(self) -> None:
        """Stop the workers; cancel what still runs after a while."""
        self.stop.set()
        if self._joined():
            return
        with self._lock:
            busy = tuple(self._busy)
        for connection in busy:
            with suppress(psycopg.Error):
                connection.cancel_safe(timeout=_GRACE_S)
        self._joined()

    def _joined(self) -> bool:
        ends_s = time.monotonic() + _GRACE_S
        for thread in self._threads:
            if thread.is_alive():  # a signal may come before the last one has started
                thread.join(max(0.0, ends_s - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        was_served = False
        try:
            while not self.stop.is_set():
                if self._take_and_use() and not was_served:
                    was_served = True
                    self._count_served()
        except psycopg.Error as error:
            if not self.stop.is_set():  # else our own cancel or close
                self.errors.append(error)
            self.stop.set()

    def _take_and_use(self) -> bool:
        """One turn; False when no connection came."""
        left_s = self._ends_s - time.monotonic()
        started_s = time.perf_counter()
        try:
            connection = self._pool.getconn(timeout=min(self._acquire_timeout_s, left_s))
        except PoolTimeout:
            if left_s < self._acquire_timeout_s:  # the load is over, and not the patience of a client
                self.stop.set()
                return False
            self._count_timeout(time.perf_counter() - started_s)
            return False
        self.waits_ms.append((time.perf_counter() - started_s) * 1000)
        self._use(connection)
        return True

    def _count_served(self) -> None:
        with self._lock:
            self.served += 1

    def _count_timeout(self, waited_s: float) -> None:
        with self._lock:
            self.timeouts += 1
            self.waits_ms.append(waited_s * 1000)

    def _use(self, connection: ServerConnection) -> None:
        with self._lock:
            self._busy.add(connection)
        try:
            use(connection)
        finally:
            with self._lock:
                self._busy.discard(connection)
            self._pool.putconn(connection)
