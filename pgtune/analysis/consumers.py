"""Which nodes ran each InitPlan and CTE.

EXPLAIN hangs an InitPlan or CTE on one node, but the node that first needs its value runs it, so its
time and buffers are part of *that* node's figures (and of all nodes above it).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgtune.model.plan import GATHERS, PlanNode, Role

_RETURNED = re.compile(r"\(returns ([$\d, ]+)\)")  # up to 16: "InitPlan 1 (returns $0,$1)"
_PARAMETER = re.compile(r"\$\d+")
_REFERENCE = re.compile(r"\(((?:rescan )?InitPlan [^()]+)\)\.col\d+")  # from 17: "(InitPlan 1).col1"


@dataclass(frozen=True, slots=True)
class Deferred:
    """An InitPlan or CTE, the node it hangs on and the nodes that may have run it."""

    number: int
    owner: int
    consumers: tuple[int, ...]  # the likeliest first
    writes: bool  # a data-modifying CTE is run to its end after the root, whoever reads it


def find_deferred(nodes: Sequence[PlanNode], parents: Sequence[int]) -> tuple[Deferred, ...]:
    """Find every InitPlan and CTE below ``nodes[0]``; ``parents[n - 1]`` is n's parent, 0 for the root."""
    hanging = [(child, node) for node in nodes for child in node.children if child.role is Role.INIT_PLAN]
    if not hanging:
        return ()
    tree = _Tree(nodes, parents)
    mentions = _mentions(nodes)
    return tuple(
        Deferred(
            number=plan.number,
            owner=owner.number,
            consumers=tree.consumers(plan, owner, mentions),
            writes=plan.node_type == "ModifyTable",
        )
        for plan, owner in hanging
    )


class _Tree:
    """Depths and extents of subtrees; nodes are numbered in pre-order, so a subtree is a range."""

    def __init__(self, nodes: Sequence[PlanNode], parents: Sequence[int]) -> None:
        self.depths: list[int] = []
        self.gathers: list[int] = []  # number of the nearest Gather above, 0 = none
        for parent in parents:
            self.depths.append(self.depths[parent - 1] + 1 if parent else 0)
            parallel = parent and nodes[parent - 1].node_type in GATHERS
            self.gathers.append(parent if parallel else self.gathers[parent - 1] if parent else 0)
        self.last = list(range(1, len(nodes) + 1))  # number of the last node of each subtree
        for number in range(len(nodes), 1, -1):
            above = parents[number - 1]
            self.last[above - 1] = max(self.last[above - 1], self.last[number - 1])

    def holds(self, root: int, number: int) -> bool:
        """True when node ``number`` is ``root`` or below it."""
        return root <= number <= self.last[root - 1]

    def consumers(self, plan: PlanNode, owner: PlanNode, mentions: dict[str, list[int]]) -> tuple[int, ...]:
        """Nodes that may have run ``plan``: the Gathers and the deepest first, those below a Gather last."""
        likely: set[int] = set()
        below_gathers: set[int] = set()
        for token in _tokens(plan.subplan_name or ""):
            for number in mentions.get(token, ()):
                if self.holds(owner.number, number) and not self.holds(plan.number, number):
                    gathers = tuple(self._gathers_between(owner.number, number))
                    likely.update(gathers or (number,))
                    below_gathers.update((number,) if gathers else ())
        return (*self._deepest_first(likely), *self._deepest_first(below_gathers - likely))

    def _gathers_between(self, owner: int, number: int) -> Iterator[int]:
        """A Gather evaluates its workers' parameters before it starts them; it can be the owner itself."""
        above = self.gathers[number - 1]
        while above >= owner:
            yield above
            above = self.gathers[above - 1]

    def _deepest_first(self, numbers: set[int]) -> list[int]:
        return sorted(numbers, key=lambda number: (-self.depths[number - 1], number))


def _tokens(subplan_name: str) -> Iterator[str]:
    """The spellings by which expressions refer to the sub-plan."""
    returned = _RETURNED.search(subplan_name)
    if returned:
        yield from _PARAMETER.findall(returned.group(1))
    else:
        yield subplan_name


def _mentions(nodes: Sequence[PlanNode]) -> dict[str, list[int]]:
    """Map each token to the numbers of the nodes that mention it."""
    mentions: dict[str, list[int]] = {}
    for node in nodes:
        for token in _mentioned(node):
            mentions.setdefault(token, []).append(node.number)
    return mentions


def _mentioned(node: PlanNode) -> set[str]:
    found: set[str] = set()
    if node.cte_name is not None and node.node_type == "CTE Scan":
        found.add(f"CTE {node.cte_name}")
    for text in _expressions(node):
        if "$" in text:
            found.update(_PARAMETER.findall(text))
        if "InitPlan " in text:
            found.update(name.removeprefix("rescan ") for name in _REFERENCE.findall(text))
    return found


def _expressions(node: PlanNode) -> Iterator[str]:
    yield from node.quals.texts()
    yield from node.output
    yield from node.sort_key
    yield from node.group_key
    if node.result_cache is not None:
        yield node.result_cache.key
    for value in node.extra.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (item for item in value if isinstance(item, str))
