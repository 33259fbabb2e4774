"""Which nodes of a plan are shown, and how they are indented: for all formats that draw the tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pgtune.model.charge import ChargedPlan
from pgtune.model.plan import PlanNode, Role

MAX_NODES = 60  # a screen or two; the dearest nodes, those with findings and what is above them; chosen
MIN_SHARE = 0.005  # of the statement, for a node of a large plan to be shown; chosen
MAX_GUIDES = 16  # deeper nodes are drawn at this depth with their depth written out; chosen


@dataclass(frozen=True, slots=True)
class OutlineLine:
    """One line of the tree: a node, or a count of nodes that are left out there."""

    lasts: tuple[bool, ...]  # of each level from below the root: nothing follows there
    node: PlanNode | None
    left_out: int = 0  # nodes not shown at this place
    left_out_share: float = 0.0

    def guides(self, indent: int) -> str:
        """The lines that lead to the node, ``indent`` characters a level: "│  ├─ " or "│├"."""
        return self._guides("├─ ", "└─ ", indent)

    def guides_below(self, indent: int) -> str:
        """The guides of a second line of the same entry."""
        return self._guides("│  ", "   ", indent)

    def _guides(self, middle: str, last: str, indent: int) -> str:
        if not self.lasts:
            return ""
        if len(self.lasts) > MAX_GUIDES:
            return f"⋯{len(self.lasts)} ".ljust(MAX_GUIDES * indent)
        above = "".join(("   " if ended else "│  ")[:indent] for ended in self.lasts[:-1])
        return above + (last if self.lasts[-1] else middle)[:indent]


def outline(plan: ChargedPlan, with_findings: frozenset[int]) -> Iterator[OutlineLine]:
    """Yield the lines of a plan's tree; small plans whole, large ones by what costs."""
    shown = _shown(plan, with_findings)
    stack: list[tuple[PlanNode | list[PlanNode], tuple[bool, ...]]] = [(plan.plan.root, ())]
    while stack:
        node, lasts = stack.pop()
        if isinstance(node, list):
            nodes = [below for child in node for below in child.walk()]
            yield OutlineLine(lasts, None, len(nodes), sum(plan.share(below) for below in nodes))
            continue
        kept = [child for child in node.children if child.number in shown]
        hidden = [child for child in node.children if child.number not in shown]
        yield OutlineLine(lasts, node)
        if hidden:
            stack.append((hidden, (*lasts, True)))
        for position, child in reversed(list(enumerate(kept))):
            stack.append((child, (*lasts, position == len(kept) - 1 and not hidden)))


def role_prefix(node: PlanNode) -> str:
    """What makes the node special to its parent: "CTE recent: ", "SubPlan 1: ", else empty."""
    return (
        f"{node.subplan_name}: " if node.role in (Role.INIT_PLAN, Role.SUB_PLAN) and node.subplan_name else ""
    )


def left_out(line: OutlineLine) -> str:
    """What stands for nodes that are not shown: "… 12 more nodes"."""
    return f"… {line.left_out:,} more {'node' if line.left_out == 1 else 'nodes'}"


def _shown(plan: ChargedPlan, with_findings: frozenset[int]) -> frozenset[int]:
    if len(plan.nodes) <= MAX_NODES:
        return frozenset(range(1, len(plan.nodes) + 1))
    shown: set[int] = {1}
    wanted = sorted(plan.nodes, key=lambda node: (node.number not in with_findings, -plan.share(node)))
    wanted = [node for node in wanted if node.number in with_findings or plan.share(node) >= MIN_SHARE]
    for node in wanted:
        if len(shown) >= MAX_NODES:
            break
        shown.add(node.number)
        shown.update(above.number for above in plan.ancestors(node))
    return frozenset(shown)
