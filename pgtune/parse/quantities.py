"""Sizes and shares as users write them in, bytes and fractions out."""

from __future__ import annotations

import re

from pgtune.errors import UsageError

# PostgreSQL's own units are powers of 1024 (guc.c), and so are these.
_UNIT_BYTES = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_SIZE = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[kmgt]?)i?b?", re.IGNORECASE)
_SHARE = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<percent>%?)")


def parse_size_bytes(text: str) -> int:
    """Return the bytes of "500MB", "1.5 GB", "64kB" or a bare number of bytes.

    Raises:
        UsageError: it is none of these.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f'"{text}" is no size; write 500MB or 1.5GB')
    return round(float(match["number"]) * _UNIT_BYTES[match["unit"].lower()])


def parse_share(text: str) -> float:
    """Return the fraction of "10%" or "0.1".

    Raises:
        UsageError: it is neither.
    """
    match = _SHARE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f'"{text}" is no share; write 10% or 0.1')
    return float(match["number"]) / (100 if match["percent"] else 1)
