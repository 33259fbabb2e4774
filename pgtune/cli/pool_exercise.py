"""Which pool is opened for real, and how large it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgtune.cli.pool_check_request import PoolCheckRequest
from pgtune.cli.target import OnProgress
from pgtune.model.evidence import Evidence
from pgtune.model.pools.declared_pool import PoolKind
from pgtune.model.pools.exercise import Exercise
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.sessions import Sessions
from pgtune.model.pools.slots import ConnectionSlots

if TYPE_CHECKING:
    from pgtune.sources.pools.exercise_plan import ExercisePlan

_OPENABLE = (PoolKind.PSYCOPG, PoolKind.OTHER)  # other libraries' pools behave otherwise


def exercised(
    request: PoolCheckRequest, conninfo: str, fleet: Fleet | None, seen: Evidence, on_progress: OnProgress
) -> Exercise | None:
    """Open the first psycopg pool of the fleet, else pgtune's own, for as long as was asked; None: not asked.

    Raises:
        UsageError: the server has not enough free slots.
        ServerError: it cannot be reached, or went away.
    """
    if request.exercise_s is None:
        return None
    from pgtune.sources.pools.exercise import exercise

    plan = _plan(request, request.exercise_s, fleet, _free_slots(seen))
    return exercise(conninfo, plan, on_progress)


def _plan(
    request: PoolCheckRequest, seconds: float, fleet: Fleet | None, free_slots: int | None
) -> ExercisePlan:
    from pgtune.sources.pools.exercise_plan import plan_declared, plan_own

    for service, pool in fleet.pools if fleet is not None else ():
        if pool.kind in _OPENABLE and pool.most:
            return plan_declared(f"{service.name}.{pool.name}", pool, seconds, free_slots)
    return plan_own(request.pool, seconds, free_slots)


def _free_slots(seen: Evidence) -> int | None:
    """Ordinary slots that nobody takes; None where sessions are hidden."""
    slots, sessions = seen.find(ConnectionSlots), seen.find(Sessions)
    return None if slots is None or sessions is None else slots.ordinary - sessions.count
