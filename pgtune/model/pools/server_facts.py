"""Settings of a server that decide how sessions live and die."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class SettingSource(Enum):
    """Where a role's value of a setting comes from, the strongest first (pg_db_role_setting)."""

    ROLE_IN_DATABASE = "role in database"
    ROLE = "role"
    DATABASE = "database"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Timeout:
    """One timeout of one role; 0 = none."""

    seconds: float
    source: SettingSource


@dataclass(frozen=True, slots=True)
class RoleTimeouts:
    """The timeouts that a role's session starts with in a database."""

    role: str
    database: str
    statement: Timeout
    lock: Timeout
    idle_in_transaction: Timeout
    idle_session: Timeout | None  # None: before 14
    transaction: Timeout | None  # None: before 17


@dataclass(frozen=True, slots=True)
class TimeoutsByRole:
    """Login roles that are no superusers, with each database that they are seen in or declared for."""

    all: tuple[RoleTimeouts, ...]


@dataclass(frozen=True, slots=True)
class KeepaliveSettings:
    """TCP settings of the server; 0 = the operating system's (two hours of keepalives_idle on Linux)."""

    is_remote: bool  # pgtune itself came over TCP from another host
    tcp_keepalives_idle_s: int
    tcp_keepalives_interval_s: int
    tcp_keepalives_count: int
    tcp_user_timeout_ms: int
    client_connection_check_interval_ms: int | None  # None: before 14


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """Memory in bytes."""

    shared_buffers_bytes: int
    work_mem_bytes: int
    hash_mem_multiplier: float  # 1.0 before 13, default 2.0 since 15
    maintenance_work_mem_bytes: int
    autovacuum_work_mem_bytes: int  # -1 = maintenance_work_mem
    autovacuum_max_workers: int
    max_parallel_workers: int
    max_parallel_workers_per_gather: int
    ram_bytes: int | None  # of the machine, where declared or seen; None: not known


@dataclass(frozen=True, slots=True)
class Route:
    """How pgtune reached the server: directly, or through something that shares sessions."""

    announced_pid: int  # that the start of the connection told
    backend_pid: int  # that pg_backend_pid() says
    backend_age_at_connect_s: float  # how much older the backend is than our connection; 0 = ours
    libpq_version: int  # 170005 = 17.5
    is_shared_by_transaction: bool | None  # None: not pooled, or not told

    @property
    def is_pooled(self) -> bool:
        """True when a proxy lends us a session of its own."""
        return self.announced_pid != self.backend_pid


class SessionFeature(Enum):
    """What a session keeps beyond a transaction, so that a pooler by transaction breaks or pins it."""

    SET = "SET"
    LISTEN = "LISTEN"
    TEMPORARY_TABLE = "temporary table"
    ADVISORY_LOCK = "session advisory lock"
    HELD_CURSOR = "cursor WITH HOLD"
    PREPARE = "PREPARE"
    CURRVAL = "currval or lastval"


@dataclass(frozen=True, slots=True)
class SessionBoundStatement:
    """A statement of pg_stat_statements that relies on its session."""

    feature: SessionFeature
    query: str
    query_id: int
    calls: int
    role: str


@dataclass(frozen=True, slots=True)
class SessionBoundStatements:
    """All of them, by falling calls."""

    all: tuple[SessionBoundStatement, ...]
