"""The best set of options so far, and when to stop looking for a better one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from time import monotonic

from pgtune.advice.selection.choices import Choices
from pgtune.advice.selection.cost_book import SAME_COST, CostBook

TIME_LIMIT = "time limit"
INTERRUPT = "interrupt"


@dataclass(frozen=True, slots=True)
class Stop:
    """When the search has to end."""

    deadline: float  # of time.monotonic()
    interrupted: Callable[[], bool]

    @property
    def seconds_left(self) -> float:
        """Until the deadline; 0 when it has passed."""
        return max(0.0, self.deadline - monotonic())

    def reason(self) -> str | None:
        """Why to stop now; None: go on."""
        if self.interrupted():
            return INTERRUPT
        return TIME_LIMIT if self.seconds_left <= 0 else None


class Incumbent:
    """Values sets by their prices and keeps the best that are within all limits."""

    def __init__(self, choices: Choices, book: CostBook, start: int) -> None:
        """*start* is a set within the limits."""
        self._choices = choices
        self._book = book
        self.value = self.values([start])[0]
        self.ranking = [start]  # each was the best when it was found; the best is the last

    @property
    def chosen(self) -> int:
        """The best set so far."""
        return self.ranking[-1]

    def values(self, sets: Sequence[int]) -> list[float]:
        """Weighted cost and charge of each set; infinite for one outside the limits."""
        choices = self._choices
        fitting = [chosen for chosen in dict.fromkeys(sets) if choices.fits(chosen)]
        queries = range(len(choices.weights))
        prices = iter(self._book.prices([(query, chosen) for chosen in fitting for query in queries]))
        worth = {chosen: choices.value(chosen, [next(prices).cost for _ in queries]) for chosen in fitting}
        return [worth.get(chosen, inf) for chosen in sets]

    def offer(self, chosen: int) -> bool:
        """Take the set if it is better than the best so far; nothing is asked if it cannot be."""
        if self._floor(chosen) >= self.value:
            self._book.saved_by_bounds += sum(
                self._book.known(query, chosen) is None for query in range(len(self._choices.weights))
            )
            return False
        value = self.values([chosen])[0]
        if value >= self.value * (1 - SAME_COST):
            return False
        self.take(chosen, value)
        return True

    def take(self, chosen: int, value: float) -> None:
        """Make this set, of this value, the best."""
        self.ranking.append(chosen)
        self.value = value

    def _floor(self, chosen: int) -> float:
        """What the set is worth at best, without a question."""
        choices = self._choices
        bounds = (self._book.lower(query, chosen) for query in range(len(choices.weights)))
        return choices.charge(chosen) + sum(
            weight * bound for weight, bound in zip(choices.weights, bounds, strict=True)
        )
