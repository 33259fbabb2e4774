"""A PoolCheckRequest and the fleet in; what the server, the poolers and live pools tell of themselves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pgtune.analysis.rule_book import pool_rule_book
from pgtune.cli.pool_check_request import PoolCheckRequest
from pgtune.cli.pool_exercise import exercised
from pgtune.cli.screen import say
from pgtune.cli.target import OnProgress, running_dsn, target_label
from pgtune.model.evidence import Evidence
from pgtune.model.pools.exercise import Exercise
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.pool_stats import LivePools
from pgtune.model.pools.pooler_state import Poolers
from pgtune.model.pools.slots import ConnectionSlots, SlotsOrigin

if TYPE_CHECKING:
    from pgtune.sources.pools.observe import Observation
    from pgtune.sources.pools.role_timeouts import DeclaredRole

Known = Mapping[type, object]  # evidence by its type, or a text that says why there is none

_NO_SERVER = "no server was asked (--no-database)"
_NO_EXERCISE = "needs --exercise"
_NO_POOLER = "needs the admin console of a pooler: --pgbouncer DSN"
_NO_STATS = "needs counters of live pools: --pool-stats FILE"
_NO_FLEET = "no fleet is declared: see [fleet] in the settings, --manifests, --values or --compose"


@dataclass(frozen=True, slots=True)
class PoolEvidence:
    """Everything that the rules may ask for."""

    server: str | None  # "PostgreSQL 18.6 (embedded)"
    slots: ConnectionSlots | None
    evidence: Evidence
    exercise: Exercise | None = None
    remarks: tuple[str, ...] = ()


def look_at(request: PoolCheckRequest, fleet: Fleet | None, on_progress: OnProgress) -> PoolEvidence:
    """Ask whom the request names.

    Raises:
        InputError: a file cannot be used.
        ServerError: a server or a console cannot be reached, or refuses.
    """
    given = _given(request, fleet)
    if request.target is None:
        return _without_server(fleet, given)
    from pgtune.sources.connect import prepare_conninfo

    with running_dsn(request.target, say, on_progress) as dsn:
        conninfo = prepare_conninfo(dsn, request.pool)
        seen, exercise = _with_server(request, conninfo, fleet, on_progress)
    found: Known = {type(item): item for item in seen.items}
    label = seen.server if seen.version_num is None else target_label(request.target, seen.version_num)
    known = {Exercise: exercise or _NO_EXERCISE, **seen.missing, **found, **given}
    return _evidence(label, known, exercise, seen.remarks)


def _given(request: PoolCheckRequest, fleet: Fleet | None) -> Known:
    """What comes from files and consoles."""
    return {
        Fleet: fleet or _NO_FLEET,
        Poolers: _poolers(request, fleet) or _NO_POOLER,
        LivePools: _live_pools(request) or _NO_STATS,
    }


def _poolers(request: PoolCheckRequest, fleet: Fleet | None) -> Poolers | None:
    is_told = fleet is not None and any(pooler.admin_dsn for pooler in fleet.poolers)
    if not (request.pgbouncers or is_told):
        return None
    from pgtune.cli.pool_consoles import ask_consoles

    return ask_consoles(request, fleet)


def _live_pools(request: PoolCheckRequest) -> LivePools | None:
    if not request.pool_stats:
        return None
    from pgtune.sources.pools.stats_file import read_pool_stats

    return LivePools(tuple(pool for path in request.pool_stats for pool in read_pool_stats(path).all))


def _without_server(fleet: Fleet | None, given: Known) -> PoolEvidence:
    declared = fleet.server.slots if fleet is not None and fleet.server is not None else None
    slots = declared or ConnectionSlots(SlotsOrigin.ASSUMED)
    kinds = {need.type for rule in pool_rule_book() for need in rule.needs}
    return _evidence(None, {**dict.fromkeys(kinds, _NO_SERVER), **given, ConnectionSlots: slots})


def _with_server(
    request: PoolCheckRequest, conninfo: str, fleet: Fleet | None, on_progress: OnProgress
) -> tuple[Observation, Exercise | None]:
    """Look at the server, then load it where that was asked for; keep the history."""
    from pgtune.sources.pools.history import append_sample
    from pgtune.sources.pools.observe import ObserveRequest, observe
    from pgtune.sources.transaction import Timeouts

    on_progress("looking at sessions", 0.0)
    seen = observe(
        conninfo,
        ObserveRequest(
            timeouts=Timeouts(request.timeout_ms, request.lock_timeout_ms),
            watch_s=request.watch_s,
            declared_roles=_declared_roles(fleet),
            ram_bytes=fleet.server.memory_bytes if fleet is not None and fleet.server is not None else None,
            history=request.history,
        ),
        say,
    )
    if request.history is not None and seen.sample is not None:
        append_sample(request.history, seen.sample)
    if seen.version_num is None:  # it had no slot even for us
        return seen, None
    return seen, exercised(request, conninfo, fleet, Evidence(seen.items), on_progress)


def _declared_roles(fleet: Fleet | None) -> tuple[DeclaredRole, ...]:
    pools = fleet.pools if fleet is not None else ()
    return tuple(dict.fromkeys((pool.role, pool.database) for _, pool in pools))


def _evidence(
    server: str | None, known: Known, exercise: Exercise | None = None, remarks: tuple[str, ...] = ()
) -> PoolEvidence:
    slots = known.get(ConnectionSlots)
    return PoolEvidence(
        server=server,
        slots=slots if isinstance(slots, ConnectionSlots) else None,
        evidence=Evidence(
            tuple(item for item in known.values() if not isinstance(item, str)),
            {kind: reason for kind, reason in known.items() if isinstance(reason, str)},
        ),
        exercise=exercise,
        remarks=remarks,
    )
