"""A declared pool in, what closes its idle connections behind its back out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from pgtune.model.place import Place
from pgtune.model.pools.declared_pool import DeclaredPool, PoolKind
from pgtune.model.pools.fleet import NetworkPath
from pgtune.model.pools.server_facts import KeepaliveSettings, RoleTimeouts, Timeout, TimeoutsByRole


@dataclass(frozen=True, slots=True)
class IdleLimit:
    """After how long somebody else closes an idle connection."""

    by: str  # "the network", "idle_session_timeout"
    seconds: float
    place: Place | None  # None: a setting of the server


def idle_limits(
    pool: DeclaredPool,
    network: NetworkPath | None,
    timeouts: TimeoutsByRole | None,
    keepalives: KeepaliveSettings | None,
) -> Iterator[IdleLimit]:
    """Yield the limits that reach an idle connection of the pool, keepalives taken into account."""
    if network is not None and network.idle_timeout_s and not _is_kept_alive(pool, network, keepalives):
        yield IdleLimit("the network", network.idle_timeout_s, network.place)
    idle_session = idle_session_timeout_s(pool, timeouts)
    if idle_session and pool.pooler is None:
        yield IdleLimit("idle_session_timeout", idle_session, None)


def idle_session_timeout_s(pool: DeclaredPool, timeouts: TimeoutsByRole | None) -> float | None:
    """The idle_session_timeout of the pool's sessions; None when there is none or it is not known."""
    return agreed_s(timeout.idle_session for timeout in timeouts_of(pool, timeouts))


def timeouts_of(pool: DeclaredPool, timeouts: TimeoutsByRole | None) -> tuple[RoleTimeouts, ...]:
    """The timeouts that may be those of the pool's sessions: of its role and database, where declared."""
    return tuple(
        each
        for each in (timeouts.all if timeouts else ())
        if pool.role in (None, each.role) and pool.database in (None, each.database)
    )


def agreed_s(timeouts: Iterator[Timeout | None]) -> float | None:
    """The one value that all have, in seconds; None when they differ, are off or there is none."""
    values = {0.0 if timeout is None else timeout.seconds for timeout in timeouts}
    return (values.pop() or None) if len(values) == 1 else None


def idles_s(pool: DeclaredPool) -> float | None:
    """How long a connection may idle in the pool: infinity for ever, None when not known.

    A pool closes idle connections down to min_size only, and SQLAlchemy's none of pool_size. psycopg_pool
    tests max_lifetime when a connection is given back, so it does not bound how long one idles; other pools
    do so when it is taken, or earlier.
    """
    bounds = [lifetime_s(pool) if pool.kind is not PoolKind.PSYCOPG else None]
    if pool.min_size or (pool.kind is PoolKind.SQLALCHEMY and pool.idle_timeout_s is None):
        bounds.append(inf)
    elif pool.idle_timeout_s is not None:
        bounds.append(pool.idle_timeout_s or inf)
    return min((bound for bound in bounds if bound is not None), default=None)


def lifetime_s(pool: DeclaredPool) -> float | None:
    """The age at which the pool closes a connection: infinity for never, None when not known.

    0 and below mean never, but for Django's CONN_MAX_AGE, where 0 closes after each request.
    """
    declared = pool.max_lifetime_s
    if declared is None or declared > 0 or (declared == 0 and pool.kind is PoolKind.DJANGO):
        return declared
    return inf


def _is_kept_alive(pool: DeclaredPool, network: NetworkPath, server: KeepaliveSettings | None) -> bool:
    """True when a TCP keepalive of the client or of the server is sent before the network gives up."""
    idles = [pool.keepalives_idle_s]
    if server is not None and pool.pooler is None:
        idles.append(server.tcp_keepalives_idle_s)
    return any(idle and network.idle_timeout_s and idle < network.idle_timeout_s for idle in idles)
