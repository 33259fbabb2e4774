"""Of two timeouts that belong together the wrong one is the shorter.

Whoever closes an idle connection must not be quicker than the pool that keeps it: the pool's idle timeout
has to be below that of the network and below idle_session_timeout, and connections up to min_size are never
closed by the pool at all. Otherwise the pool hands out a connection that is dead, which is an error here. A
request should not give up before its wait for a connection does, nor long before its statement does. And
where transaction_timeout is not above statement_timeout, it ends the session where a cancelled statement
would do.

Instead of:
    idle_timeout = "10min"    # network.idle_timeout = "350s"
    timeout = "30s"           # request_timeout = "10s"
Use:
    idle_timeout = "4min"     # and keepalives_idle = "1min" for what min_size keeps open
    timeout = "3s"

Ignore when: connections never idle, or the one that gives up first is meant to.
Source: https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-IDLE-SESSION-TIMEOUT
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from pgtune.model.durations import format_s
from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.declared_pool import DeclaredPool
from pgtune.model.pools.declared_pooler import DeclaredPooler
from pgtune.model.pools.fleet import Fleet, Service
from pgtune.model.pools.pooler_state import Poolers
from pgtune.model.pools.server_facts import KeepaliveSettings, TimeoutsByRole
from pgtune.rules.configured_poolers import configured_pooler
from pgtune.rules.idle_limits import IdleLimit, agreed_s, idle_limits, idles_s, timeouts_of

SEVERITY = Severity.ERROR


def check(
    fleet: Fleet,
    timeouts: TimeoutsByRole | None,
    keepalives: KeepaliveSettings | None,
    poolers: Poolers | None,
) -> Iterator[Symptom | Note]:
    """Yield each pair of timeouts that is upside down."""
    found: list[Symptom] = []
    for service, pool in fleet.pools:
        limits = idle_limits(pool, fleet.network, timeouts, keepalives)
        found += [_idle(service, pool, limit) for limit in limits if (idles_s(pool) or 0) >= limit.seconds]
        found += _acquire(service, pool)
        found += _statements(service, pool, timeouts)
        found += _transactions(service, pool, timeouts)
    for declared in fleet.poolers:
        pooler = configured_pooler(fleet, declared.name, poolers) or declared
        found += _servers_of_pooler(pooler, timeouts)
    yield from found
    compared = _compared(fleet, timeouts)
    if compared and not found:
        yield Note(f"timeouts of pools and poolers are in order with {', '.join(compared)}", None)


def _compared(fleet: Fleet, timeouts: TimeoutsByRole | None) -> list[str]:
    """What is known that timeouts of pools and poolers can be held against."""
    has_settings = any(timeouts_of(pool, timeouts) for _, pool in fleet.pools)
    known = {
        "the network's idle timeout": fleet.network is not None and fleet.network.idle_timeout_s,
        "the request timeouts": any(service.request_timeout_s for service in fleet.services),
        "the server's settings": has_settings or (fleet.poolers and timeouts is not None and timeouts.all),
    }
    return [name for name, is_known in known.items() if is_known and (fleet.pools or fleet.poolers)]


def _idle(service: Service, pool: DeclaredPool, limit: IdleLimit) -> Symptom:
    name = f"{service.name}.{pool.name}"
    return Symptom(
        message=f"{limit.by} closes connections that idle for {format_s(limit.seconds)}, and the pool "
        f"{_keeps(pool)}",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.WARNING if pool.check else Severity.ERROR,
        object=f"{name} idle against {limit.by}",
        at=name,
        place=pool.place,
        detail=f"{_source(limit)} against {_kept(pool)}. "
        + ("Each is tried before it is handed out." if pool.check else "What is handed out may be dead."),
        hint=_idle_hint(pool, limit),
    )


def _keeps(pool: DeclaredPool) -> str:
    idle_s = idles_s(pool)
    if idle_s is not None and idle_s < inf:
        return f"keeps them {format_s(idle_s)}"
    return f"keeps {pool.min_size} open for ever" if pool.min_size else "keeps them for ever"


def _kept(pool: DeclaredPool) -> str:
    idle_s = idles_s(pool)
    if idle_s is not None and idle_s < inf:
        name = "max_lifetime" if idle_s == pool.max_lifetime_s else "idle timeout"
        setting = f"{name} {format_s(idle_s)}"
    else:
        setting = f"min_size {pool.min_size}" if pool.min_size else "no idle timeout"
    return f"{setting} of the pool ({pool.place})"


def _source(limit: IdleLimit) -> str:
    if limit.place is None:
        return f"{limit.by} {format_s(limit.seconds)} of the server"
    return f"Idle timeout {format_s(limit.seconds)} of {limit.by} ({limit.place})"


def _idle_hint(pool: DeclaredPool, limit: IdleLimit) -> str:
    if limit.place is not None:
        half = format_s(limit.seconds // 2)
        shorter = (
            "" if pool.min_size else f", or close them in the pool after less than {format_s(limit.seconds)}"
        )
        return f"Let the client send TCP keepalives, with keepalives_idle of {half} or less{shorter}."
    return "Set idle_session_timeout to 0 for roles with a pool: ALTER ROLE ... SET idle_session_timeout = 0."


def _acquire(service: Service, pool: DeclaredPool) -> Iterator[Symptom]:
    """The wait for a connection against the request that waits; 0 = a wait without end."""
    request_s, acquire_s = service.request_timeout_s, pool.acquire_timeout_s
    if not request_s or acquire_s is None or 0 < acquire_s < request_s:
        return
    wait = format_s(acquire_s) if acquire_s else "without end"
    yield _inversion(
        service,
        pool,
        "acquire against request",
        f"a request gives up after {format_s(request_s)}, and may wait {wait} for a connection",
        f"The service's request timeout ({service.place}) against the pool's timeout ({pool.place}): the "
        "client sees its own timeout instead of the cause, and nobody wants the connection any more.",
        f"Set the pool's timeout below {format_s(request_s)}.",
    )


def _statements(service: Service, pool: DeclaredPool, timeouts: TimeoutsByRole | None) -> Iterator[Symptom]:
    """A statement that runs on after its request has given up."""
    request_s = service.request_timeout_s
    statement_s = agreed_s(each.statement for each in timeouts_of(pool, timeouts))
    if not request_s or statement_s is None or statement_s <= request_s:
        return
    yield _inversion(
        service,
        pool,
        "statement against request",
        f"a request gives up after {format_s(request_s)}, its statement only after {format_s(statement_s)}",
        f"The service's request timeout ({service.place}) against statement_timeout of the server: in "
        "between, a statement holds its connection for nobody, unless the client cancels it.",
        f"Set statement_timeout to {format_s(request_s)} or less for the role of the pool.",
        Severity.INFO,
    )


def _transactions(service: Service, pool: DeclaredPool, timeouts: TimeoutsByRole | None) -> Iterator[Symptom]:
    known = timeouts_of(pool, timeouts)
    statement_s = agreed_s(each.statement for each in known)
    transaction_s = agreed_s(each.transaction for each in known)
    if statement_s is not None and transaction_s is not None and statement_s >= transaction_s:
        yield _inversion(
            service,
            pool,
            "statement against transaction",
            f"transaction_timeout {format_s(transaction_s)} is not above statement_timeout "
            f"{format_s(statement_s)}",
            "Both are settings of the server; the longer one is ignored. statement_timeout would cancel the "
            "statement, transaction_timeout ends the session.",
            f"Set statement_timeout below {format_s(transaction_s)}, or transaction_timeout higher.",
        )


def _servers_of_pooler(pooler: DeclaredPooler, timeouts: TimeoutsByRole | None) -> Iterator[Symptom]:
    """Server connections that idle in the pooler, against the server's idle_session_timeout."""
    idle_session_s = agreed_s(each.idle_session for each in (timeouts.all if timeouts else ()))
    if idle_session_s is None or 0 < pooler.server_idle_timeout_s < idle_session_s:
        return
    kept = format_s(pooler.server_idle_timeout_s) if pooler.server_idle_timeout_s else "for ever"
    yield Symptom(
        message=f"idle_session_timeout ends sessions that idle for {format_s(idle_session_s)}, and the "
        f"pooler keeps them {kept}",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.WARNING,
        object=f"{pooler.name} idle",
        at=pooler.name,
        place=pooler.place,
        detail=f"idle_session_timeout of the server against server_idle_timeout of {pooler.name} "
        f"({pooler.place}).",
        hint="Set idle_session_timeout to 0 for the roles that the pooler connects as.",
    )


def _inversion(
    service: Service,
    pool: DeclaredPool,
    pair: str,
    message: str,
    detail: str,
    hint: str,
    severity: Severity = Severity.WARNING,
) -> Symptom:
    name = f"{service.name}.{pool.name}"
    return Symptom(
        message=message,
        cause=Cause.CONNECTIONS,
        max_severity=severity,
        object=f"{name} {pair}",
        at=name,
        place=pool.place,
        detail=detail,
        hint=hint,
    )
