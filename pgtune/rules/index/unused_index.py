"""An index was not scanned once since the server began to count.

It costs all the same: each insert, and each update that is not HOT, writes an entry, VACUUM cleans it, and
it takes up disk and memory. The server counts scans in pg_stat_all_indexes, until pg_stat_reset() or a crash
sets them to 0; a standby counts its own. Indexes that keep keys unique, back constraints or are a replica
identity serve without being scanned, and are not reported. The indexes of partitions are judged together.

A finding is only an info where something speaks against it: few days were counted, the server is a standby,
the check of a foreign key searches by the index, its expressions have statistics that the planner uses
without scanning it, or it is small.

Instead of:
    SELECT indexrelname FROM pg_stat_user_indexes WHERE idx_scan = 0;  -- with the primary keys
Use:
    DROP INDEX CONCURRENTLY orders_note_idx;

Ignore when: a yearly batch needs the index, or it is younger than the counters.
Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ALL-INDEXES-VIEW
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.catalog import CatalogIndex
from pgtune.model.existing_indexes import ExistingIndexes
from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.index_actions import drop_action
from pgtune.model.index_duty import duties
from pgtune.model.names import quote_ident
from pgtune.rules.foreign_key_index import serves

MIN_DAYS = 35.0  # of counting: a month with its end; a yearly batch needs more; chosen
MIN_SIZE_MB = 1.0  # below, dropping saves little; chosen


def check(
    existing: ExistingIndexes, *, min_days: float = MIN_DAYS, min_size_mb: float = MIN_SIZE_MB
) -> Iterator[Symptom | Note]:
    """Yield each index without a scan; those that serve without scans as notes, if they are large."""
    for index in existing.indexes:
        if not index.valid or index.parent is not None or existing.scans(index) != 0:
            continue
        is_small = existing.size_bytes(index) < min_size_mb * 1024**2
        if kept := duties(index):
            if not is_small:
                why = kept[0].of(index)
                yield Note(f"{existing.label(index)} was not scanned once, and stays: {why}", None)
            continue
        doubts = [*_short_period(existing, min_days), *_other_uses(index, existing)]
        yield _symptom(index, existing, doubts, is_small=is_small)


def _symptom(index: CatalogIndex, existing: ExistingIndexes, doubts: list[str], *, is_small: bool) -> Symptom:
    elsewhere = _standbys(existing)
    written = existing.entries_written(index)
    cost = f"Inserts and updates wrote up to {written:,} entries meanwhile." if written else ""
    days = existing.counted_days
    period = f"in {days:,.0f} days" if days is not None else "since counting began"
    return Symptom(
        message=f"{existing.label(index)} was not scanned once {period}",
        cause=Cause.INDEX,
        frees_bytes=existing.size_bytes(index),
        max_severity=Severity.INFO if doubts or is_small else Severity.ERROR,
        object=str(index.name),
        at=f"index {index.name}",
        detail=" ".join(filter(None, (cost, *doubts, elsewhere))),
        hint="Make sure that nothing needs it, then drop it." if doubts or elsewhere else "Drop it.",
        action=drop_action(index),
    )


def _short_period(existing: ExistingIndexes, min_days: float) -> Iterator[str]:
    days = existing.counted_days
    if days is None:
        yield "How long the server has counted is not known."
    elif days < min_days:
        yield f"Only {days:,.0f} days were counted; {min_days:,.0f} are worth trusting."
    if existing.in_recovery:
        yield "The counters are those of a standby: the primary may scan it."


def _other_uses(index: CatalogIndex, existing: ExistingIndexes) -> Iterator[str]:
    relation = existing.catalog.relations[index.relation]
    staying = [other for other in relation.indexes if existing.scans(other) != 0 or duties(other)]
    for key in relation.foreign_keys:
        if serves(index, key) and not any(serves(other, key) for other in staying):
            yield (
                f"No index that is used finds the rows that refer to a deleted row of {key.referenced} "
                f"(foreign key {quote_ident(key.name)})."
            )
            break
    if expressions := [part.text for part in index.keys if part.is_expression]:
        yield f"ANALYZE keeps statistics of {', '.join(expressions)} with it, which estimates may rest on."


def _standbys(existing: ExistingIndexes) -> str:
    if existing.in_recovery or existing.standbys == 0:
        return ""
    if existing.standbys is None:
        return "Whether there are standbys is not known: each counts for itself."
    who = "A standby is" if existing.standbys == 1 else f"{existing.standbys} standbys are"
    return f"{who} connected and counts for itself: look at pg_stat_user_indexes there as well."
