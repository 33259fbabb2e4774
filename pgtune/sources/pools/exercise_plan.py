"""What a declared pool is and how much of the server is free in; how large a pool may be opened out."""

from __future__ import annotations

from dataclasses import dataclass

from pgtune.errors import UsageError
from pgtune.model.durations import format_s
from pgtune.model.place import Place
from pgtune.model.pool_settings import PoolSettings
from pgtune.model.pools.declared_pool import DeclaredPool

FREE_FRACTION = 1 / 3  # of the free slots at most, our own session included; chosen
KEPT_SLOTS = 10  # that stay free whatever happens; chosen
UNKNOWN_SLOTS_SIZE = 4  # where the free slots are not known; chosen
MOST_CONNECTIONS = 50  # beyond it our own threads are measured and not the pool; chosen
_LEAST_CONNECTIONS = 2
_OWN_SESSIONS = 1  # that looks at the server meanwhile
_MIN_SIZE, _MAX_IDLE_S, _MAX_LIFETIME_S, _TIMEOUT_S = 4, 600.0, 3600.0, 30.0  # defaults of psycopg_pool 3.3
_CONNECT_TIMEOUT_S = 10.0  # libpq itself waits for ever; chosen


@dataclass(frozen=True, slots=True)
class ExercisePlan:
    """The settings of a pool, and what the exercise may take."""

    name: str  # "api.main", or "[tool.pgtune.pool]"
    min_size: int
    max_size: int
    max_idle_s: float
    connect_timeout_s: float
    acquire_timeout_s: float
    max_lifetime_s: float
    check: bool
    seconds: float  # for all of it, at most 10
    free_slots: int | None  # ordinary ones of the server; None: not known
    place: Place | None = None  # that declares the pool


@dataclass(frozen=True, slots=True)
class OpenedSize:
    """How many connections are really opened."""

    min_size: int
    max_size: int
    why_smaller: str = ""  # a sentence; empty where the pool is opened as declared


def plan_declared(name: str, pool: DeclaredPool, seconds: float, free_slots: int | None) -> ExercisePlan:
    """Return the plan for one pool of the fleet; what it leaves out is psycopg_pool's default.

    Raises:
        UsageError: its size is not declared.
    """
    if not pool.most:
        raise UsageError(f"pool {name}: its size is not known; declare max_size to exercise it")
    min_size = _MIN_SIZE if pool.min_size is None else pool.min_size
    return ExercisePlan(
        name=name,
        min_size=min(min_size, pool.most),
        max_size=pool.most,
        max_idle_s=pool.idle_timeout_s or _MAX_IDLE_S,
        connect_timeout_s=pool.connect_timeout_s or _CONNECT_TIMEOUT_S,
        acquire_timeout_s=pool.acquire_timeout_s or _TIMEOUT_S,
        max_lifetime_s=pool.max_lifetime_s or _MAX_LIFETIME_S,
        check=bool(pool.check),
        seconds=seconds,
        free_slots=free_slots,
        place=pool.place,
    )


def plan_own(settings: PoolSettings, seconds: float, free_slots: int | None) -> ExercisePlan:
    """Return the plan for the pool of [tool.pgtune.pool], which waits connect_timeout for a connection."""
    return ExercisePlan(
        name="[tool.pgtune.pool]",
        min_size=settings.min_size,
        max_size=settings.max_size,
        max_idle_s=settings.max_idle_s,
        connect_timeout_s=settings.connect_timeout_s,
        acquire_timeout_s=settings.connect_timeout_s,
        max_lifetime_s=settings.max_lifetime_s,
        check=settings.check,
        seconds=seconds,
        free_slots=free_slots,
    )


def opened_size(plan: ExercisePlan) -> OpenedSize:
    """Return the size of *plan*, cut to what the server can spare.

    Raises:
        UsageError: fewer than two connections can be spared.
    """
    allowed, why = _allowed(plan.free_slots)
    if allowed < _LEAST_CONNECTIONS:
        raise UsageError(
            f"not enough free slots to exercise: {plan.free_slots} are free, at most a third of them may be "
            f"taken and {KEPT_SLOTS} stay free; try when fewer sessions are open, or raise max_connections"
        )
    max_size = min(plan.max_size, allowed)
    return OpenedSize(
        min_size=min(plan.min_size, max_size),
        max_size=max_size,
        why_smaller=f"{max_size} of {plan.max_size} connections were opened: {why}."
        if max_size < plan.max_size
        else "",
    )


def _allowed(free_slots: int | None) -> tuple[int, str]:
    if free_slots is None:
        return UNKNOWN_SLOTS_SIZE, "how many slots of the server are free is not known"
    spared = min(int(free_slots * FREE_FRACTION), free_slots - KEPT_SLOTS) - _OWN_SESSIONS
    if spared > MOST_CONNECTIONS:
        return MOST_CONNECTIONS, "more would measure pgtune's own threads"
    return spared, f"{free_slots} slots of the server are free"


def shortened(name: str, declared_s: float, used_s: float) -> str:
    """Say that a time was shortened; nothing where it was not."""
    if used_s >= declared_s:
        return ""
    return f"{name} was shortened from {format_s(declared_s)} to {format_s(round(used_s, 2))}."
