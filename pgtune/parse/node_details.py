"""From the keys of one plan node to the details of its kind: sorts, hashes, caches, workers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pgtune.model.node_details import (
    HashAggregation,
    HashTable,
    HeapBlocks,
    IncrementalSortGroups,
    ResultCache,
    SortSpace,
    Storage,
    Worker,
)

RawNode = Mapping[str, Any]

KEYS = frozenset(
    {"Sort Method", "Sort Space Used", "Sort Space Type", "Full-sort Groups", "Pre-sorted Groups"}
    | {"Hash Buckets", "Original Hash Buckets", "Hash Batches", "Original Hash Batches", "Peak Memory Usage"}
    | {"HashAgg Batches", "Planned Partitions", "Disk Usage"}
    | {"Cache Key", "Cache Mode", "Cache Hits", "Cache Misses", "Cache Evictions", "Cache Overflows"}
    | {"Exact Heap Blocks", "Lossy Heap Blocks", "Storage", "Maximum Storage"}
)


def read(raw: RawNode) -> dict[str, Any]:
    """Return the PlanNode fields that the node's own kind fills; others keep their defaults."""
    workers: list[RawNode] = list(raw.get("Workers") or ())
    fields: dict[str, Any] = {}
    for key, field, reader in _READERS:
        if key in raw:
            fields[field] = reader(raw)
    if workers:
        fields["workers"] = tuple(_worker(worker) for worker in workers)
        fields["worker_sorts"] = tuple(_sort(worker) for worker in workers if "Sort Method" in worker)
        fields["worker_hash_aggregations"] = tuple(
            _hash_aggregation(worker) for worker in workers if "HashAgg Batches" in worker
        )
    if "Exact Heap Blocks" in raw or any("Exact Heap Blocks" in worker for worker in workers):
        fields["heap_blocks"] = _heap_blocks(raw, workers)
    return fields


def _sort(raw: RawNode) -> SortSpace:
    return SortSpace(
        method=str(raw["Sort Method"]),
        space_kb=int(raw.get("Sort Space Used", 0)),
        on_disk=raw.get("Sort Space Type") == "Disk",
    )


def _hash_table(raw: RawNode) -> HashTable:
    buckets, batches = int(raw["Hash Buckets"]), int(raw.get("Hash Batches", 1))
    return HashTable(
        buckets=buckets,
        original_buckets=int(raw.get("Original Hash Buckets", buckets)),
        batches=batches,
        original_batches=int(raw.get("Original Hash Batches", batches)),
        peak_memory_kb=int(raw.get("Peak Memory Usage", 0)),
    )


def _hash_aggregation(raw: RawNode) -> HashAggregation:
    return HashAggregation(
        planned_partitions=int(raw.get("Planned Partitions", 0)),
        batches=int(raw.get("HashAgg Batches", 0)),
        peak_memory_kb=int(raw.get("Peak Memory Usage", 0)),
        disk_kb=int(raw.get("Disk Usage", 0)),
    )


def _result_cache(raw: RawNode) -> ResultCache:
    return ResultCache(
        key=str(raw["Cache Key"]),
        mode=str(raw.get("Cache Mode", "logical")),
        hits=int(raw.get("Cache Hits", 0)) + _worker_sum(raw, "Cache Hits"),
        misses=int(raw.get("Cache Misses", 0)) + _worker_sum(raw, "Cache Misses"),
        evictions=int(raw.get("Cache Evictions", 0)) + _worker_sum(raw, "Cache Evictions"),
        overflows=int(raw.get("Cache Overflows", 0)) + _worker_sum(raw, "Cache Overflows"),
        peak_memory_kb=int(raw.get("Peak Memory Usage", 0)),
    )


def _worker_sum(raw: RawNode, key: str) -> int:
    return sum(int(worker.get(key, 0)) for worker in raw.get("Workers") or ())


def _heap_blocks(raw: RawNode, workers: list[RawNode]) -> HeapBlocks:
    parts = [raw, *workers]
    return HeapBlocks(
        exact=sum(int(part.get("Exact Heap Blocks", 0)) for part in parts),
        lossy=sum(int(part.get("Lossy Heap Blocks", 0)) for part in parts),
    )


def _storage(raw: RawNode) -> Storage:
    return Storage(on_disk=raw["Storage"] == "Disk", max_kb=int(raw.get("Maximum Storage", 0)))


def _sort_groups(key: str, raw: RawNode) -> IncrementalSortGroups:
    groups = raw[key]
    memory: Mapping[str, Any] = groups.get("Sort Space Memory") or {}
    disk: Mapping[str, Any] = groups.get("Sort Space Disk") or {}
    return IncrementalSortGroups(
        groups=int(groups.get("Group Count", 0)),
        methods=tuple(groups.get("Sort Methods Used") or ()),
        peak_memory_kb=int(memory.get("Peak Sort Space Used", 0)),
        peak_disk_kb=int(disk.get("Peak Sort Space Used", 0)),
    )


def _full_sort_groups(raw: RawNode) -> IncrementalSortGroups:
    return _sort_groups("Full-sort Groups", raw)


def _presorted_groups(raw: RawNode) -> IncrementalSortGroups:
    return _sort_groups("Pre-sorted Groups", raw)


def _worker(raw: RawNode) -> Worker:
    total_ms = raw.get("Actual Total Time")
    return Worker(
        number=int(raw["Worker Number"]),
        rows=float(raw.get("Actual Rows", 0)),
        loops=int(raw.get("Actual Loops", 0)),
        total_ms=None if total_ms is None else float(total_ms),
        accessed_blocks=sum(
            int(raw.get(key, 0))
            for key in ("Shared Hit Blocks", "Shared Read Blocks", "Local Hit Blocks", "Local Read Blocks")
        ),
    )


_READERS = (
    ("Sort Method", "sort", _sort),
    ("Full-sort Groups", "full_sort_groups", _full_sort_groups),
    ("Pre-sorted Groups", "presorted_groups", _presorted_groups),
    ("Hash Buckets", "hash_table", _hash_table),
    ("HashAgg Batches", "hash_aggregation", _hash_aggregation),
    ("Cache Key", "result_cache", _result_cache),
    ("Storage", "storage", _storage),
)
