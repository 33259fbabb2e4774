"""One connection pool of one process, as an application declares it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pgtune.model.place import Place


class PoolKind(Enum):
    """The library that keeps the connections; its words and defaults differ from the others'."""

    PSYCOPG = "psycopg_pool"
    SQLALCHEMY = "sqlalchemy"
    DJANGO = "django"
    PRISMA = "prisma"
    NODE_POSTGRES = "node-postgres"
    HIKARI = "hikaricp"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class DeclaredPool:
    """What one process may open. None: not declared, and no default of the library is known."""

    name: str  # "main"
    place: Place
    kind: PoolKind = PoolKind.OTHER
    max_size: int | None = None  # connections at most, overflow not counted
    min_size: int | None = None  # kept open when idle
    overflow: int = 0  # opened beyond max_size for a while (SQLAlchemy: max_overflow)
    idle_timeout_s: float | None = None  # after which a surplus connection is closed; psycopg_pool: max_idle
    connect_timeout_s: float | None = None  # of opening one connection
    acquire_timeout_s: float | None = None  # of waiting for a free one
    max_lifetime_s: float | None = None
    check: bool | None = None  # each connection is tried before it is handed out
    max_waiting: int | None = None  # clients in the queue; 0 = no limit
    prepares: bool | None = None  # statements are prepared on the server by name
    keepalives_idle_s: float | None = None  # TCP keepalive of the client; 0 = off
    opened_in_constructor: bool | None = None
    statement_timeout_s: float | None = None  # that its sessions start with; 0 = none
    role: str | None = None  # that it connects as
    database: str | None = None
    application_name: str | None = None
    pooler: str | None = None  # name of the pooler it connects to; None = to PostgreSQL itself
    processes: int | None = None  # of each replica that have it, where not all that the service has

    @property
    def most(self) -> int | None:
        """Connections of one process at most, overflow included; None when not known."""
        return None if self.max_size is None else self.max_size + self.overflow
