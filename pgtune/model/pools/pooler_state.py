"""What PgBouncer's admin console says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pgtune.model.pools.declared_pooler import PoolMode


@dataclass(frozen=True, slots=True)
class PoolerPool:
    """One row of SHOW POOLS, the most of all samples where several were taken."""

    database: str
    user: str
    mode: PoolMode
    clients_active: int
    clients_waiting: int
    servers_active: int
    servers_idle: int
    servers_used: int
    servers_login: int
    max_wait_s: float

    @property
    def servers(self) -> int:
        """Connections to PostgreSQL."""
        return self.servers_active + self.servers_idle + self.servers_used + self.servers_login


@dataclass(frozen=True, slots=True)
class PoolerDatabase:
    """One row of SHOW DATABASES."""

    name: str
    pool_size: int
    reserve_pool_size: int
    max_connections: int  # 0 = no limit
    current_connections: int
    mode: PoolMode | None  # None = the pooler's


@dataclass(frozen=True, slots=True)
class PoolerTraffic:
    """One row of SHOW STATS: averages of the last stats period, per second or in milliseconds."""

    database: str
    transactions_per_s: float
    avg_wait_ms: float
    avg_transaction_ms: float
    avg_query_ms: float


@dataclass(frozen=True, slots=True)
class PoolerState:
    """One instance of PgBouncer."""

    name: str  # as declared, else host:port
    version: tuple[int, int, int]  # 1.25.2
    config: Mapping[str, str]  # SHOW CONFIG
    pools: tuple[PoolerPool, ...]  # without the console's own
    databases: tuple[PoolerDatabase, ...]
    traffic: tuple[PoolerTraffic, ...]
    samples: int  # how often SHOW POOLS was asked
    always_waiting: tuple[tuple[str, str], ...] = ()  # (database, user) whose clients waited in each sample
    sampled_s: float = 0.0  # from the first sample to the last


@dataclass(frozen=True, slots=True)
class Poolers:
    """Every pooler whose console was asked."""

    all: tuple[PoolerState, ...]
