"""Pool checks of every kind, made by hand."""

from __future__ import annotations

from dataclasses import replace

from pgtune.model.finding import Finding, Severity
from pgtune.model.place import Place
from pgtune.model.pools.declared_pool import DeclaredPool, PoolKind
from pgtune.model.pools.demand import demand, largest_pool, reserve
from pgtune.model.pools.exercise import AcquireTimes, Exercise
from pgtune.model.pools.fleet import Autoscaler, FixedClient, Fleet, Service
from pgtune.model.pools.pool_check import CheckResult, PoolCheck
from pgtune.model.pools.slots import ConnectionSlots, SlotsOrigin

SERVER = "PostgreSQL 18.6 (embedded)"
SLOTS = ConnectionSlots(SlotsOrigin.SERVER)
POOL_LINE = Place("pgtune.toml", 8)
HOSTILE = "[red]a|b[/] `<b>`\x1b[2J\u202e @me\nc"


def fleet(max_size: int | None, replicas: int, name: str = "api") -> Fleet:
    pool = DeclaredPool("main", POOL_LINE, PoolKind.PSYCOPG, max_size=max_size)
    scaler = Autoscaler(min(2, replicas), replicas, Place("pgtune.toml", 5))
    return Fleet(
        Place("pgtune.toml", 1),
        services=(Service(name, Place("pgtune.toml", 4), (pool,), autoscaler=scaler),),
        clients=(FixedClient("cron", 2, Place("pgtune.toml", 12)),),
    )


def found(
    rule: str, severity: Severity, at: str, message: str, place: Place | None = POOL_LINE, detail: str = ""
) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        at=at,
        node=None,
        message=message,
        detail=detail,
        hint=f"Mend {at}.",
        action=None,
        saving_ms=None,
        share=0.0,
        key=f"{rule}:{at}",
        place=place,
    )


def of(*findings: Finding) -> CheckResult:
    return CheckResult(findings[0].rule, "What it looks for.", findings=findings)


def fine(rule: str, *seen: str) -> CheckResult:
    return CheckResult(rule, "What it looks for.", fine=seen)


def unknown(rule: str, *missing: str) -> CheckResult:
    return CheckResult(rule, "What it looks for.", missing=missing)


BUDGET = found(
    "fleet-over-budget",
    Severity.ERROR,
    "fleet",
    "263 connections at the peak and a reserve of 10 do not fit into 97 ordinary slots",
    detail="api.main: 13 pods × 1 process × 20 = 260; cron: 2; pgtune: 1.",
)
SHARE = found(
    "infeasible-pool", Severity.ERROR, "api.main", "the server has 0.4 connections for each process"
)
UNCHECKED = found(
    "unchecked-connections", Severity.INFO, "api.main", "handed out without a check", detail="Details."
)
UNBOUNDED = found("unbounded-queue", Severity.INFO, "api.main", "any number of requests may wait")
DEAD = found("dead-connection-handed-out", Severity.ERROR, "api.main", "the pool gave a client a dead one")
REFUSED = found(
    "slots-exhausted", Severity.ERROR, "server", "a new session was refused: max_connections is reached", None
)
IDLE_RULE = CheckResult("double-pooling", "What it looks for.")
SEEN_BY_SESSIONS = (
    fine("idle-in-transaction", "none of 12 sessions is idle in a transaction for long"),
    fine("slots-nearly-used", "12 of 97 ordinary slots are taken (12%)"),
)
NEED_EXERCISE = tuple(
    unknown(rule, "needs --exercise")
    for rule in ("connections-left-open", "dead-connection-handed-out", "slow-acquire")
)
NO_SERVER = tuple(
    unknown(rule, "no server was asked (--no-database)")
    for rule in ("abandoned-sessions", "connection-churn", "idle-connections", "idle-in-transaction")
)
EXERCISE = Exercise(
    pool="api.main",
    max_size=4,
    declared_max_size=20,
    min_size=2,
    first_connection_ms=16.2,
    min_size_ms=21.1,
    loads=(AcquireTimes(4, 7106, 0, 0.004, 1.5, 2.34, 5701.4),),
    acquire_timeout_s=0.87,
    exhausted_after_s=0.873,
    recovered_ms=12.0,
    dead_handed_out=True,
    shrunk_to=2,
    shrink_s=1.138,
    left_open=0,
    most_used=4,
    place=POOL_LINE,
    left_out=("max_idle was shortened from 30 s to 0.08 s.",),
)
NOTHING_DONE = replace(
    EXERCISE,
    loads=(),
    exhausted_after_s=None,
    recovered_ms=None,
    dead_handed_out=None,
    shrunk_to=None,
    shrink_s=None,
    left_open=None,
    most_used=None,
)


