"""What the user asked `pgtune suggest-indexes` to do, options and settings put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pgtune.cli.target import Target
from pgtune.model.index_limits import IndexLimits
from pgtune.model.policy import Policy
from pgtune.model.pool_settings import PoolSettings


@dataclass(frozen=True, slots=True)
class SuggestRequest:
    """Where the workload, the statistics and the limits come from."""

    target: Target
    files: tuple[str, ...] = ()  # SQL files and directories
    logs: tuple[str, ...] = ()
    params: Mapping[str, str | None] = field(default_factory=dict)  # of --param; None = NULL
    snapshot: Path | None = None
    postgres_bin: Path | None = None
    limits: IndexLimits = IndexLimits()
    drop: bool = False
    verify: bool = False
    verify_dsn: str | None = None  # of a database that the user calls disposable
    policy: Policy = Policy()
    pool: PoolSettings = PoolSettings()
    timeout_ms: int = 60_000  # of what --verify runs
