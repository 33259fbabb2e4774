"""The project's own settings: [tool.pgtune] in pyproject.toml, or pgtune.toml."""

from __future__ import annotations

from dataclasses import dataclass

from pgtune.model.finding import Severity
from pgtune.model.index_limits import IndexLimits
from pgtune.model.policy import Policy
from pgtune.model.pool_settings import PoolSettings


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """Everything that a project can say once for all its runs; flags and environment go before it."""

    policy: Policy = Policy()
    pool: PoolSettings = PoolSettings()
    dsn: str | None = None
    fail_on: Severity | None = Severity.ERROR  # None = never
    timeout_ms: int = 60_000  # statement_timeout of EXPLAIN
    lock_timeout_ms: int = 5_000
    indexes: IndexLimits = IndexLimits()
    baseline: str | None = None  # file of accepted findings
