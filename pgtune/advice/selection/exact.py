"""Branch and price: the best set of options with a proof, or the best so far with a bound.

The linear program over the leaves of the plan trees bounds every set from below. Leaves that its optimum
takes and that the planner was not asked about are asked and split, until it stands on answers alone. An
option that it takes in part is then decided both ways, and both are bounded in the same manner, the lower
bound first.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import count
from math import inf

from pgtune.advice.selection.choices import Choices
from pgtune.advice.selection.cost_book import CostBook
from pgtune.advice.selection.incumbent import TIME_LIMIT, Incumbent, Stop
from pgtune.advice.selection.known_plans import KnownPlans
from pgtune.advice.selection.plan_tree import Node, PlanTree
from pgtune.advice.selection.set_program import TOLERANCE, Relaxed, SetProgram

# Measured: bounds and values within this share of each other differ by the solver's tolerances only.
PROVEN_GAP = 1e-6
# Chosen: a set that is better by less than this part of the least gain of one index is not looked for.
_WORTH = 0.5
# Measured, as _ROUNDS: the incumbent is worked on whenever there are so many new answers.
_ANSWERS = 60
# Measured: with TPC-H, few rounds often find better sets in 3 s than many rounds seldom.
_ROUNDS = 10
# Chosen: when time is up, the answers at hand are worth a little more.
_LAST_ROUNDS = 100
_LAST_S = 0.5


class ExactSearch:
    """Raises the bound and lowers the incumbent until they meet or the time is over."""

    def __init__(self, choices: Choices, book: CostBook, incumbent: Incumbent, stop: Stop) -> None:
        self._choices = choices
        self._book = book
        self._incumbent = incumbent
        self._stop = stop
        self._tree = PlanTree(choices, book)
        self._program = SetProgram(choices)
        for query in range(len(choices.weights)):
            self._program.add(self._tree.root(query))
        self._improved_at = 0
        self._number = count()
        self._open: list[tuple[float, int, int, int]] = [(0.0, next(self._number), 0, 0)]
        self._settled = inf  # the least bound of what is decided, and of what is not worth deciding
        self.bound = 0.0  # no set within the limits is worth less; weighted planner units
        self.complete = False

    def run(self) -> None:
        """Search until done or stopped; `bound` and the incumbent hold at any time."""
        self._improve(_ROUNDS, self._stop)
        while self._open and self._stop.reason() is None:
            bound, _, taken, refused = self._open[0]
            self._raise_bound(min(bound, self._settled))
            if self._is_hopeless(bound):
                self._settled = min(self._settled, bound)
                self._open.clear()
            elif (relaxed := self._relax(taken, refused)) is not None:
                heapq.heappop(self._open)
                self._branch(relaxed, taken, refused)
            elif self._stop.reason() is None:
                heapq.heappop(self._open)
        self.complete = not self._open and not self._program.gave_up
        if self.complete:
            self._raise_bound(self._settled)
        elif self._stop.reason() == TIME_LIMIT:
            self._improve(_LAST_ROUNDS, Stop(self._stop.deadline + _LAST_S, self._stop.interrupted))

    def _relax(self, taken: int, refused: int) -> Relaxed | None:
        """The optimum on answered leaves alone; None when it cannot beat the incumbent, or when stopped."""
        while self._stop.reason() is None:
            relaxed = self._program.solve(taken, refused)
            if relaxed is None:
                return None
            if self._is_hopeless(relaxed.bound):
                self._settled = min(self._settled, relaxed.bound)
                return None
            unasked = [leaf for leaf in relaxed.used if not leaf.is_exact]
            is_root = not taken | refused
            if not unasked:
                return relaxed
            if is_root:
                self._raise_bound(relaxed.bound)
                self._incumbent.offer(self._rounded(relaxed.shares))
            self._expand(unasked)
            if self._book.asked >= self._improved_at + _ANSWERS:
                self._improve(_ROUNDS, self._stop)
        return None

    def _branch(self, relaxed: Relaxed, taken: int, refused: int) -> None:
        if not taken | refused:
            self._improve(_ROUNDS, self._stop)
        self._incumbent.offer(self._rounded(relaxed.shares))
        fractional = relaxed.fractional
        if not fractional:
            self._incumbent.offer(relaxed.whole)
            self._settled = min(self._settled, relaxed.bound)
            return
        option = 1 << max(fractional, key=lambda bit: (self._choices.sizes[bit], bit))
        if self._choices.fits(taken | option):
            self._push(relaxed.bound, taken | option, refused)
        self._push(relaxed.bound, taken, refused | option)

    def _push(self, bound: float, taken: int, refused: int) -> None:
        heapq.heappush(self._open, (bound, next(self._number), taken, refused))

    def _improve(self, rounds: int, stop: Stop) -> None:
        """Offer the best set that can be put together from the answers so far."""
        if stop.reason() is not None:
            return
        known = KnownPlans(self._choices, self._book, seed=self._book.asked)
        self._incumbent.offer(known.improve(known.fill(self._incumbent.chosen), rounds, stop))
        self._improved_at = self._book.asked

    def _raise_bound(self, bound: float) -> None:
        self.bound = max(self.bound, min(bound, self._incumbent.value))

    def _is_hopeless(self, bound: float) -> bool:
        """True when no better set is worth the search for it."""
        return bound >= self._incumbent.value * (1 - PROVEN_GAP) - self._choices.least_gain * _WORTH

    def _expand(self, leaves: Sequence[Node]) -> None:
        self._book.prices([self._tree.question(leaf) for leaf in leaves])
        for leaf in leaves:
            self._program.remove(leaf)
            for part in self._tree.split(leaf):
                self._program.add(part)

    def _rounded(self, shares: Sequence[float]) -> int:
        """A set within the limits: options in the order of their shares."""
        chosen = 0
        for option in sorted(range(len(shares)), key=lambda option: (-shares[option], option)):
            if shares[option] > TOLERANCE and self._choices.fits(chosen | 1 << option):
                chosen |= 1 << option
        return chosen
