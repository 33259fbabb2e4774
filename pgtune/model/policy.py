"""What the project has decided about rules: from settings, not from the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pgtune.model.finding import Severity

MIN_SHARE = 0.01  # findings below this part of the statement are hidden unless --all; chosen


@dataclass(frozen=True, slots=True)
class Policy:
    """Ignored rules, severities and thresholds, by rule name."""

    ignored: frozenset[str] = frozenset()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    thresholds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    min_share: float = MIN_SHARE
