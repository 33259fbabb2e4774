"""From a Plan to a ChargedPlan: what each node costs by itself, in time, buffers and share.

The arithmetic, and why each step is so:

1. Times are means per loop; times loops they are process time. Below a Gather several processes run at
   once, so process time divided by their number is wall time. InitPlans run in one process.
2. Blocks and I/O times are totals: never times loops, never divided by processes.
3. A node's own part is its figure less that of its children and SubPlans. InitPlans and CTEs hang on
   one node and run inside another: see consumers.py. The own parts sum to the root's figure, exactly for
   blocks, and none is negative: see settle.py.
4. Without timing, a node's share is its part of the estimated cost; its children count as often as the
   planner expects to run them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pgtune.analysis.consumers import find_deferred
from pgtune.analysis.settle import Ledger, settle
from pgtune.model.buffers import COUNTERS, Buffers
from pgtune.model.charge import Charge, ChargedPlan, MeasuredPlan, TimedPlan
from pgtune.model.plan import GATHERS, Plan, PlanNode, Role

TIME_ROUNDING_MS = 0.0005  # EXPLAIN prints three decimals of a millisecond, per loop
# These keep the rows of their child, so rescanning them does not run the child again.
_RESCANNED_FROM_MEMORY = frozenset({"Materialize", "Memoize", "Hash", "Sort", "CTE Scan"})


def attribute(plan: Plan) -> ChargedPlan:
    """Work out what each node costs by itself.

    Returns a TimedPlan when ANALYZE ran with timing, a MeasuredPlan when it ran without, else a
    ChargedPlan whose shares are of the estimated cost.
    """
    nodes = tuple(plan.nodes())
    ledger = _run_ledger(nodes)
    wall_ms = _wall_ms(nodes)
    own_ms = _own_ms(nodes, ledger, wall_ms) if wall_ms is not None else None
    own_buffers = _own_buffers(nodes, ledger)
    own_cost = _own_cost(nodes)
    total_ms = _total_ms(plan, wall_ms[0]) if wall_ms is not None else None
    shares = _shares(own_ms, own_cost, own_buffers, total_ms)
    charges = tuple(
        Charge(
            own_ms=own_ms[i] if own_ms is not None else None,
            wall_ms=wall_ms[i] if wall_ms is not None else None,
            own_buffers=own_buffers[i],
            own_cost=own_cost[i],
            share=shares[i],
        )
        for i in range(len(nodes))
    )
    return _kind_of(plan.root)(plan=plan, charges=charges, total_ms=total_ms)


def _kind_of(root: PlanNode) -> type[ChargedPlan]:
    if root.actual is None:
        return ChargedPlan
    return MeasuredPlan if root.actual.total_ms is None else TimedPlan


def _total_ms(plan: Plan, root_ms: float) -> float:
    """Planning and execution; execution also covers triggers, serialization and start-up."""
    executed_ms = plan.execution_ms if plan.execution_ms is not None else root_ms
    return max(executed_ms, root_ms) + (plan.planning_ms or 0.0)


def _parents(nodes: Sequence[PlanNode]) -> tuple[int, ...]:
    parents = [0] * len(nodes)
    for node in nodes:
        for child in node.children:
            parents[child.number - 1] = node.number
    return tuple(parents)


def _run_ledger(nodes: Sequence[PlanNode]) -> Ledger:
    """Who ran whom: InitPlans and CTEs are paid for by their consumers."""
    parents = _parents(nodes)
    return Ledger(
        children=tuple(
            tuple(child.number for child in node.children if child.role is not Role.INIT_PLAN)
            for node in nodes
        ),
        parents=parents,
        deferred=find_deferred(nodes, parents),
    )


def _processes(nodes: Sequence[PlanNode]) -> list[int]:
    """How many processes ran each node at once."""
    processes = [1] * len(nodes)
    for node in nodes:  # parents first
        for child in node.children:
            if child.role is Role.INIT_PLAN or child.actual is None:
                continue
            if node.node_type in GATHERS and not child.is_subplan:
                processes[child.number - 1] = max(
                    1, min((node.workers_launched or 0) + 1, child.actual.loops)
                )
            else:
                processes[child.number - 1] = processes[node.number - 1]
    return processes


def _wall_ms(nodes: Sequence[PlanNode]) -> list[float] | None:
    """Wall time of each node, children included; None when nothing was timed."""
    root = nodes[0].actual
    if root is None or root.total_ms is None:
        return None
    processes = _processes(nodes)
    return [
        (node.actual.total_ms or 0.0) * node.actual.loops / processes[node.number - 1]
        if node.actual is not None
        else 0.0
        for node in nodes
    ]


def _own_ms(nodes: Sequence[PlanNode], ledger: Ledger, wall_ms: Sequence[float]) -> list[float]:
    processes = _processes(nodes)
    rounding = [
        TIME_ROUNDING_MS * node.actual.loops / processes[node.number - 1] if node.actual is not None else 0.0
        for node in nodes
    ]
    return settle(ledger, wall_ms, rounding)


def _own_buffers(nodes: Sequence[PlanNode], ledger: Ledger) -> list[Buffers]:
    exact = [0.0] * len(nodes)
    own: list[dict[str, Any]] = [{} for _ in nodes]
    for counter in COUNTERS:
        inclusive = [getattr(node.buffers, counter) for node in nodes]
        if not any(inclusive):
            continue
        for position, value in enumerate(settle(ledger, inclusive, exact)):
            own[position][counter] = int(value) if counter.endswith("_blocks") else value
    return [Buffers(**counters) for counters in own]


def _own_cost(nodes: Sequence[PlanNode]) -> list[float]:
    """Planner's cost of each node by itself, over all its expected loops."""
    parents = _parents(nodes)
    ledger = Ledger(
        children=tuple(tuple(child.number for child in node.children) for node in nodes),
        parents=parents,
        deferred=(),
    )
    loops = _expected_loops(nodes)
    costs = [
        node.estimate.total_cost * loops[node.number - 1] if node.estimate is not None else 0.0
        for node in nodes
    ]
    return settle(ledger, costs, [0.0] * len(nodes))


def _expected_loops(nodes: Sequence[PlanNode]) -> list[float]:
    loops = [1.0] * len(nodes)
    for node in nodes:  # parents first
        outer = node.child(Role.OUTER)
        outer_rows = outer.estimate.rows if outer is not None and outer.estimate is not None else 1.0
        for child in node.children:
            times = loops[node.number - 1]
            if node.node_type in _RESCANNED_FROM_MEMORY:
                times = 1.0
            if child.role is Role.INNER and node.node_type == "Nested Loop":
                times *= max(1.0, outer_rows)
            loops[child.number - 1] = times
    return loops


def _shares(
    own_ms: Sequence[float] | None,
    own_cost: Sequence[float],
    own_buffers: Sequence[Buffers],
    total_ms: float | None,
) -> list[float]:
    """Each node's part of the whole: by time, else by cost, else (COSTS OFF) by blocks."""
    if own_ms is not None and total_ms:
        return [ms / total_ms for ms in own_ms]
    if any(own_cost):
        total_cost = sum(own_cost)
        return [cost / total_cost for cost in own_cost]
    blocks = [buffers.accessed_blocks + buffers.temp_blocks for buffers in own_buffers]
    total_blocks = sum(blocks)
    return [count / total_blocks if total_blocks else 0.0 for count in blocks]
