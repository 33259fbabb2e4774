"""A workload and what its queries cost the planner in; how much each call's cost counts out."""

from __future__ import annotations

from collections.abc import Mapping

from pgtune.advice.selection.write_cost import UNITS_PER_MS
from pgtune.model.workload import Workload


def query_weights(workload: Workload, costs: Mapping[int, float]) -> Mapping[int, float]:
    """Weights so that weight x cost of one call, added up, is the workload's cost in planner units.

    *costs* are of one call, by query number; queries without one are left out. In a timed workload a query
    weighs what it took, converted as what writes cost is: costs of generic plans can be off by orders of
    magnitude, and would make writes look cheap. In any other it weighs calls x cost.
    """
    queries = [query for query in workload.queries if costs.get(query.number, 0.0) > 0]
    if not workload.is_timed:
        return {query.number: query.calls for query in queries}
    return {query.number: (query.total_ms or 0.0) / costs[query.number] * UNITS_PER_MS for query in queries}
