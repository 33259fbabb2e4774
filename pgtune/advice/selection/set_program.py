"""Leaves of the plan trees in; the linear program over them, solved by HiGHS, out.

Take one leaf for each query, and the options that the leaves require; minimise the weighted cost of the
leaves and what the options cost to keep. As each leaf costs no more than any set that it stands for, and
options may be taken in part, the optimum is a lower bound for every set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from pgtune.advice.selection.bits import bits_of
from pgtune.advice.selection.choices import Choices
from pgtune.advice.selection.plan_tree import Node

# The objective is scaled to about this, as the solver's tolerances are absolute (1e-7).
_OBJECTIVE = 1000.0
# Measured: shares below this are the solver's rounding.
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Relaxed:
    """An optimum of the linear program."""

    bound: float  # weighted planner units
    shares: tuple[float, ...]  # of each option, 0..1
    used: tuple[Node, ...]  # leaves that are taken, in part or whole

    @property
    def fractional(self) -> list[int]:
        """Options that are neither in nor out."""
        return [bit for bit, share in enumerate(self.shares) if TOLERANCE < share < 1 - TOLERANCE]

    @property
    def whole(self) -> int:
        """The options that are in."""
        return sum(1 << bit for bit, share in enumerate(self.shares) if share >= 1 - TOLERANCE)


class SetProgram:
    """A program that grows with the trees; each solve starts from the optimum before."""

    def __init__(self, choices: Choices) -> None:
        """No leaf yet: every query needs one before `solve`."""
        import highspy

        self._choices = choices
        self._scale = _scale(choices)
        self._solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy has no annotations
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        self._leaves: list[Node] = []  # of columns after those of the options
        self._columns: list[dict[Node, int]] = [{} for _ in choices.weights]  # per query: leaf -> column
        self._links: list[dict[int, int]] = [{} for _ in choices.weights]  # per query: group -> row
        self._rows = len(choices.weights)
        self.gave_up = False  # the solver could not tell: None of `solve` then proves nothing
        self._add_options()

    def add(self, leaf: Node) -> None:
        """Let the leaf be taken."""
        links = self._links[leaf.query]
        for group in leaf.groups:
            if group not in links:
                links[group] = self._add_link(leaf.query, group)
        rows = [leaf.query, *(row for group, row in links.items() if _requires(leaf, group))]
        cost = leaf.bound * self._choices.weights[leaf.query] * self._scale
        self._solver.addCol(cost, 0.0, 1.0, len(rows), rows, [1.0] * len(rows))
        self._columns[leaf.query][leaf] = len(self._choices.sizes) + len(self._leaves)
        self._leaves.append(leaf)

    def remove(self, leaf: Node) -> None:
        """Let the leaf be taken no more."""
        self._solver.changeColBounds(self._columns[leaf.query][leaf], 0.0, 0.0)

    def solve(self, taken: int, refused: int) -> Relaxed | None:
        """The optimum with some options in and some out; None when no choice is within the limits."""
        import highspy

        self._decide(taken, refused)
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self._solver.clearSolver()
            self._solver.run()
        status = self._solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            self.gave_up |= status != highspy.HighsModelStatus.kInfeasible
            return None
        values = self._solver.getSolution().col_value
        options = len(self._choices.sizes)
        used = tuple(
            leaf for leaf, share in zip(self._leaves, values[options:], strict=True) if share > TOLERANCE
        )
        bound = self._solver.getInfo().objective_function_value / self._scale
        return Relaxed(bound, tuple(values[:options]), used)

    def _decide(self, taken: int, refused: int) -> None:
        for option, size in enumerate(self._choices.sizes):
            is_out = bool(refused >> option & 1) or size > self._choices.budget_bytes
            self._solver.changeColBounds(option, float(taken >> option & 1), float(not is_out))

    def _add_options(self) -> None:
        choices = self._choices
        for charge in choices.charges:
            self._solver.addCol(charge * self._scale, 0.0, 1.0, 0, [], [])
        for _ in choices.weights:
            self._solver.addRow(1.0, 1.0, 0, [], [])
        if choices.budget_bytes < inf:
            unit = max(choices.budget_bytes, 1.0)
            self._add_row(1.0, range(len(choices.sizes)), [size / unit for size in choices.sizes])
        if choices.max_indexes < inf:
            new = list(bits_of(choices.everything & ~choices.existing))
            self._add_row(choices.max_indexes, new, [1.0] * len(new))

    def _add_row(self, ceiling: float, columns: Sequence[int], coefficients: Sequence[float]) -> int:
        self._solver.addRow(-inf, ceiling, len(columns), list(columns), list(coefficients))
        self._rows += 1
        return self._rows - 1

    def _add_link(self, query: int, group: int) -> int:
        """Leaves that require the group take no more than is taken of it."""
        members = list(bits_of(group))
        takers = [column for leaf, column in self._columns[query].items() if _requires(leaf, group)]
        return self._add_row(0.0, members + takers, [-1.0] * len(members) + [1.0] * len(takers))


def _requires(leaf: Node, group: int) -> bool:
    """True when every set that the leaf stands for has an option of the group."""
    outside = ~group
    for required in leaf.groups:  # noqa: SIM110 - a generator takes twice as long, and this is asked often
        if not required & outside:
            return True
    return False


def _scale(choices: Choices) -> float:
    total = sum(weight * limit for weight, limit in zip(choices.weights, choices.limits, strict=True))
    return _OBJECTIVE / total if 0 < total < inf else 1.0
