"""Measured seconds in, words out: rounded, for durations that nobody wrote down."""

from __future__ import annotations

_MINUTE_S, _HOUR_S, _DAY_S = 60.0, 3600.0, 86_400.0


def in_words(seconds: float) -> str:
    """In one unit: "350 ms", "45 s", "350 s", "5 min", "1 h", "4.5 days"."""
    if 0 < seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 2 * _MINUTE_S or (seconds < 10 * _MINUTE_S and seconds % _MINUTE_S):
        return f"{_rounded(seconds)} s"
    if seconds < _HOUR_S or (seconds < 2 * _HOUR_S and seconds % _HOUR_S):
        return f"{_rounded(seconds / _MINUTE_S)} min"
    if seconds < 2 * _DAY_S:
        return f"{_rounded(seconds / _HOUR_S)} h"
    return f"{_rounded(seconds / _DAY_S)} days"


def _rounded(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0") if number < 10 else f"{number:.0f}"
