"""A pooler between services and server, as a project declares it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pgtune.model.place import Place


class PoolMode(Enum):
    """When a server connection goes back to the pool."""

    SESSION = "session"
    TRANSACTION = "transaction"
    STATEMENT = "statement"


class PoolerKind(Enum):
    """The program, whose words and defaults differ from the others'."""

    PGBOUNCER = "pgbouncer"
    PGDOG = "pgdog"
    SUPAVISOR = "supavisor"
    RDS_PROXY = "rds-proxy"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class DeclaredPooler:
    """Defaults are those of PgBouncer 1.25 (pgbouncer.org/config.html)."""

    name: str
    place: Place
    kind: PoolerKind = PoolerKind.PGBOUNCER
    version: str | None = None  # "1.25.2"
    instances: int = 1  # each has its own pools
    mode: PoolMode = PoolMode.SESSION
    default_pool_size: int = 20  # server connections for each pair of user and database
    reserve_pool_size: int = 0  # more for each pair, where clients wait
    max_client_conn: int = 100
    databases: int = 1
    users: int = 1
    max_db_connections: int = 0  # of one database, all users together; 0 = no limit
    max_user_connections: int = 0  # of one user, all databases together; 0 = no limit
    max_prepared_statements: int | None = None  # per server connection; None = the version's default
    server_idle_timeout_s: float = 600.0
    server_lifetime_s: float = 3600.0
    client_idle_timeout_s: float = 0.0  # 0 = never
    query_wait_timeout_s: float = 120.0
    admin_dsn: str | None = None  # of the admin console, without a password

    @property
    def server_connections(self) -> int:
        """Connections to PostgreSQL at most, of all instances."""
        per_pair = self.default_pool_size + self.reserve_pool_size
        most = per_pair * self.databases * self.users
        if self.max_db_connections:
            most = min(most, self.max_db_connections * self.databases)
        if self.max_user_connections:
            most = min(most, self.max_user_connections * self.users)
        return most * self.instances

    @property
    def client_connections(self) -> int:
        """Connections from clients at most, of all instances."""
        return self.max_client_conn * self.instances
