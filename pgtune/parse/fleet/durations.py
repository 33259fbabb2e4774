"""Durations as people write them in, seconds out."""

from __future__ import annotations

import re

_UNIT_S = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|min|h|d)?")


def parse_duration_s(text: str, *, unit: str = "s") -> float | None:
    """Return the seconds of "30s", "5min", "1h"; *unit* is a bare number's. None: it is none of these."""
    match = _DURATION.fullmatch(text.strip())
    return None if match is None else float(match["number"]) * _UNIT_S[match["unit"] or unit]
