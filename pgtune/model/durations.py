"""Seconds in, a duration for people out."""

from __future__ import annotations

_MINUTE_S = 60
_HOUR_S = 3600


def format_s(seconds: float) -> str:
    """A duration in the largest unit that states it exactly: ``350 s``, ``10 min``, ``1 h``, ``1.5 s``."""
    if seconds and seconds % _HOUR_S == 0:
        return f"{seconds / _HOUR_S:g} h"
    if seconds and seconds % _MINUTE_S == 0:
        return f"{seconds / _MINUTE_S:g} min"
    return f"{seconds:g} s"
