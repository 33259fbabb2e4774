"""Answers so far in; sets of options that are good by these answers alone out, without a question.

A plan that the planner once chose is there for every set that has its indexes, so the cheapest such plan is a
price that the set is sure to reach.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from heapq import nlargest
from math import inf
from random import Random

from pgtune.advice.selection.bits import bits_of
from pgtune.advice.selection.choices import Choices
from pgtune.advice.selection.cost_book import SAME_COST, CostBook
from pgtune.advice.selection.incumbent import Stop

# Chosen: moves whose whole effect is computed, of those that look best for one query.
_LOOKED_AT = 8
# Chosen: options taken out at once before the set is filled again.
_TAKEN_OUT = 3


class KnownPlans:
    """A selection problem whose prices are all known."""

    def __init__(self, choices: Choices, book: CostBook, seed: int = 0) -> None:
        """Reads the book as it is now; *seed* decides which options `improve` takes out."""
        self._choices = choices
        self._plans = [list(book.answered(query)) for query in range(len(choices.weights))]
        self._sizes: dict[int, int] = {}
        self._random = Random(seed)  # noqa: S311 - repeatable on purpose

    def value(self, chosen: int) -> float:
        """Weighted cost and charge of the set, at most; infinite outside the limits of a query."""
        return self._choices.value(chosen, self._costs(chosen))

    def fill(self, chosen: int, banned: int = 0) -> int:
        """Add what saves most per byte while it fits and saves anything; nothing of *banned*."""
        value = self.value(chosen)
        while True:
            tried = [
                (self._worth(value - self.value(chosen | more), more), more)
                for more in self._moves(chosen, banned)
            ]
            best, more = max(tried, default=(0.0, 0))
            if best <= 0:
                return chosen
            chosen |= more
            value = self.value(chosen)

    def improve(self, chosen: int, rounds: int, stop: Stop) -> int:
        """Take a few options out, fill the room with others, keep what is better; *rounds* times at most."""
        value = self.value(chosen)
        for _ in range(rounds):
            inside = list(bits_of(chosen))
            if not inside or stop.reason() is not None:
                return chosen
            count = min(len(inside), self._random.randint(1, _TAKEN_OUT))
            out = sum(1 << bit for bit in self._random.sample(inside, count))
            other = self._without_idle(self.fill(chosen & ~out, banned=self._one_of(out)))
            other_value = self.value(other)
            if other_value < value * (1 - SAME_COST):
                chosen, value = other, other_value
        return chosen

    def _one_of(self, chosen: int) -> int:
        return 1 << self._random.choice(list(bits_of(chosen)))

    def _without_idle(self, chosen: int) -> int:
        """Without options whose loss costs nothing, largest first."""
        value = self.value(chosen)
        for bit in sorted(bits_of(chosen), key=lambda bit: (-self._choices.sizes[bit], bit)):
            less = chosen & ~(1 << bit)
            if (smaller := self.value(less)) <= value:
                chosen, value = less, smaller
        return chosen

    def _moves(self, chosen: int, banned: int) -> Sequence[int]:
        """Options that known plans need beyond the set, best for their queries first."""
        gains: dict[int, float] = defaultdict(float)
        left = self._choices.budget_bytes - self._choices.size(chosen)
        for query, cost in enumerate(self._costs(chosen)):
            found: dict[int, float] = {}
            for better, used in self._plans[query]:
                if better >= cost:
                    break
                more = used & ~chosen
                if more not in found and not more & banned and self._size(more) <= left:
                    found[more] = (cost - better) * self._choices.weights[query]
            for more, gain in found.items():
                gains[more] += gain
        fitting = (more for more in gains if self._choices.is_few(chosen | more))
        return nlargest(_LOOKED_AT, fitting, key=lambda more: (self._worth(gains[more], more), -more))

    def _worth(self, gain: float, more: int) -> float:
        """Saving per byte; per kilobyte at most, as pages are that small."""
        return gain / max(self._size(more), 1024)

    def _size(self, more: int) -> int:
        if more not in self._sizes:
            self._sizes[more] = self._choices.size(more)
        return self._sizes[more]

    def _costs(self, chosen: int) -> list[float]:
        return [_cheapest(plans, ~chosen) for plans in self._plans]


def _cheapest(plans: Sequence[tuple[float, int]], outside: int) -> float:
    """A loop, as a generator takes twice as long: half of `KnownPlans.improve` is spent here."""
    for cost, used in plans:
        if not used & outside:
            return cost
    return inf
