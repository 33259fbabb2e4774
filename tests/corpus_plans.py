"""The corpus of plans, and what can be taken away from a plan: times, costs, actuals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pgtune.model.buffers import Buffers
from pgtune.model.plan import Plan, PlanNode
from pgtune.parse.plans import parse_plans

FOLDER = Path(__file__).parent / "corpus" / "matrix"
PATHS = sorted(FOLDER.glob("*.json")) + sorted(FOLDER.glob("*.txt"))
PAIRS = sorted(path.stem for path in FOLDER.glob("*.txt") if path.with_suffix(".json").exists())
_IO_TIMES = tuple(name for name in Buffers.__dataclass_fields__ if name.endswith("_ms"))
_NO_IO_TIMES: dict[str, Any] = dict.fromkeys(_IO_TIMES, 0.0)

# Fields of a node that EXPLAIN fills without ANALYZE.
_PLANNED = (
    *("number", "node_type", "role", "relation", "alias", "index_name", "scan_backward", "function_name"),
    *("cte_name", "subplan_name", "join_type", "strategy", "partial_mode", "operation", "parallel_aware"),
    *("inner_unique", "disabled", "estimate", "quals", "output", "sort_key", "presorted_key", "group_key"),
    *("workers_planned", "subplans_removed", "extra"),
)


def read_plan(path: Path) -> Plan:
    (plan,) = parse_plans(path.read_text(encoding="utf-8"))
    return plan


@dataclass(frozen=True, slots=True)
class Pair:
    """A query's plan on one server in both formats; nearly all are of two runs."""

    text: Plan
    json: Plan


def read_pair(stem: str) -> Pair:
    return Pair(read_plan(FOLDER / f"{stem}.txt"), read_plan(FOLDER / f"{stem}.json"))


def changed(node: PlanNode, change: Callable[[PlanNode], PlanNode]) -> PlanNode:
    """The tree with every node changed."""
    return replace(change(node), children=tuple(changed(child, change) for child in node.children))


def without_times(plan: Plan) -> Plan:
    """As with TIMING OFF."""

    def untimed(node: PlanNode) -> PlanNode:
        actual = replace(node.actual, startup_ms=None, total_ms=None) if node.actual else None
        workers = tuple(replace(worker, total_ms=None) for worker in node.workers)
        return replace(
            node,
            actual=actual,
            workers=workers,
            buffers=replace(node.buffers, **_NO_IO_TIMES),
        )

    return replace(
        plan,
        root=changed(plan.root, untimed),
        triggers=tuple(replace(trigger, ms=None) for trigger in plan.triggers),
        jit=replace(plan.jit, total_ms=None) if plan.jit else None,
        serialization_ms=None,
    )


def without_costs(plan: Plan) -> Plan:
    """As with COSTS OFF."""
    return replace(plan, root=changed(plan.root, lambda node: replace(node, estimate=None)))


def without_buffers(plan: Plan) -> Plan:
    """As with BUFFERS OFF."""
    return replace(plan, root=changed(plan.root, lambda node: replace(node, buffers=Buffers())))


def without_actuals(plan: Plan) -> Plan:
    """As without ANALYZE: nothing that only execution tells."""

    def planned(node: PlanNode) -> PlanNode:
        return PlanNode(**{name: getattr(node, name) for name in _PLANNED})

    return Plan(root=changed(plan.root, planned), settings=plan.settings)


def in_the_run_of(plan: Plan, other: Plan) -> Plan:
    """The plan with the times, worker parts and WAL of another run of the same query."""
    others = {node.number: node for node in other.nodes()}

    def same_run(node: PlanNode) -> PlanNode:
        twin = others[node.number]
        io_times = {name: getattr(twin.buffers, name) for name in _IO_TIMES}
        return replace(
            node,
            actual=replace(node.actual, startup_ms=twin.actual.startup_ms, total_ms=twin.actual.total_ms)
            if node.actual and twin.actual
            else node.actual,
            buffers=replace(node.buffers, **io_times),
            workers=twin.workers,
            wal_bytes=twin.wal_bytes,
        )

    return replace(
        plan,
        root=changed(plan.root, same_run),
        planning_ms=other.planning_ms,
        execution_ms=other.execution_ms,
        planning_buffers=other.planning_buffers,
        planning_memory_kb=other.planning_memory_kb,
        serialization_ms=other.serialization_ms,
        triggers=other.triggers,
        jit=other.jit,
    )
