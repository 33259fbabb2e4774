"""A chosen set in; the candidates that plans liked best and that are not in it, each with the reason, out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from heapq import nlargest
from math import isinf

from pgtune.advice.selection.bits import bits_of
from pgtune.advice.selection.choices import Choices
from pgtune.advice.selection.cost_book import CostBook
from pgtune.advice.selection.incumbent import Incumbent, Stop
from pgtune.model.index_advice import Rejected, Rejection
from pgtune.model.planner import Hypothetical

# Chosen: more do not help the reader.
_MOST = 8
_MB = 2**20


class Rejections:
    """Looks into why candidates were not taken."""

    def __init__(
        self, choices: Choices, book: CostBook, incumbent: Incumbent, candidates: Sequence[Hypothetical]
    ) -> None:
        """*candidates* in the order of their options."""
        self._choices = choices
        self._book = book
        self._incumbent = incumbent
        self._candidates = candidates
        self._base = self._reads(choices.existing)

    def explain(self, stop: Stop) -> tuple[Rejection, ...]:
        """Favourites that were not taken, biggest saving first; none when there is no time."""
        found = []
        if stop.reason() is None:
            self._ask_for_rivals()
        for option in self._favourites():
            if stop.reason() is not None:
                break
            saving = self._base - self._reads(self._choices.existing | 1 << option)
            reason, detail = self._reason(option)
            candidate = self._candidates[option]
            share = max(0.0, saving / self._base) if self._base else 0.0
            found.append(Rejection(candidate.index, candidate.size.size_bytes, reason, detail, share))
        return tuple(sorted(found, key=lambda rejection: -rejection.saving_share))

    def _ask_for_rivals(self) -> None:
        """See what plans would use if size did not matter, and if the chosen set were not there."""
        chosen = self._incumbent.chosen
        everything = self._choices.everything
        visible = (everything, everything & ~chosen | self._choices.existing)
        queries = range(len(self._choices.weights))
        self._book.prices([(query, options) for query in queries for options in visible])

    def _favourites(self) -> list[int]:
        """Candidates in the plans that saved most, a plan's saving shared among what it uses."""
        credit: dict[int, float] = defaultdict(float)
        for query, weight in enumerate(self._choices.weights):
            before = self._book.price(query, self._choices.existing).cost
            best: dict[int, float] = defaultdict(float)
            for cost, used in self._book.answered(query):
                new = used & ~self._choices.existing
                for option in bits_of(new):
                    best[option] = max(best[option], (before - cost) * weight / new.bit_count())
            for option, saving in best.items():
                credit[option] += saving
        for option in bits_of(self._incumbent.chosen):
            credit.pop(option, None)
        return nlargest(_MOST, credit, key=lambda option: (credit[option], -option))

    def _reason(self, option: int) -> tuple[Rejected, str]:
        choices, chosen = self._choices, self._incumbent.chosen
        more = chosen | 1 << option
        base = self._reads(chosen)
        gain = base - self._reads(more)
        saved = f"it would save {gain / self._base:.2%} of the workload's cost on top of the chosen set"
        if isinf(choices.value(more, self._costs(more))):
            return Rejected.REGRESSION, "A query would get worse than allowed."
        if gain <= 0:
            alone = self._base - self._reads(choices.existing | 1 << option)
            if alone > 0:
                return Rejected.SUBSUMED, "The chosen set already saves what it would save."
            return Rejected.NO_GAIN, "It helps only together with indexes that were not chosen."
        if gain <= choices.charges[option]:
            return self._dear(option, gain, saved)
        if choices.size(more) > choices.budget_bytes:
            left = choices.budget_bytes - choices.size(chosen)
            needs = f"It needs {choices.sizes[option] / _MB:.1f} MB and {left / _MB:.1f} MB are left"
            return Rejected.BUDGET, f"{needs}; {saved}."
        return Rejected.MAX_INDEXES, f"The number of indexes is used up; {saved}."

    def _dear(self, option: int, gain: float, saved: str) -> tuple[Rejected, str]:
        writes = self._choices.charges[option] - self._choices.least_gain
        sentence = saved[0].upper() + saved[1:]
        if writes > self._choices.least_gain or gain <= writes:
            return Rejected.WRITE_COST, f"{sentence} and cost {writes / self._base:.2%} of it in writes."
        return Rejected.NO_GAIN, f"{sentence}, which is too little."

    def _costs(self, chosen: int) -> list[float]:
        queries = range(len(self._choices.weights))
        return [price.cost for price in self._book.prices([(query, chosen) for query in queries])]

    def _reads(self, chosen: int) -> float:
        """Weighted cost of the queries with the set, whatever it costs to keep."""
        return sum(
            weight * cost for weight, cost in zip(self._choices.weights, self._costs(chosen), strict=True)
        )
