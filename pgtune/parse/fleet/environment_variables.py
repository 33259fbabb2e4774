"""The environment variables that frameworks and their tutorials use for pools: a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pgtune.model.place import Place
from pgtune.model.pools.declared_pool import PoolKind
from pgtune.parse.fleet.connection_string import whole_number
from pgtune.parse.fleet.durations import parse_duration_s


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable as a file sets it; ``value`` is None where it comes from elsewhere (a secret)."""

    name: str
    value: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class PoolVariable:
    """The field of DeclaredPool that a variable fills; ``read`` gives None for text it cannot read."""

    field: str
    read: Callable[[str], Any]
    kind: PoolKind | None = None
    is_sign: bool = True  # where it is set there is a pool; False: it only completes one


def _milliseconds(text: str) -> float | None:
    return parse_duration_s(text, unit="ms")


def _flag(text: str) -> bool | None:
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(text.lower())


_SQLALCHEMY, _HIKARI, _NODE = PoolKind.SQLALCHEMY, PoolKind.HIKARI, PoolKind.NODE_POSTGRES
_DJANGO, _PSYCOPG = PoolKind.DJANGO, PoolKind.PSYCOPG

POOL_VARIABLES: Mapping[str, PoolVariable] = {
    "SQLALCHEMY_POOL_SIZE": PoolVariable("max_size", whole_number, _SQLALCHEMY),
    "SQLALCHEMY_MAX_OVERFLOW": PoolVariable("overflow", whole_number, _SQLALCHEMY),
    "SQLALCHEMY_POOL_TIMEOUT": PoolVariable("acquire_timeout_s", parse_duration_s, _SQLALCHEMY),
    "SQLALCHEMY_POOL_RECYCLE": PoolVariable("max_lifetime_s", parse_duration_s, _SQLALCHEMY),
    "SQLALCHEMY_POOL_PRE_PING": PoolVariable("check", _flag, _SQLALCHEMY),
    "DB_POOL_SIZE": PoolVariable("max_size", whole_number),
    "DB_MAX_OVERFLOW": PoolVariable("overflow", whole_number, _SQLALCHEMY),
    "DB_POOL_RECYCLE": PoolVariable("max_lifetime_s", parse_duration_s, _SQLALCHEMY),
    "DB_POOL_PRE_PING": PoolVariable("check", _flag, _SQLALCHEMY),
    "DB_POOL_TIMEOUT": PoolVariable("acquire_timeout_s", parse_duration_s),
    "DB_POOL_MAX": PoolVariable("max_size", whole_number),
    "DB_POOL_MIN": PoolVariable("min_size", whole_number),
    "DATABASE_POOL_SIZE": PoolVariable("max_size", whole_number),
    "POSTGRES_POOL_SIZE": PoolVariable("max_size", whole_number),
    "PSYCOPG_POOL_MIN_SIZE": PoolVariable("min_size", whole_number, _PSYCOPG),
    "PSYCOPG_POOL_MAX_SIZE": PoolVariable("max_size", whole_number, _PSYCOPG),
    "CONN_MAX_AGE": PoolVariable("max_lifetime_s", parse_duration_s, _DJANGO),
    "DB_CONN_MAX_AGE": PoolVariable("max_lifetime_s", parse_duration_s, _DJANGO),
    "DJANGO_CONN_MAX_AGE": PoolVariable("max_lifetime_s", parse_duration_s, _DJANGO),
    "PGPOOL_MAX": PoolVariable("max_size", whole_number, _NODE),
    "PG_POOL_MAX": PoolVariable("max_size", whole_number, _NODE),
    "PG_POOL_MIN": PoolVariable("min_size", whole_number, _NODE),
    "PG_POOL_SIZE": PoolVariable("max_size", whole_number),
    "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE": PoolVariable("max_size", whole_number, _HIKARI),
    "SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE": PoolVariable("max_size", whole_number, _HIKARI),
    "SPRING_DATASOURCE_HIKARI_MINIMUM_IDLE": PoolVariable("min_size", whole_number, _HIKARI),
    "SPRING_DATASOURCE_HIKARI_MINIMUMIDLE": PoolVariable("min_size", whole_number, _HIKARI),
    "SPRING_DATASOURCE_HIKARI_MAX_LIFETIME": PoolVariable("max_lifetime_s", _milliseconds, _HIKARI),
    "SPRING_DATASOURCE_HIKARI_MAXLIFETIME": PoolVariable("max_lifetime_s", _milliseconds, _HIKARI),
    "SPRING_DATASOURCE_HIKARI_IDLE_TIMEOUT": PoolVariable("idle_timeout_s", _milliseconds, _HIKARI),
    "SPRING_DATASOURCE_HIKARI_IDLETIMEOUT": PoolVariable("idle_timeout_s", _milliseconds, _HIKARI),
    "SPRING_DATASOURCE_HIKARI_CONNECTION_TIMEOUT": PoolVariable("acquire_timeout_s", _milliseconds, _HIKARI),
    "SPRING_DATASOURCE_HIKARI_CONNECTIONTIMEOUT": PoolVariable("acquire_timeout_s", _milliseconds, _HIKARI),
    "DB_POOL": PoolVariable("max_size", whole_number),
    "DB_POOL_MAX_SIZE": PoolVariable("max_size", whole_number),
    "DB_POOL_MIN_SIZE": PoolVariable("min_size", whole_number),
    "DATABASE_POOL_MAX": PoolVariable("max_size", whole_number),
    "DATABASE_POOL_MIN": PoolVariable("min_size", whole_number),
    "DATABASE_MAX_OVERFLOW": PoolVariable("overflow", whole_number, _SQLALCHEMY),
    "POSTGRES_MAX_OVERFLOW": PoolVariable("overflow", whole_number, _SQLALCHEMY),
    "DB_MAX_OPEN_CONNS": PoolVariable("max_size", whole_number),
    "QUARKUS_DATASOURCE_JDBC_MAX_SIZE": PoolVariable("max_size", whole_number),
    "QUARKUS_DATASOURCE_JDBC_MIN_SIZE": PoolVariable("min_size", whole_number),
    "POOL_SIZE": PoolVariable("max_size", whole_number, is_sign=False),
    "RAILS_MAX_THREADS": PoolVariable("max_size", whole_number, is_sign=False),
    "PGAPPNAME": PoolVariable("application_name", str, is_sign=False),
    "PGCONNECT_TIMEOUT": PoolVariable("connect_timeout_s", parse_duration_s, is_sign=False),
    "PGDATABASE": PoolVariable("database", str, is_sign=False),
    "PGUSER": PoolVariable("role", str, is_sign=False),
    "POSTGRES_DB": PoolVariable("database", str, is_sign=False),
    "POSTGRES_USER": PoolVariable("role", str, is_sign=False),
    "DB_NAME": PoolVariable("database", str, is_sign=False),
    "DB_USER": PoolVariable("role", str, is_sign=False),
}

