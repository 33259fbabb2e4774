"""What the user asked `pgtune explain` to do, options and settings put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pgtune.cli.target import Target
from pgtune.model.policy import Policy
from pgtune.model.pool_settings import PoolSettings


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """How to explain; the same for all inputs."""

    target: Target
    policy: Policy = Policy()
    pool: PoolSettings = PoolSettings()
    params: Mapping[str, str | None] = field(default_factory=dict)  # of --param; None = NULL
    analyze: bool = True
    serialize: bool = False
    allow_writes: bool = False
    timeout_ms: int = 60_000
    lock_timeout_ms: int = 5_000
    repeat: int = 1
    snapshot: Path | None = None  # plan on a shadow of it; nothing is run there
    postgres_bin: Path | None = None
    try_cures: bool = True  # proposed indexes on a shadow, and rewrites
