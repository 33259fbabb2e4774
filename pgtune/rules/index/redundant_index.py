"""An index is the beginning of another one, which can do all that it does.

A B-tree on (user_id, created_at) finds the rows of a user as well as one on (user_id) does, and can be read
backwards. Without the shorter one each insert, and each update that is not HOT, writes an entry less. Indexes
with another predicate, operator class or collation, and unique ones, are not taken for redundant.

The longer index is larger, though, so that a scan of many entries reads more blocks: where it is several
times as large, the finding is only an info, and the queries should be compared without the shorter one first.

Instead of:
    CREATE INDEX orders_user_id_idx ON orders (user_id);
    CREATE INDEX orders_user_id_created_at_idx ON orders (user_id, created_at);
Use:
    DROP INDEX CONCURRENTLY orders_user_id_idx;

Ignore when: the shorter index is far smaller (equal keys share their entries from 13 on), and read most.
Source: https://www.postgresql.org/docs/current/indexes-multicolumn.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.catalog import CatalogIndex
from pgtune.model.existing_indexes import ExistingIndexes
from pgtune.model.finding import Cause, Severity, Symptom
from pgtune.model.index_actions import drop_action
from pgtune.model.index_duty import duties
from pgtune.rules.index_overlap import covers, keeping_order, shape

MAX_SIZE_RATIO = 3.0  # of the longer index to the shorter one, above which dropping may not pay; chosen


def check(existing: ExistingIndexes, *, max_size_ratio: float = MAX_SIZE_RATIO) -> Iterator[Symptom]:
    """Yield each index that a longer one makes superfluous."""
    for relation in existing.catalog.relations.values():
        valid = [index for index in relation.indexes if index.valid]
        longer = {
            index.name: [other for other in valid if _outdoes(other, index, existing)] for index in valid
        }
        for index in valid:
            lasting = [other for other in longer[index.name] if duties(other) or not longer[other.name]]
            if lasting and not duties(index):
                smallest = min(lasting, key=lambda each: (existing.size_bytes(each), each.name))
                yield _symptom(index, smallest, existing, max_size_ratio)


def _outdoes(longer: CatalogIndex, index: CatalogIndex, existing: ExistingIndexes) -> bool:
    """True for an index that covers, is no duplicate, and will be there: nobody drops it as unused."""
    if not covers(longer, index) or shape(longer) == shape(index):
        return False
    if covers(index, longer):  # the same backwards: one of the two stays
        return keeping_order(longer, existing) < keeping_order(index, existing)
    return bool(duties(longer)) or existing.scans(longer) != 0 or existing.scans(index) == 0


def _symptom(
    index: CatalogIndex, longer: CatalogIndex, existing: ExistingIndexes, max_size_ratio: float
) -> Symptom:
    size_bytes = existing.size_bytes(index)
    ratio = existing.size_bytes(longer) / size_bytes if size_bytes else 1.0
    fat = ratio > max_size_ratio
    return Symptom(
        message=f"{existing.label(index)} is covered by {existing.label(longer)}",
        cause=Cause.INDEX,
        frees_bytes=size_bytes,
        max_severity=Severity.INFO if fat else Severity.ERROR,
        object=str(index.name),
        at=f"index {index.name}",
        detail=_detail(index, longer, ratio),
        hint="Compare the queries without it first, then drop it." if fat else "Drop it.",
        action=drop_action(index),
    )


def _detail(index: CatalogIndex, longer: CatalogIndex, ratio: float) -> str:
    key, longer_key = ", ".join(index.key), ", ".join(longer.key)
    if len(index.keys) < len(longer.keys):
        how = f"Its key ({key}) is the beginning of ({longer_key})."
    elif index.keys == longer.keys:
        how = f"Both have the key ({key}), and the other one includes more columns."
    else:
        how = f"Both have the key ({key}), and a B-tree is read in both directions."
    return f"{how} The other one is {ratio:.1f} times its size." if ratio >= 1.05 else how
