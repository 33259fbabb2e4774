"""Statements are prepared by name, through a pooler that does not know their names.

A prepared statement belongs to one server connection. A pooler that shares connections by transaction sends
the next transaction elsewhere, where the name does not exist ("prepared statement does not exist") or means
something else ("already exists"). PgBouncer follows the names since 1.21 where max_prepared_statements is
above 0, which is the default since 1.24 (200). psycopg frees statements in a way that PgBouncer understands
only with the libpq of PostgreSQL 17 or later.

Instead of:
    max_prepared_statements = 0      # with a driver that prepares
Use:
    max_prepared_statements = 200    # PgBouncer 1.21 or later; or prepare_threshold=None in psycopg

Ignore when: the driver does not prepare; prepares = false in the declaration says so.
Source: https://www.pgbouncer.org/config.html#max_prepared_statements
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pgtune.model.finding import Cause, Note, Severity, Symptom, Unknown
from pgtune.model.pools.declared_pool import DeclaredPool, PoolKind
from pgtune.model.pools.declared_pooler import DeclaredPooler, PoolerKind, PoolMode
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.pooler_state import Poolers
from pgtune.model.pools.server_facts import Route
from pgtune.rules.configured_poolers import configured_pooler, mode_of, version_of

SEVERITY = Severity.ERROR
_PREPARING = frozenset({PoolKind.PSYCOPG, PoolKind.HIKARI, PoolKind.PRISMA})  # unless they are told not to
_NOT_PREPARING = frozenset({PoolKind.DJANGO, PoolKind.NODE_POSTGRES})  # unless they are told to
# pgbouncer.org/changelog.html
_FOLLOWS_NAMES_SINCE = (1, 21)
_BY_DEFAULT_SINCE = (1, 24)
_LIBPQ_CLOSES_SINCE = 170000  # PQclosePrepared, which psycopg uses where it is there


def check(fleet: Fleet, poolers: Poolers | None, route: Route | None) -> Iterator[Symptom | Note | Unknown]:
    """Yield each pool that prepares through a pooler by transaction or statement that cannot follow."""
    for service, pool in fleet.pools:
        pooler = configured_pooler(fleet, pool.pooler, poolers) if pool.pooler else None
        if pooler is None:
            continue
        name = f"{service.name}.{pool.name}"
        mode = mode_of(pool, pooler, poolers)
        if _prepares(pool) is False or mode is PoolMode.SESSION:
            why = "does not prepare" if _prepares(pool) is False else "has its server connection to itself"
            yield Note(f"{name}: {why}", None)
            continue
        yield _verdict(name, pool, replace(pooler, mode=mode), route)


def _verdict(
    name: str, pool: DeclaredPool, pooler: DeclaredPooler, route: Route | None
) -> Symptom | Note | Unknown:
    if pooler.kind is PoolerKind.PGBOUNCER:
        return _verdict_on_pgbouncer(name, pool, pooler, route)
    if pooler.kind is PoolerKind.PGDOG:
        return Note(f"{name}: {pooler.name} follows prepared statements", None)
    if pooler.kind is PoolerKind.RDS_PROXY:
        return Note(f"{name}: {pooler.name} pins a session that prepares, nothing breaks", None)
    return Unknown(f"whether {pooler.name} follows prepared statements")


def _verdict_on_pgbouncer(
    name: str, pool: DeclaredPool, pooler: DeclaredPooler, route: Route | None
) -> Symptom | Note | Unknown:
    version, most = version_of(pooler), _max_prepared(pooler)
    if version is not None and version < _FOLLOWS_NAMES_SINCE:
        return _broken(name, pool, pooler, f"PgBouncer {pooler.version} does not follow their names")
    if most == 0:
        return _broken(name, pool, pooler, "max_prepared_statements is 0")
    if most is None:
        return Unknown(f"version of {pooler.name}, for prepared statements (1.21 or later follows them)")
    if route is not None and pool.kind is PoolKind.PSYCOPG and route.libpq_version < _LIBPQ_CLOSES_SINCE:
        return _freed_unseen(name, pool, route.libpq_version)
    return Note(f"{name}: {pooler.name} follows up to {most} prepared statements", None)


def _prepares(pool: DeclaredPool) -> bool | None:
    """What is declared, else what the library does by itself; None when that is not known."""
    if pool.prepares is not None:
        return pool.prepares
    if pool.kind in _PREPARING:
        return True
    return False if pool.kind in _NOT_PREPARING else None


def _max_prepared(pooler: DeclaredPooler) -> int | None:
    if pooler.max_prepared_statements is not None:
        return pooler.max_prepared_statements
    version = version_of(pooler)
    if version is None:
        return None
    return 200 if version >= _BY_DEFAULT_SINCE else 0


def _broken(name: str, pool: DeclaredPool, pooler: DeclaredPooler, why: str) -> Symptom:
    sure = _prepares(pool) is True
    return Symptom(
        message=f"statements {'are' if sure else 'may be'} prepared by name through {pooler.name}: {why}",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.ERROR if sure else Severity.INFO,
        object=name,
        at=name,
        place=pool.place,
        detail=f"{pooler.name} ({pooler.place}) shares server connections by {pooler.mode.value}; a "
        "statement that was prepared on one of them does not exist on the next."
        + ("" if sure else " Whether the pool's driver prepares is not declared."),
        hint=_hint(pool),
    )


def _hint(pool: DeclaredPool) -> str:
    off = {
        PoolKind.PSYCOPG: "pass prepare_threshold=None to the connections",
        PoolKind.HIKARI: "add prepareThreshold=0 to the JDBC URL",
        PoolKind.PRISMA: "add pgbouncer=true to the URL",
    }.get(pool.kind, "switch prepared statements off in the driver (then declare prepares = false)")
    return f"Set max_prepared_statements = 200 with PgBouncer 1.21 or later, or {off}."


def _freed_unseen(name: str, pool: DeclaredPool, libpq_version: int) -> Symptom:
    return Symptom(
        message=f"psycopg with libpq {libpq_version // 10000}.{libpq_version % 10000} frees prepared "
        "statements unseen by the pooler",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.WARNING,  # the libpq is that of this machine, not of the service
        object=f"{name} libpq",
        at=name,
        place=pool.place,
        detail="That is the libpq here. An older one than 17 sends DEALLOCATE, which PgBouncer passes on "
        "without the name that it gave the statement.",
        hint="Use psycopg[binary] 3.2 or later with libpq 17, or pass prepare_threshold=None.",
    )
