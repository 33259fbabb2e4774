"""An index and what is written to its table in; what keeping the index costs, in planner units, out.

Measured on the embedded 18.6 with a table of 1 M rows in cache, where a sequential scan does 634 planner
units a millisecond: 200,000 rows inserted with one more B-tree on ascending values took 0.30 units more per
row, on random ones 1.5 (1.7 with two INCLUDE columns). With two clients of pgbench on the sample, each
update that was no longer HOT took 27 to 88 microseconds more, the entries in four or five indexes among them:
pages are no longer pruned on the way, and every index keeps the dead entries until VACUUM.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pgtune.model.catalog import CatalogIndex
from pgtune.model.index_advice import WriteCost
from pgtune.model.planner import Hypothetical
from pgtune.model.workload import Write

# Measured: what a sequential scan of cached pages does.
UNITS_PER_MS = 634.0
# Chosen, of 10 to 50 measured: an update that is no longer HOT, besides its entries.
LOST_HOT_COST = 15.0
# Measured: planner units for one B-tree entry, page in cache.
ASCENDING_ENTRY_COST = 0.3
RANDOM_ENTRY_COST = 1.5
# Chosen: a row of ten array elements took 4 units more with the pending list of a GIN index, 70 without.
GIN_ROW_COST = 15.0
# Measured: a BRIN index costs nothing that can be told from noise.
BRIN_ROW_COST = 0.0
# Chosen: values that follow the physical order so closely arrive in order.
ASCENDING_CORRELATION = 0.95
# Since 16 a change of columns that only BRIN has stays HOT (amsummarizing).
_SUMMARIZING_HOT_VERSION = 160000

_STRING = re.compile(r"'(?:[^']|'')*'")
_IDENTIFIER = re.compile(r'"((?:[^"]|"")+)"|([A-Za-z_][\w$]*)')


@dataclass(frozen=True, slots=True)
class KeptIndex:
    """An index as far as writes care, planned or existing."""

    access_method: str
    columns: frozenset[str]  # in the key, INCLUDE, expressions and the predicate
    size_bytes: int
    entries_per_row: float  # 1, or the share of the rows that the predicate keeps


@dataclass(frozen=True, slots=True)
class TableWrites:
    """Rows written to a table in the period of the workload, and what the table is like."""

    inserted: float
    updated: float
    hot_updated: float  # of those updated
    updates: tuple[Write, ...]  # of this table, by statement
    rows: float
    row_bytes: float  # of the heap, with overhead
    indexes: int  # that exist


@dataclass(frozen=True, slots=True)
class Machine:
    """Settings that decide what a touched page costs."""

    version_num: int
    cache_bytes: int  # effective_cache_size
    random_page_cost: float = 4.0


def kept_candidate(candidate: Hypothetical, rows: float) -> KeptIndex:
    """A hypothetical index of a table of so many rows."""
    index = candidate.index
    texts = [part.text for part in index.key if part.is_expression]
    share = min(1.0, candidate.size.entries / rows) if index.predicate and rows > 0 else 1.0
    columns = index.columns | _mentioned([*texts, index.predicate or ""])
    return KeptIndex(index.access_method, columns, candidate.size.size_bytes, share)


def kept_existing(index: CatalogIndex) -> KeptIndex:
    """An index that exists; a partial one is taken to hold every row."""
    texts = [key.text for key in index.keys if key.is_expression]
    plain = {key.text for key in index.keys if not key.is_expression}
    columns = plain.union(index.include, _mentioned([*texts, index.predicate or ""]))
    return KeptIndex(index.access_method, frozenset(columns), index.size_bytes or 0, 1.0)


def write_cost(
    index: KeptIndex, table: TableWrites, machine: Machine, correlation: float | None = None
) -> WriteCost:
    """What the index adds to the writes; *correlation* is that of its leading column.

    A row that is inserted, or updated and not HOT, gets an entry in every index. An update that was HOT and
    changes a column of this index no longer is, and costs an entry in each of the other indexes too. Two new
    indexes on the same updated column are both charged for that.
    """
    touching = [write for write in table.updates if write.columns & index.columns]
    hot_share = table.hot_updated / table.updated if table.updated else 0.0
    lost = min(sum(write.rows for write in touching) * hot_share, table.hot_updated)
    if index.access_method == "brin" and machine.version_num >= _SUMMARIZING_HOT_VERSION:
        lost = 0.0
    rows = table.inserted + (table.updated - table.hot_updated) + lost
    entries = rows * index.entries_per_row
    own = _entry_cost(index, correlation) + _missed_page_cost(index, machine)
    cost = entries * own + lost * (table.indexes * RANDOM_ENTRY_COST + LOST_HOT_COST)
    held = table.rows * index.entries_per_row
    entry_bytes = index.size_bytes / held if held else 0.0
    return WriteCost(
        cost=cost,
        entries=entries,
        bytes_per_table_byte=entry_bytes / table.row_bytes if table.row_bytes else 0.0,
        hot_updates_lost=lost,
        updates=tuple(sorted({name for write in touching for name in write.columns & index.columns})),
    )


def _entry_cost(index: KeptIndex, correlation: float | None) -> float:
    if index.access_method == "brin":
        return BRIN_ROW_COST
    if index.access_method == "gin":
        return GIN_ROW_COST
    ascending = correlation is not None and correlation >= ASCENDING_CORRELATION
    return ASCENDING_ENTRY_COST if ascending else RANDOM_ENTRY_COST


def _missed_page_cost(index: KeptIndex, machine: Machine) -> float:
    """A page is read for an entry as often as the index does not fit the cache."""
    if index.access_method == "brin" or index.size_bytes <= machine.cache_bytes:
        return 0.0
    return machine.random_page_cost * (1 - machine.cache_bytes / index.size_bytes)


def _mentioned(texts: Iterable[str]) -> frozenset[str]:
    """Every identifier of SQL expressions; functions and key words among them harm nothing."""
    return frozenset(
        quoted.replace('""', '"') or plain.lower()
        for text in texts
        for quoted, plain in _IDENTIFIER.findall(_STRING.sub("", text))
    )
