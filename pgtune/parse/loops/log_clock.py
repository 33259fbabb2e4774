"""The timestamp of a log entry in; milliseconds that can be subtracted out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

# %m of log_line_prefix, and the first column of csvlog; %t has no milliseconds and cannot tell pauses.
TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)[.,](\d{3})")
EPOCH = re.compile(r"\d{10}\.\d{3}")  # %n


def clock_ms(timestamp: str | None) -> float | None:
    """Return milliseconds since the epoch in the log's own time zone; None without a date or milliseconds."""
    if timestamp is None:
        return None
    match = TIMESTAMP.match(timestamp)
    if match is None:
        return float(timestamp.replace(".", "")) if EPOCH.fullmatch(timestamp) else None
    second, milliseconds = match.groups()
    begin_ms = _begin_of_second_ms(second)
    return None if begin_ms is None else begin_ms + int(milliseconds)


@lru_cache(maxsize=16)
def _begin_of_second_ms(second: str) -> float | None:
    try:
        return 1000.0 * datetime.fromisoformat(second).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
