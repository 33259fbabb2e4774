"""A workload and what its queries cost the planner in; how much each call's cost counts out."""

from __future__ import annotations

from collections.abc import Mapping

from pgtune.model.workload import Workload


def query_weights(workload: Workload, costs: Mapping[int, float]) -> Mapping[int, float]:
    """Weights so that weight x cost of one call, added up, is the workload's cost in planner units.

    *costs* are of one call, by query number; queries without one are left out. A timed workload is shared out
    by the time that each query took, any other by calls x cost.
    """
    queries = [query for query in workload.queries if costs.get(query.number, 0.0) > 0]
    if not workload.is_timed:
        return {query.number: query.calls for query in queries}
    total_cost = sum(query.calls * costs[query.number] for query in queries)
    total_ms = sum(query.total_ms or 0.0 for query in queries)
    units_per_ms = total_cost / total_ms if total_ms else 0.0
    return {query.number: (query.total_ms or 0.0) / costs[query.number] * units_per_ms for query in queries}
