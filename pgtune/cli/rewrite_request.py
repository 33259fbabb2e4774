"""What the user asked `pgtune suggest-rewrites` to do, options and settings put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pgtune.cli.target import Target
from pgtune.model.equivalence import TestLimits
from pgtune.model.policy import Policy
from pgtune.model.pool_settings import PoolSettings


@dataclass(frozen=True, slots=True)
class RewriteRequest:
    """Where statements and statistics come from, and how rewrites are checked."""

    target: Target
    files: tuple[str, ...] = ()  # SQL files and directories
    logs: tuple[str, ...] = ()
    params: Mapping[str, str | None] = field(default_factory=dict)  # of --param; None = NULL
    snapshot: Path | None = None
    postgres_bin: Path | None = None
    limits: TestLimits = TestLimits()
    data: bool = False  # compare on the user's rows too
    measure: bool = False
    measure_dsn: str | None = None  # of a database that the user calls disposable
    policy: Policy = Policy()
    pool: PoolSettings = PoolSettings()
    timeout_ms: int = 60_000  # of what --data and --measure run
    lock_timeout_ms: int = 2_000
