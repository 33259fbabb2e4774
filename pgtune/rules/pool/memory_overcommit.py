"""Sessions may take more memory than the machine has.

The server takes shared_buffers, what each connection costs, and maintenance_work_mem for each autovacuum
worker. On top, each sort or hash of an active session takes up to work_mem, a hash hash_mem_multiplier times
that, and so does each of its parallel workers. Two sums are made. What is *expected*: the sessions that were
seen active, with one hash each; above 80 % of the memory it is a warning, above 100 % an error. And the
*worst*: every ordinary slot active at once; above 100 % it is told, above 200 % it is a warning. A statement
may have more than one hash, so neither is a limit.

Instead of:
    work_mem = 256MB     # 97 slots on 16 GB
Use:
    work_mem = 16MB      # and SET work_mem for the statements that need more

Ignore when: a pooler or a limit of roles keeps sessions from being active all at once.
Source: https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-HASH-MEM-MULTIPLIER
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from pgtune.model.finding import Cause, Note, Severity, Symptom, Unknown
from pgtune.model.fractions import percent
from pgtune.model.memory import format_kb
from pgtune.model.pools.counters import CounterWindow
from pgtune.model.pools.demand import demand
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.server_facts import MemorySettings
from pgtune.model.pools.sessions import Sessions, SessionState
from pgtune.model.pools.slots import ConnectionSlots

SEVERITY = Severity.ERROR
BACKEND_BYTES = 4 * 1024**2  # of one idle connection: 2 MB with huge pages, up to 10 MB without; chosen
EXPECTED_WARN_FRACTION = 0.8  # of the machine's memory; chosen
EXPECTED_FAIL_FRACTION = 1.0  # chosen
WORST_TELL_FRACTION = 1.0  # chosen
WORST_WARN_FRACTION = 2.0  # managed servers are sold with 1.5: not all sessions hash at once; chosen


@dataclass(frozen=True, slots=True)
class _Load:
    """Open connections and how many of them sort or hash at once."""

    settings: MemorySettings
    connected: int
    active: float

    @property
    def fixed_bytes(self) -> float:
        """Memory that is taken with no statement running."""
        settings = self.settings
        return settings.shared_buffers_bytes + _autovacuum_bytes(settings) + self.connected * BACKEND_BYTES

    @property
    def hashes(self) -> float:
        """Hashes at once: one in each active session and in each of the parallel workers that all share."""
        workers = self.active * self.settings.max_parallel_workers_per_gather
        return self.active + min(workers, self.settings.max_parallel_workers)

    @property
    def bytes(self) -> float:
        """Memory in all."""
        each = self.settings.work_mem_bytes * self.settings.hash_mem_multiplier
        return self.fixed_bytes + self.hashes * each

    def affordable_mb(self, limit_bytes: float) -> int:
        """The work_mem in whole megabytes with which the load stays within the limit; 0 = there is none."""
        each = (limit_bytes - self.fixed_bytes) / (self.hashes * self.settings.hash_mem_multiplier)
        return max(0, int(each / 1024**2))


def check(
    settings: MemorySettings,
    slots: ConnectionSlots,
    sessions: Sessions | None,
    window: CounterWindow | None,
    fleet: Fleet | None,
) -> Iterator[Symptom | Note | Unknown]:
    """Yield the server when what is expected, or the worst that can happen, is beyond its memory."""
    ram_bytes = settings.ram_bytes or _declared_ram_bytes(fleet)
    if ram_bytes is None:
        yield Unknown("the memory of the server's machine")
        return
    worst = _Load(settings, slots.ordinary, slots.ordinary)
    active = _active(sessions, window)
    expected = (
        None
        if active is None
        else _Load(settings, max(ceil(active), _connected(slots, sessions, fleet)), active)
    )
    yield (
        (_expected(expected, ram_bytes) if expected is not None else None)
        or _worst(worst, ram_bytes)
        or _fine(worst, expected, ram_bytes)
    )


def _fine(worst: _Load, expected: _Load | None, ram_bytes: int) -> Note | Unknown:
    if expected is None and worst.bytes > EXPECTED_WARN_FRACTION * ram_bytes:
        return Unknown("needs pg_monitor, to see how many sessions are active")
    now = f", those active now {percent(expected.bytes, ram_bytes)}" if expected is not None else ""
    at_worst = f"{percent(worst.bytes, ram_bytes)} of the machine's {_size(ram_bytes)}"
    return Note(f"{worst.active:.0f} active sessions may take {at_worst}{now}", None)


def _expected(load: _Load, ram_bytes: int) -> Symptom | None:
    if load.bytes <= EXPECTED_WARN_FRACTION * ram_bytes:
        return None
    return _symptom(
        load,
        f"the {load.active:.0f} sessions that are active now may take {_size(load.bytes)}, and the machine "
        f"has {_size(ram_bytes)}",
        Severity.ERROR if load.bytes > EXPECTED_FAIL_FRACTION * ram_bytes else Severity.WARNING,
        EXPECTED_WARN_FRACTION * ram_bytes,
    )


def _worst(load: _Load, ram_bytes: int) -> Symptom | None:
    if load.bytes <= WORST_TELL_FRACTION * ram_bytes:
        return None
    return _symptom(
        load,
        f"if all {load.active:.0f} ordinary slots are active, sessions may take {_size(load.bytes)}, and the "
        f"machine has {_size(ram_bytes)}",
        Severity.WARNING if load.bytes > WORST_WARN_FRACTION * ram_bytes else Severity.INFO,
        WORST_TELL_FRACTION * ram_bytes,
    )


def _symptom(load: _Load, message: str, severity: Severity, limit_bytes: float) -> Symptom:
    settings = load.settings
    affordable_mb = load.affordable_mb(limit_bytes) if load.hashes else 0
    lower = f"Lower work_mem to {affordable_mb}MB, or put" if affordable_mb else "Put"
    return Symptom(
        message=message,
        cause=Cause.CONNECTIONS,
        max_severity=severity,
        object="memory",
        at="server",
        detail=f"shared_buffers {_size(settings.shared_buffers_bytes)}, autovacuum "
        f"{_size(_autovacuum_bytes(settings))}, {load.connected} connections of {_size(BACKEND_BYTES)}, and "
        f"{load.hashes:.0f} hashes of work_mem {_size(settings.work_mem_bytes)} × hash_mem_multiplier "
        f"{settings.hash_mem_multiplier:g}, those of parallel workers included.",
        hint=f"{lower} a pooler in front of the server, so that fewer sessions are active at once.",
    )


def _active(sessions: Sessions | None, window: CounterWindow | None) -> float | None:
    """Sessions at work: the most that is known; None when nothing is."""
    seen: list[float] = []
    if sessions is not None:
        seen.append(sum(each.state is SessionState.ACTIVE for each in sessions.all))
    if window is not None:
        seen.append(window.active)
    return max(seen, default=None)


def _connected(slots: ConnectionSlots, sessions: Sessions | None, fleet: Fleet | None) -> int:
    """Sessions that are open: those of now, and those that the fleet opens at its peak."""
    declared = demand(fleet).connections if fleet is not None else 0
    return max(min(declared, slots.ordinary), sessions.count if sessions is not None else 0)


def _declared_ram_bytes(fleet: Fleet | None) -> int | None:
    return fleet.server.memory_bytes if fleet is not None and fleet.server is not None else None


def _autovacuum_bytes(settings: MemorySettings) -> int:
    each = settings.autovacuum_work_mem_bytes
    return settings.autovacuum_max_workers * (settings.maintenance_work_mem_bytes if each < 0 else each)


def _size(count_bytes: float) -> str:
    return format_kb(count_bytes / 1024)
