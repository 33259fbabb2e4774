"""A pool's library and what is declared in, the fields that the library fills in out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pgtune.model.pools.declared_pool import PoolKind

# Each from the library's own documentation or source; a field that is not here has no default we know.
_DEFAULTS: Mapping[PoolKind, Mapping[str, Any]] = {
    # psycopg_pool 3.3, ConnectionPool; prepare_threshold of a connection is 5
    PoolKind.PSYCOPG: {
        "min_size": 4,
        "acquire_timeout_s": 30.0,
        "idle_timeout_s": 600.0,
        "max_lifetime_s": 3600.0,
        "max_waiting": 0,
        "check": False,
        "prepares": True,
    },
    # SQLAlchemy 2, QueuePool: pool_recycle is -1, so no lifetime
    PoolKind.SQLALCHEMY: {
        "max_size": 5,
        "min_size": 0,
        "overflow": 10,
        "acquire_timeout_s": 30.0,
        "check": False,
    },
    # Django without OPTIONS["pool"]: a connection for each thread, closed after each request (CONN_MAX_AGE 0)
    PoolKind.DJANGO: {
        "max_size": 1,
        "min_size": 0,
        "max_lifetime_s": 0.0,
        "check": False,
        "prepares": False,
    },
    # Prisma 6: the size follows from the number of CPUs of the machine, which is not known
    PoolKind.PRISMA: {
        "acquire_timeout_s": 10.0,
        "connect_timeout_s": 5.0,
        "prepares": True,
    },
    # pg 8, Pool: connectionTimeoutMillis is 0, so a client waits for ever
    PoolKind.NODE_POSTGRES: {
        "max_size": 10,
        "min_size": 0,
        "idle_timeout_s": 10.0,
        "acquire_timeout_s": 0.0,
        "check": False,
        "prepares": False,
    },
    # HikariCP 6; prepareThreshold of the PostgreSQL JDBC driver is 5
    PoolKind.HIKARI: {
        "max_size": 10,
        "idle_timeout_s": 600.0,
        "acquire_timeout_s": 30.0,
        "max_lifetime_s": 1800.0,
        "check": True,
        "prepares": True,
    },
    PoolKind.OTHER: {},
}


def with_defaults(declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields of DeclaredPool: those *declared* and what their library takes for the others."""
    kind = declared.get("kind", PoolKind.OTHER)
    values = {**_DEFAULTS[kind], **declared}
    if kind is PoolKind.PSYCOPG:
        values.setdefault("max_size", values["min_size"])
        if "min_size" not in declared:  # psycopg_pool itself refuses the pair
            values["min_size"] = min(values["min_size"], values["max_size"] or values["min_size"])
    elif kind is PoolKind.HIKARI:
        values.setdefault("min_size", values["max_size"])
    return values
