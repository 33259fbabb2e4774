"""What EXPLAIN prints of one kind of plan node only: sorts, hashes, caches, bitmaps, workers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SortSpace:
    """How one process sorted."""

    method: str  # "quicksort", "top-N heapsort", "external merge", "external sort", "still in progress"
    space_kb: int
    on_disk: bool


@dataclass(frozen=True, slots=True)
class IncrementalSortGroups:
    """Full-sort or pre-sorted groups of an Incremental Sort (13 and later)."""

    groups: int
    methods: tuple[str, ...]
    peak_memory_kb: int
    peak_disk_kb: int


@dataclass(frozen=True, slots=True)
class HashTable:
    """The table that a Hash node built."""

    buckets: int
    original_buckets: int
    batches: int  # 1 = it fitted in memory
    original_batches: int  # below batches = the planner expected fewer
    peak_memory_kb: int


@dataclass(frozen=True, slots=True)
class HashAggregation:
    """Memory of a HashAggregate (13 and later)."""

    planned_partitions: int
    batches: int  # 1 = in memory, 0 = this process had nothing to do
    peak_memory_kb: int
    disk_kb: int


@dataclass(frozen=True, slots=True)
class ResultCache:
    """A Memoize node's cache (14 and later); counters are totals over all loops."""

    key: str
    mode: str  # "logical" or "binary"
    hits: int
    misses: int
    evictions: int
    overflows: int
    peak_memory_kb: int


@dataclass(frozen=True, slots=True)
class HeapBlocks:
    """Pages a Bitmap Heap Scan visited; totals. Before 18 the leader's only, later workers' are added."""

    exact: int
    lossy: int


@dataclass(frozen=True, slots=True)
class Storage:
    """Tuple store of a Materialize, CTE Scan, WindowAgg, ... (18 and later)."""

    on_disk: bool
    max_kb: int


@dataclass(frozen=True, slots=True)
class Worker:
    """One parallel worker's part of a node (needs VERBOSE in JSON)."""

    number: int
    rows: float  # per loop
    loops: int
    total_ms: float | None  # per loop
    accessed_blocks: int


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger's run time; part of the execution time, outside the plan tree."""

    name: str
    constraint: str | None  # the constraint that it enforces, for foreign keys
    relation: str | None  # not printed when all triggers are of the target relation
    ms: float | None  # None with TIMING OFF
    calls: int


@dataclass(frozen=True, slots=True)
class Jit:
    """Just-in-time compilation of the statement."""

    functions: int
    total_ms: float | None
    generation_ms: float
    inlining_ms: float
    optimization_ms: float
    emission_ms: float
