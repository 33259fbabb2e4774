"""What a real pool did when it was opened, loaded, exhausted, cut and closed."""

from __future__ import annotations

from dataclasses import dataclass

from pgtune.model.place import Place


@dataclass(frozen=True, slots=True)
class AcquireTimes:
    """How long workers waited for a connection under one load."""

    workers: int
    acquired: int
    timeouts: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    per_s: float  # connections taken and given back
    starved: int = 0  # workers that never got a connection that answered


@dataclass(frozen=True, slots=True)
class Exercise:
    """One run of `--exercise`. A part that was not done is None, and ``left_out`` says why."""

    pool: str  # "api.main", or "[tool.pgtune.pool]"
    max_size: int  # opened; smaller than declared where the server had not enough free slots
    declared_max_size: int
    min_size: int
    first_connection_ms: float
    min_size_ms: float  # until min_size connections were open
    loads: tuple[AcquireTimes, ...]  # with max_size workers, and with twice as many
    acquire_timeout_s: float  # of the exhausted pool; shortened to fit the time given
    exhausted_after_s: float | None  # until PoolTimeout
    recovered_ms: float | None  # from the kill of an own backend to a connection that works
    dead_handed_out: bool | None  # the killed connection was given to a client first
    shrunk_to: int | None  # connections left after an idle period
    shrink_s: float | None
    left_open: int | None  # backends of the pool that were still there after close
    most_used: int | None  # backends of the pool at most, seen on the server
    shrink_idle_s: float | None = None  # max_idle of the pool that shrank; shortened to fit the time given
    place: Place | None = None  # that declares the pool
    left_out: tuple[str, ...] = ()  # sentences
