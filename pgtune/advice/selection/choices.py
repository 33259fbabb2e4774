"""What may be chosen, as bits: sizes, costs of keeping, limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from pgtune.advice.selection.bits import bits_of


@dataclass(frozen=True, slots=True)
class Choices:
    """Options 0..n-1 and queries 0..m-1 of one selection. A set of options is the bits of an int."""

    sizes: tuple[int, ...]  # bytes that each option takes of the budget; 0 for an index that exists
    charges: tuple[float, ...]  # weighted planner units that each option costs, whatever the queries gain
    families: tuple[int, ...]  # for each option, those that could stand in for it, itself among them
    weights: tuple[float, ...]  # of the queries
    relevant: tuple[int, ...]  # for each query, the options that may change its plan
    limits: tuple[float, ...]  # for each query, the cost of one call that must not be exceeded
    existing: int = 0  # options that are there: they count for no limit
    budget_bytes: float = inf
    max_indexes: float = inf
    least_gain: float = 0.0  # part of each new option's charge that is no write cost

    @property
    def everything(self) -> int:
        """All options."""
        return (1 << len(self.sizes)) - 1

    def size(self, chosen: int) -> int:
        """Bytes that the set takes of the budget."""
        sizes = self.sizes
        total = 0
        while chosen:
            lowest = chosen & -chosen
            total += sizes[lowest.bit_length() - 1]
            chosen ^= lowest
        return total

    def charge(self, chosen: int) -> float:
        """What keeping the set costs."""
        return sum(self.charges[bit] for bit in bits_of(chosen))

    def is_few(self, chosen: int) -> bool:
        """True when there are no more new options than allowed."""
        return (chosen & ~self.existing).bit_count() <= self.max_indexes

    def fits(self, chosen: int) -> bool:
        """True when the set is within budget and number."""
        return self.is_few(chosen) and self.size(chosen) <= self.budget_bytes

    def value(self, chosen: int, costs: Sequence[float]) -> float:
        """Weighted costs of the queries and charge of the set; infinite when a query exceeds its limit."""
        if any(cost > limit for cost, limit in zip(costs, self.limits, strict=True)):
            return inf
        return self.charge(chosen) + sum(
            weight * cost for weight, cost in zip(self.weights, costs, strict=True)
        )
