"""What each node of a plan costs by itself, children excluded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pgtune.model.buffers import Buffers
from pgtune.model.plan import Actual, Plan, PlanNode


@dataclass(frozen=True, slots=True)
class Charge:
    """One node's own part. The charges of all nodes sum to the root's figures."""

    own_ms: float | None  # wall time, exclusive; None without timing
    wall_ms: float | None  # wall time, children included
    own_buffers: Buffers  # exclusive; block counts sum exactly to the root's
    own_cost: float  # planner units, loops included; 0 with COSTS OFF
    share: float  # of the whole statement, 0..1: by time where measured, else by cost


@dataclass(frozen=True)
class ChargedPlan:
    """A plan and what each node costs by itself; always there, measured or not."""

    plan: Plan
    charges: tuple[Charge, ...]  # charges[n - 1] belongs to node n
    total_ms: float | None  # planning and execution; None without timing

    @cached_property
    def nodes(self) -> tuple[PlanNode, ...]:
        """All nodes; nodes[n - 1] is node n."""
        return tuple(self.plan.nodes())

    @cached_property
    def _parents(self) -> dict[int, PlanNode]:
        return {child.number: node for node in self.nodes for child in node.children}

    def charge(self, node: PlanNode) -> Charge:
        """What the node costs by itself."""
        return self.charges[node.number - 1]

    def share(self, node: PlanNode) -> float:
        """The node's own part of the statement, 0..1."""
        return self.charges[node.number - 1].share

    @cached_property
    def _shares_below(self) -> list[float]:
        sums = [charge.share for charge in self.charges]
        for node in reversed(self.nodes):  # children have higher numbers than their parents
            for child in node.children:
                sums[node.number - 1] += sums[child.number - 1]
        return sums

    def share_below(self, node: PlanNode) -> float:
        """The node's part with all below it, 0..1; what InitPlans and CTEs cost counts where they hang."""
        return min(1.0, self._shares_below[node.number - 1])

    def share_of_ms(self, ms: float) -> float:
        """A time as a share of the whole statement; 0 when nothing was timed."""
        return min(1.0, ms / self.total_ms) if self.total_ms else 0.0

    def parent(self, node: PlanNode) -> PlanNode | None:
        """The node above, None for the root."""
        return self._parents.get(node.number)

    @cached_property
    def _limited(self) -> list[bool]:
        limited = [False] * len(self.nodes)
        for node in self.nodes:  # parents first
            for child in node.children:
                limited[child.number - 1] = limited[node.number - 1] or node.node_type == "Limit"
        return limited

    def is_below_limit(self, node: PlanNode) -> bool:
        """True when a Limit somewhere above may have ended the node early."""
        return self._limited[node.number - 1]

    @cached_property
    def _shares_above(self) -> list[float]:
        sums = [0.0] * len(self.nodes)
        for node in self.nodes:  # parents first
            for child in node.children:
                sums[child.number - 1] = sums[node.number - 1] + self.share(node)
        return sums

    def share_above(self, node: PlanNode) -> float:
        """The own parts of the nodes above, 0..1."""
        return self._shares_above[node.number - 1]

    @cached_property
    def _processes(self) -> list[int]:
        processes = [1] * len(self.nodes)
        for node in self.nodes:  # parents first
            launched = node.workers_launched
            for child in node.children:
                own = processes[node.number - 1]
                processes[child.number - 1] = own if launched is None else launched + 1
        return processes

    def processes(self, node: PlanNode) -> int:
        """The processes whose loops EXPLAIN adds up at the node: the leader and the workers that ran."""
        return self._processes[node.number - 1]

    def ancestors(self, node: PlanNode) -> Iterator[PlanNode]:
        """Yield the nodes above, nearest first."""
        above = self.parent(node)
        while above is not None:
            yield above
            above = self.parent(above)


class MeasuredPlan(ChargedPlan):
    """A plan that ANALYZE ran: rows and loops are there, times perhaps not (TIMING OFF)."""

    def measured(self) -> Iterator[tuple[PlanNode, Actual]]:
        """Yield each node that executed, with its actuals."""
        for node in self.nodes:
            if node.actual is not None and node.actual.loops > 0:
                yield node, node.actual


class TimedPlan(MeasuredPlan):
    """A plan that ANALYZE ran with timing: every executed node has its times."""

    total_ms: float
