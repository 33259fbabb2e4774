"""Fractions as messages print them."""

from __future__ import annotations

import math


def percent(part: float, whole: float) -> str:
    """Return "99.9%" of the whole; "100%" only when nothing is left, which rounding would hide."""
    if part >= whole:
        return "100%"
    return f"{math.floor(part / whole * 1000) / 10:.1f}%"
