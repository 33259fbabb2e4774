"""What one run of `pgtune pool-check` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pgtune.cli.target import Target
from pgtune.model.finding import Severity
from pgtune.model.policy import Policy
from pgtune.model.pool_settings import PoolSettings
from pgtune.sources.fleet_files import FleetFiles


@dataclass(frozen=True, slots=True)
class PoolCheckRequest:
    """Options and settings, checked; ``target`` None asks no server."""

    config: str | None  # settings file; None: the nearest
    files: FleetFiles
    target: Target | None
    exercise_s: float | None
    watch_s: float
    pgbouncers: tuple[str, ...]  # connection strings of admin consoles
    pool_stats: tuple[str, ...]  # files
    history: Path | None
    policy: Policy
    pool: PoolSettings
    fail_on: Severity | None
    timeout_ms: int
    lock_timeout_ms: int
