"""A part of a tree in, a copy out that is changed at the places of the original's nodes."""

from __future__ import annotations

from typing import Generic, TypeVar, cast

from sqlglot import exp

Node = TypeVar("Node", bound=exp.Expr)
Part = TypeVar("Part", bound=exp.Expr)


class Draft(Generic[Node]):
    """A copy of *node*, with the twin of each of its nodes."""

    def __init__(self, node: Node) -> None:
        self.tree: Node = node.copy()
        # The copy has the same shape, so that both are walked in step.
        self._twins = {
            id(old): new for old, new in zip(list(node.walk()), list(self.tree.walk()), strict=True)
        }

    def twin(self, node: Part) -> Part:
        """Return the copy of a node of the original."""
        return cast("Part", self._twins[id(node)])
