"""A Memoize cache does not pay: it is too small for its keys, or the keys seldom repeat.

Memoize (14 and later) keeps the inner rows of a nested loop by the value they were looked up with, in
work_mem times hash_mem_multiplier. When the cache is full, the entries not used for longest are evicted,
and looked up again when their key returns. When nearly every key is new, the cache is work for nothing: the
planner took the number of distinct keys for smaller than it is.

Instead of:
    SELECT * FROM orders o JOIN users u ON u.id = o.user_id;  -- Hits: 900  Misses: 49100  Evictions: 46000
Use:
    SET LOCAL work_mem = '16MB';                                     -- when entries are evicted
    ALTER TABLE orders ALTER COLUMN user_id SET (n_distinct = -0.9); -- when keys do not repeat; then ANALYZE

Ignore when: hits still outnumber misses by far.
Source: https://www.postgresql.org/docs/current/runtime-config-query.html#GUC-ENABLE-MEMOIZE
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.catalog import Catalog
from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.memory import MemorySettings, format_kb, memory_settings, suggest_hash_mem
from pgtune.model.node_details import ResultCache
from pgtune.model.plan import PlanNode

MIN_LOOKUPS = 1000  # hits and misses; chosen
MIN_HIT_FRACTION = 0.5  # of the look-ups; below, the cache costs about what it saves; chosen
RETURNING_FRACTION = 0.5  # of the lost entries: some keys never return; chosen
MIN_EVICTED_FRACTION = 0.1  # of the misses; fewer hardly matter; chosen


def check(
    plan: MeasuredPlan,
    catalog: Catalog | None,
    *,
    min_lookups: float = MIN_LOOKUPS,
    min_hit_fraction: float = MIN_HIT_FRACTION,
) -> Iterator[Symptom]:
    """Yield each cache that evicts what it needs again, or is seldom hit."""
    for node, _ in plan.measured():
        cache = node.result_cache
        if cache is None or cache.hits + cache.misses < min_lookups:
            continue
        hit_fraction = cache.hits / (cache.hits + cache.misses)
        if _lost(cache) >= MIN_EVICTED_FRACTION * cache.misses:
            yield _too_small(plan, node, cache, memory_settings(plan.plan, catalog))
        elif hit_fraction < min_hit_fraction:
            yield _seldom_hit(plan, node, cache, hit_fraction)


def _lost(cache: ResultCache) -> int:
    """Entries that were thrown away or never fitted."""
    return cache.evictions + cache.overflows


def _too_small(plan: MeasuredPlan, node: PlanNode, cache: ResultCache, settings: MemorySettings) -> Symptom:
    # Entries alike in size: those that are left filled the peak, and there are at most as many as misses.
    left = max(1, cache.misses - _lost(cache))
    needed_kb = cache.peak_memory_kb * cache.misses / left
    advice = suggest_hash_mem(needed_kb, settings)
    return Symptom(
        message=f"Memoize loses {_lost(cache):,} of {cache.misses:,} entries; {cache.hits:,} look-ups hit",
        node=node.number,
        # At most each lost entry was looked up and stored once more.
        saves=plan.share_below(node) * RETURNING_FRACTION * min(1.0, _lost(cache) / cache.misses),
        cause=Cause.MEMORY,
        object=cache.key,
        detail=f"The cache for {cache.key} was full at {format_kb(cache.peak_memory_kb)}; "
        f"at most {format_kb(needed_kb)} hold every entry.",
        hint=advice.hint,
        action=advice.action,
    )


def _seldom_hit(plan: MeasuredPlan, node: PlanNode, cache: ResultCache, hit_fraction: float) -> Symptom:
    return Symptom(
        message=f"Memoize finds {hit_fraction:.0%} of {cache.hits + cache.misses:,} look-ups in its cache",
        node=node.number,
        saves=plan.share(node),  # filling the cache; the look-ups remain
        cause=Cause.ESTIMATE,
        object=cache.key,
        detail=f"Nearly every value of {cache.key} is new, which the planner did not expect.",
        hint=f"Run ANALYZE on the relation of {cache.key}; if its number of distinct values stays wrong, set "
        "n_distinct of the column.",
    )