# That hold a connection string, the one to prefer first. Others whose value is one are taken after these.
CONNECTION_STRINGS = (
    "DATABASE_URL",
    "SQLALCHEMY_DATABASE_URI",
    "SQLALCHEMY_DATABASE_URL",
    "SPRING_DATASOURCE_URL",
    "SPRING_R2DBC_URL",
    "QUARKUS_DATASOURCE_JDBC_URL",
    "POSTGRES_PRISMA_URL",
    "POSTGRES_URL",
    "POSTGRESQL_URL",
    "PG_URL",
    "DB_URL",
)
# Of migrations and of tests: no pool of a service that runs.
OTHER_STRINGS = frozenset(
    {
        "DIRECT_URL",
        "SHADOW_DATABASE_URL",
        "DIRECT_DATABASE_URL",
        "DATABASE_URL_UNPOOLED",
        "POSTGRES_URL_NON_POOLING",
        "TEST_DATABASE_URL",
    }
)
HOSTS = ("PGHOST", "POSTGRES_HOST", "POSTGRES_SERVER")  # each is a sign of a connection
HOSTS_OF_ANY_DATABASE = ("DB_HOST", "DATABASE_HOST", "SQL_HOST")  # a sign beside one of these two:
MAKERS = ("DB_ENGINE", "SQL_ENGINE", "DATABASE_ENGINE", "DB_CONNECTION", "DB_TYPE", "DB_DIALECT", "DB_CLIENT")
PORTS = ("PGPORT", "POSTGRES_PORT", "DB_PORT", "DATABASE_PORT", "SQL_PORT")
PROCESSES = ("WEB_CONCURRENCY", "UVICORN_WORKERS", "GUNICORN_WORKERS")
COMMAND_OPTIONS = "GUNICORN_CMD_ARGS"
