"""Planner's answers kept: what a query costs with a set of indexes, asked as seldom as possible.

Two facts make most questions unnecessary. An index more never makes the planner's cost worse (but for
rounding and its 1 % fuzz, see `CostBook.surprises`). And when the plan for the visible set C uses the indexes
U, every S with U <= S <= C gets that plan.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence
from typing import NamedTuple

from pgtune.advice.selection.bits import bits_of, mask_of
from pgtune.model.planner import Answer, Planner, Question

# Costs nearer than this are the same: EXPLAIN prints two decimals.
SAME_COST = 1e-7
# add_path() tells two paths apart only when their costs differ by more (STD_FUZZ_FACTOR in pathnode.c).
PLANNER_FUZZ = 0.01


class Price(NamedTuple):
    """What a query costs with some set, and the indexes of that set that the plan uses."""

    cost: float  # planner units of one call
    used: int  # bits


class CostBook:
    """Prices of queries 0..n-1 for sets of options; a set is the bits of an int."""

    def __init__(
        self,
        planner: Planner,
        queries: Sequence[int],
        options: Sequence[int],
        relevant: Sequence[int],
    ) -> None:
        """*queries* and *options* are the planner's numbers; *relevant*: bits that matter to each query."""
        self._planner = planner
        self._queries = queries
        self._options = options
        self._position = {number: position for position, number in enumerate(options)}
        self._query_position = {number: position for position, number in enumerate(queries)}
        self._relevant = relevant
        self.on_answer: Callable[[], None] = lambda: None
        self._facts = [_Facts() for _ in queries]
        self.asked = 0
        self.saved_by_cache = 0
        self.saved_by_bounds = 0
        self.surprises = (
            0  # answers that are worse than that for a smaller set, by more than the planner's fuzz
        )

    def price(self, query: int, chosen: int) -> Price:
        """The price of the query with the set; asks if it must."""
        return self.prices([(query, chosen)])[0]

    def prices(self, wanted: Sequence[tuple[int, int]]) -> list[Price]:
        """Prices of many (query, set), in order; those that are not known are asked at once."""
        unknown = dict.fromkeys(
            (query, chosen & self._relevant[query])
            for query, chosen in wanted
            if self.known(query, chosen) is None
        )
        self.saved_by_cache += len(wanted) - len(unknown)
        self._ask(list(unknown))
        return [self._found(query, chosen) for query, chosen in wanted]

    def known(self, query: int, chosen: int) -> Price | None:
        """The price, where it follows from earlier answers."""
        return self._facts[query].find(chosen & self._relevant[query])

    def lower(self, query: int, chosen: int) -> float:
        """No set within these indexes costs less; 0 when nothing is known."""
        return self._facts[query].dearest_above(chosen & self._relevant[query])

    def answered(self, query: int) -> Sequence[tuple[float, int]]:
        """Known (cost, used bits) of the query, cheapest first."""
        return self._facts[query].plans

    def confirm(self, chosen: int) -> list[float]:
        """The planner's own word on every query with just this set, nothing inferred."""
        questions = [(query, chosen & relevant) for query, relevant in enumerate(self._relevant)]
        self._ask([question for question in questions if question[1] not in self._facts[question[0]].answers])
        return [self._facts[query].answers[mask] for query, mask in questions]

    def cost(self, query: int, chosen: int) -> float:
        """What the planner said of just this set, else what follows from other answers; asks if it must."""
        said = self._facts[query].answers.get(chosen & self._relevant[query])
        return self.price(query, chosen).cost if said is None else said

    def learn(self, query: int, visible: int, answer: Answer) -> None:
        """Take down what the planner said of a query with just this set."""
        visible &= self._relevant[query]
        used = mask_of(self._position[number] for number in answer.used)
        self.surprises += self._facts[query].add(visible, Price(answer.cost, used))

    def recall(self, question: Question, answer: Answer) -> None:
        """Take down what the planner said before, also with other indexes there that it did not use."""
        query = self._query_position.get(question.query)
        if query is None or not answer.used <= self._position.keys():
            return
        used = mask_of(self._position[number] for number in answer.used)
        visible = mask_of(self._position[number] for number in question.indexes & self._position.keys())
        if not used & ~self._relevant[query]:
            self._facts[query].infer(visible & self._relevant[query], Price(answer.cost, used))

    def _found(self, query: int, chosen: int) -> Price:
        found = self.known(query, chosen)
        assert found is not None
        return found

    def _ask(self, wanted: Sequence[tuple[int, int]]) -> None:
        if not wanted:
            return
        questions = [
            Question(self._queries[query], frozenset(self._options[bit] for bit in bits_of(mask)))
            for query, mask in wanted
        ]
        self.asked += len(questions)
        for (query, mask), answer in zip(wanted, self._planner.answer(questions), strict=True):
            self.learn(query, mask, answer)
        self.on_answer()


class _Facts:
    """What is known of one query."""

    __slots__ = ("_ceilings", "_inferred", "answers", "plans")

    def __init__(self) -> None:
        self.answers: dict[int, float] = {}  # visible set -> cost, as the planner said
        self.plans: list[tuple[float, int]] = []  # (cost, used), cheapest first
        self._ceilings: list[tuple[float, int]] = []  # (-cost, visible), dearest first
        self._inferred: dict[int, Price] = {}

    def find(self, chosen: int) -> Price | None:
        found = self._inferred.get(chosen)
        if found is None:
            below = self.cheapest_below(chosen)
            if below.cost <= self.dearest_above(chosen) * (1 + SAME_COST):
                found = self._inferred[chosen] = below
        return found

    def cheapest_below(self, chosen: int) -> Price:
        outside = ~chosen
        for cost, used in self.plans:
            if not used & outside:
                return Price(cost, used)
        return Price(float("inf"), 0)

    def dearest_above(self, chosen: int) -> float:
        for cost, visible in self._ceilings:
            if not chosen & ~visible:
                return -cost
        return 0.0

    def add(self, visible: int, price: Price) -> bool:
        """Take the answer down; True when it contradicts an earlier one."""
        self.answers[visible] = price.cost
        return self.infer(visible, price)

    def infer(self, visible: int, price: Price) -> bool:
        """Take down what the set costs; True when that contradicts an earlier answer."""
        best = self.cheapest_below(visible)
        surprise = price.cost > best.cost * (1 + PLANNER_FUZZ)
        if best.cost > price.cost:
            insort(self.plans, (price.cost, price.used))
            best = price
        insort(self._ceilings, (-best.cost, visible))
        self._inferred[visible] = best
        return surprise
