"""The options that say how hard to try in, TestLimits out."""

from __future__ import annotations

from pgtune.errors import UsageError
from pgtune.model.equivalence import TestLimits
from pgtune.sources.project_file import parse_duration_ms


def trial_limits(databases: int, time_limit: str | None, seed: int) -> TestLimits:
    """Return the limits of that many test databases, with the default time where no flag says another.

    Raises:
        UsageError: no time is left to test in.
        SettingsError: *time_limit* is no duration.
    """
    defaults = TestLimits()
    limit_ms = defaults.time_limit_ms if time_limit is None else parse_duration_ms(time_limit)
    if limit_ms <= 0:
        raise UsageError(f"--time-limit {time_limit}: no time to test in; give 10s or more")
    return TestLimits(databases, limit_ms, seed)
