"""A setting as a user wrote it and its unit in, seconds or bytes out (guc.c, parse_int and parse_real)."""

from __future__ import annotations

import re
from collections.abc import Mapping

# pg_settings.unit may have a number of its own: "8kB".
_QUANTITY = re.compile(
    r"\s*(?P<number>[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)?\s*(?P<unit>[A-Za-z]*)\s*"
)
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {"B": 1, "kB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}


def setting_seconds(text: str, unit: str) -> float | None:
    """Return the seconds of "5min", or of a bare number in *unit*; None when the text is neither."""
    return _scaled(text, unit, _SECONDS)


def setting_bytes(text: str, unit: str) -> int | None:
    """Return the bytes of "4MB", or of a bare number in *unit*; None when the text is neither.

    A negative number stands for another setting and stays as it is.
    """
    if text.strip() == "-1":
        return -1
    scaled = _scaled(text, unit, _BYTES)
    return None if scaled is None else round(scaled)


def _scaled(text: str, unit: str, scales: Mapping[str, float]) -> float | None:
    match = _QUANTITY.fullmatch(text)
    if match is None or match["number"] is None:
        return None
    if match["unit"]:
        scale = scales.get(match["unit"])
        return None if scale is None else float(match["number"]) * scale
    inner = _QUANTITY.fullmatch(unit)
    scale = None if inner is None else scales.get(inner["unit"])
    if inner is None or scale is None:
        return None
    return float(match["number"]) * float(inner["number"] or 1) * scale
