"""An index is far larger than one that is built now.

A page of a B-tree that is half empty stays: VACUUM gives back only those that are empty, and new keys fill
the gaps only where they fall into them. After many deletes, or updates of a column in the key, a scan reads
blocks that hold little. How large a fresh build would be is computed from rows, widths and distinct values.

Instead of:
    SELECT pg_relation_size('jobs_state_idx');  -- 900 MB for 2 million rows
Use:
    REINDEX INDEX CONCURRENTLY jobs_state_idx;

REINDEX CONCURRENTLY needs disk space for the second copy while it runs.

Ignore when: the table shrank for a short time, and the index will fill again.
Source: https://www.postgresql.org/docs/current/routine-reindex.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.existing_indexes import ExistingIndexes
from pgtune.model.finding import Cause, Symptom
from pgtune.model.index_actions import rebuild_action
from pgtune.model.memory import format_kb

MIN_BLOAT_RATIO = 2.0  # of the size to that of a fresh build; below, the estimate may be wrong; chosen
MIN_WASTED_MB = 10.0  # below, a rebuild is not worth the trouble; chosen


def check(
    existing: ExistingIndexes,
    *,
    min_bloat_ratio: float = MIN_BLOAT_RATIO,
    min_wasted_mb: float = MIN_WASTED_MB,
) -> Iterator[Symptom]:
    """Yield each index that a rebuild would make much smaller; parts of a partitioned one by themselves."""
    for index in existing.indexes:
        fresh_bytes = existing.fresh_bytes.get(index.name)
        if fresh_bytes is None or not index.valid or index.size_bytes is None:
            continue
        wasted_bytes = index.size_bytes - fresh_bytes
        if index.size_bytes < min_bloat_ratio * fresh_bytes or wasted_bytes < min_wasted_mb * 1024**2:
            continue
        yield Symptom(
            message=f"{existing.label(index)} would be about {format_kb(fresh_bytes / 1024)} if built now",
            cause=Cause.INDEX,
            frees_bytes=wasted_bytes,
            object=str(index.name),
            at=f"index {index.name}",
            detail=f"It is {index.size_bytes / max(1, fresh_bytes):.1f} times as large as it needs to be.",
            hint="Build it anew.",
            action=rebuild_action(index),
        )