def check(
    declared: Fleet | None, *results: CheckResult, slots: ConnectionSlots | None = SLOTS, **more: object
) -> PoolCheck:
    plain = PoolCheck(
        version="1.2",
        server=SERVER,
        fleet=declared,
        slots=slots,
        demand=None if declared is None else demand(declared),
        reserve=reserve(declared, slots) if declared is not None and slots is not None else None,
        largest_pool=largest_pool(declared, slots) if declared is not None and slots is not None else None,
        results=tuple(sorted(results, key=lambda result: result.rule)),
        fail_on=Severity.ERROR,
    )
    return replace(plain, **more)  # type: ignore[arg-type] # each field has a type of its own


EXAMPLE = fleet(20, 10)
OVER_BUDGET = check(
    EXAMPLE, of(BUDGET), of(UNCHECKED), of(UNBOUNDED), IDLE_RULE, *SEEN_BY_SESSIONS, *NEED_EXERCISE
)
HEALTHY = check(
    fleet(5, 2),
    fine("fleet-over-budget", "18 connections at the peak and a reserve of 10 fit into 97 ordinary slots"),
    *SEEN_BY_SESSIONS,
    IDLE_RULE,
)
WITHOUT_SERVER = check(
    EXAMPLE,
    of(BUDGET),
    IDLE_RULE,
    *NO_SERVER,
    slots=ConnectionSlots(SlotsOrigin.ASSUMED),
    server=None,
    remarks=("values.yaml: replicaCount is a template: not read",),
)
REFUSED_SESSION = check(
    EXAMPLE, of(REFUSED), unknown("fleet-over-budget", "a new session was refused"), slots=None
)
ACCEPTED = check(
    EXAMPLE, of(BUDGET), of(UNCHECKED), *SEEN_BY_SESSIONS, accepted=frozenset({BUDGET.key, UNCHECKED.key})
)
EXERCISED = check(
    EXAMPLE,
    of(BUDGET),
    of(DEAD),
    fine("connections-left-open", "api.main: no backend was left after the pool had been closed"),
    exercise=EXERCISE,
)
NO_FLEET = check(
    None,
    *SEEN_BY_SESSIONS,
    unknown("fleet-over-budget", "no fleet is declared"),
    unknown("pool-too-small", "needs two samples: --watch 60s", "no fleet is declared"),
)
UNKNOWN_SIZE = check(
    fleet(None, 2), CheckResult("fleet-over-budget", "What it looks for.", missing=("max_size of api.main",))
)
MANY_POOLS = check(
    EXAMPLE,
    of(*(replace(UNCHECKED, at=f"{name}.main", key=f"k:{name}") for name in ("api", "jobs", "mail", "web"))),
)
HOSTILE_NAMES = check(
    fleet(20, 10, HOSTILE),
    of(replace(BUDGET, rule="slots-exhausted", at=HOSTILE, message=HOSTILE, detail=HOSTILE, hint=HOSTILE)),
    unknown("fleet-over-budget", HOSTILE),
    fine("idle-connections", HOSTILE),
    server=HOSTILE,
    remarks=(HOSTILE,),
    exercise=replace(EXERCISE, pool=HOSTILE, left_out=(HOSTILE,)),
)

BY_TITLE = {
    "Over budget": OVER_BUDGET,
    "Healthy": HEALTHY,
    "No server was asked": WITHOUT_SERVER,
    "The session was refused": REFUSED_SESSION,
    "The baseline accepts all": ACCEPTED,
    "With an exercise": EXERCISED,
    "No fleet is declared": NO_FLEET,
    "A pool without a size": UNKNOWN_SIZE,
    "Four pools of one kind": MANY_POOLS,
    "Names that want to be something else": HOSTILE_NAMES,
}
