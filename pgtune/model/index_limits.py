"""How far advice on indexes may go."""

from __future__ import annotations

from dataclasses import dataclass

# Chosen: what Azure's automatic tuning lets a query lose.
MAX_REGRESSION = 0.10
# Measured: on 2 cores the whole command then takes at most 10 s for the 19 queries of TPC-H at scale 1.
TIME_LIMIT_MS = 7_000
# Chosen: beyond this, new indexes weigh more in backups, caches and writes than most of them bring.
DEFAULT_BUDGET_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class IndexLimits:
    """What a project allows; a flag goes before it."""

    budget_bytes: int | None = None  # of new indexes, fresh builds; None: DEFAULT_BUDGET_SHARE of the tables
    max_indexes: int | None = None
    max_regression: float = MAX_REGRESSION  # share by which any one query may get dearer
    time_limit_ms: int = TIME_LIMIT_MS  # of the search
