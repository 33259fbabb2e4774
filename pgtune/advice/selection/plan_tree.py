"""A query's plans, enumerated lazily: which options make it how cheap, and the least it costs without.

The tree splits all sets of options. A node stands for the sets that have an option of each required group and
none of the excluded ones. Asked with everything visible but the excluded, the planner says the cost and what
it used; sets that have all of that cost just so, and each other set lacks one of them: that makes the
children.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pgtune.advice.selection.bits import bits_of
from pgtune.advice.selection.choices import Choices
from pgtune.advice.selection.cost_book import CostBook


@dataclass(frozen=True, slots=True)
class Node:
    """A part of the sets of options, for one query."""

    query: int
    groups: frozenset[int]  # a set has one option of each group at least
    excluded: int  # and none of these
    bound: float  # no such set costs less; planner units of one call
    is_exact: bool = False  # every such set costs `bound`


class PlanTree:
    """Splits nodes by what the planner says of them."""

    def __init__(self, choices: Choices, book: CostBook) -> None:
        self._choices = choices
        self._book = book

    def root(self, query: int) -> Node:
        """All sets."""
        return Node(query, frozenset(), 0, 0.0)

    def question(self, node: Node) -> tuple[int, int]:
        """The (query, set) whose price `split` needs."""
        return node.query, self._choices.relevant[node.query] & ~node.excluded

    def split(self, node: Node) -> list[Node]:
        """The sets that get the plan of the whole node, and what lacks an index of that plan.

        Parts that no set within the limits belongs to are left out.
        """
        price = self._book.price(*self.question(node))
        if price.cost > self._choices.limits[node.query]:
            return []
        used = [1 << bit for bit in sorted(bits_of(price.used), key=self._largest_first)]
        parts = [Node(node.query, node.groups.union(used), node.excluded, price.cost, is_exact=True)]
        required = node.groups
        for option in used:
            if option not in node.groups:
                parts.extend(self._without(node, required, option, price.cost))
                required |= {option}
        return [part for part in map(self._pruned, parts) if part is not None]

    def _without(self, node: Node, required: frozenset[int], option: int, cost: float) -> Iterator[Node]:
        """Sets that have another option of the family, and those that have none."""
        family = self._choices.families[option.bit_length() - 1] & self._choices.relevant[node.query]
        others = family & ~node.excluded & ~option
        if others:
            yield Node(node.query, required | {others}, node.excluded | option, cost)
        yield Node(node.query, required, node.excluded | option | others, cost)

    def _pruned(self, node: Node) -> Node | None:
        """The node in its simplest form; None when it is empty within the limits."""
        left = frozenset(group & ~node.excluded for group in node.groups)
        single = sum(group for group in left if group.bit_count() == 1)
        if 0 in left or not self._choices.fits(single):
            return None
        needed = frozenset(
            group for group in left if not any(other != group and not other & ~group for other in left)
        )
        bound = max(node.bound, self._book.lower(*self.question(node)))
        return Node(node.query, needed, node.excluded, bound, node.is_exact)

    def _largest_first(self, bit: int) -> tuple[int, int]:
        return -self._choices.sizes[bit], bit
