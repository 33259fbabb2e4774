"""Two plans in, the nodes that tell them apart out, one line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pgtune.analysis.attribution import attribute
from pgtune.model.plan import Plan, PlanNode
from pgtune.report.outline import role_prefix
from pgtune.report.quantities import format_share

SHOWN_NODES = 3  # of each plan; chosen
MIN_SHARE = 0.005  # of the cost, for a node to be named; what runs a SubPlan is charged for it; chosen


def plans_in_short(before: Plan, after: Plan) -> tuple[str, str]:
    """What costs most in each plan, and what it has alone: "Seq Scan on orders (98 %), Sort (1.2 %)"."""
    nodes_before, nodes_after = Counter(_names(before)), Counter(_names(after))
    return _in_short(before, nodes_before - nodes_after), _in_short(after, nodes_after - nodes_before)


def node_name(node: PlanNode) -> str:
    """The node with its part in the plan: "SubPlan 1: Seq Scan on orders"."""
    return f"{role_prefix(node)}{node.label}"


def _names(plan: Plan) -> list[str]:
    return [node_name(node) for node in plan.nodes()]


def _in_short(plan: Plan, own: Counter[str]) -> str:
    """The dearest node of the plan and the dearest of those that the other plan lacks."""
    charged = attribute(plan)
    first, *rest = sorted(charged.nodes, key=charged.share, reverse=True)
    named = [node for node in rest if own[node_name(node)]]
    kept = [first, *(node for node in named if charged.share(node) >= MIN_SHARE or node.is_subplan)]
    shown = [f"{node_name(node)} ({format_share(charged.share(node))})" for node in kept[:SHOWN_NODES]]
    return _with_rest(shown, len(kept) - len(shown))


def _with_rest(shown: Sequence[str], more: int) -> str:
    return ", ".join((*shown, *([f"{more:,} more"] if more else [])))
