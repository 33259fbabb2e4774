"""What the user asked `pgtune equivalent` to do, options and settings put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pgtune.cli.target import Target
from pgtune.model.equivalence import TestLimits
from pgtune.model.pool_settings import PoolSettings


@dataclass(frozen=True, slots=True)
class EquivalentRequest:
    """Two files, where their tables come from, and how hard to try."""

    original: str  # a path, or "-"
    rewritten: str
    target: Target
    schema: Path | None = None  # a SQL file
    snapshot: Path | None = None
    postgres_bin: Path | None = None
    limits: TestLimits = TestLimits()
    data: bool = False  # compare on the user's rows too
    params: Mapping[str, str | None] = field(default_factory=dict)  # of --param, for --data; None = NULL
    pool: PoolSettings = PoolSettings()
    timeout_ms: int = 60_000  # of each statement that --data runs
    lock_timeout_ms: int = 2_000
