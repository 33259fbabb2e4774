"""Queries, candidates and limits in; the set of indexes that pays best, with a certificate, out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from time import monotonic

from pgtune.advice.selection.bits import bits_of
from pgtune.advice.selection.choices import Choices
from pgtune.advice.selection.cost_book import CostBook
from pgtune.advice.selection.exact import ExactSearch
from pgtune.advice.selection.incumbent import INTERRUPT, Incumbent, Stop
from pgtune.advice.selection.neighbours import settle
from pgtune.advice.selection.problem import Existing, Options, Problem, choices_of, leading_key, options_of
from pgtune.advice.selection.rejections import Rejections
from pgtune.model.index_advice import Certificate, Rejection
from pgtune.model.planner import Hypothetical, Planner, Question

# Chosen: of the time, for the search itself; the rest is for ties and reasons.
_SEARCH_SHARE = 0.85
# Chosen: of the sets that were the best in turn, those that the planner is asked about outright.
_CONFIRMED = 4


@dataclass(frozen=True, slots=True)
class Selection:
    """The best set that was found. Queries and indexes go by the planner's numbers."""

    chosen: tuple[Hypothetical, ...]  # smallest first
    dropped: tuple[Existing, ...]
    base_costs: Mapping[
        int, float
    ]  # per query, one call, as things are; those that cannot be planned are missing
    costs: Mapping[int, float]  # and with the set
    ties: Mapping[int, tuple[Hypothetical, ...]]  # per chosen number: candidates that would do as well
    rejections: tuple[Rejection, ...]
    certificate: Certificate  # of the cost of queries, of writes, and of the least gain of each new index
    asked: int
    saved_by_cache: int
    saved_by_bounds: int
    surprises: int  # answers that were worse with more indexes; the bound holds but for these


def select(
    problem: Problem,
    planner: Planner,
    deadline: float,
    on_progress: Callable[[int, float], None] = lambda _asked, _saving: None,
    interrupted: Callable[[], bool] = lambda: False,
) -> Selection:
    """The new indexes, and existing ones to drop, that make the workload cheapest within the limits.

    The result depends on the input alone unless *deadline* (of ``time.monotonic()``) cuts the search short:
    then it is the best so far, as it is after Ctrl-C and when *interrupted* says so. *on_progress* gets the
    questions asked and the best saving so far as a share of the workload's cost.
    """
    options = options_of(problem)
    before = frozenset(options.numbers[bit] for bit in bits_of(options.before))
    known = {query: before & problem.relevant.get(query, frozenset()) for query in problem.weights}
    answers = planner.answer([Question(query, indexes) for query, indexes in known.items()])
    base = {
        query: answer for query, answer in zip(problem.weights, answers, strict=True) if isfinite(answer.cost)
    }
    choices = choices_of(problem, options, {query: answer.cost for query, answer in base.items()})
    book = CostBook(planner, list(base), options.numbers, [options.relevant.get(query, 0) for query in base])
    for position, answer in enumerate(base.values()):
        book.learn(position, options.before, answer)
    for question, answer in problem.answers.items():
        book.recall(question, answer)
    search = _Search(choices, book, options)
    book.on_answer = lambda: on_progress(book.asked, search.saving_share)
    search.run(deadline, interrupted)
    return search.selection(problem, list(base))


class _Search:
    """One run: the exact search, then confirmation, ties and reasons as far as time allows."""

    def __init__(self, choices: Choices, book: CostBook, options: Options) -> None:
        self._choices = choices
        self._book = book
        self._options = options
        self._incumbent = Incumbent(choices, book, options.before)
        self._base_value = self._incumbent.value
        self._exact: ExactSearch | None = None
        self._stopped_by: str | None = None
        self._ties: Mapping[int, Sequence[int]] = {}
        self._rejections: tuple[Rejection, ...] = ()

    @property
    def saving_share(self) -> float:
        return 1 - self._incumbent.value / self._base_value if self._base_value else 0.0

    def run(self, deadline: float, interrupted: Callable[[], bool]) -> None:
        started = monotonic()
        stop = Stop(started + (deadline - started) * _SEARCH_SHARE, interrupted)
        try:
            self._exact = ExactSearch(self._choices, self._book, self._incumbent, stop)
            self._exact.run()
            self._stopped_by = None if self._exact.complete else stop.reason()
            self._finish(Stop(deadline, interrupted))
        except KeyboardInterrupt:
            self._stopped_by = INTERRUPT

    def _finish(self, stop: Stop) -> None:
        relatives = self._relatives()
        self._ties = settle(self._choices, self._incumbent, relatives, stop)
        self._confirm(stop)
        explained = Rejections(self._choices, self._book, self._incumbent, self._options.candidates)
        self._rejections = explained.explain(stop)

    def _confirm(self, stop: Stop) -> None:
        """Ask about the best sets outright, as inferred prices can be off by the planner's fuzz."""
        ranking = list(dict.fromkeys(reversed(self._incumbent.ranking)))[:_CONFIRMED]
        best, chosen = inf, self._incumbent.chosen
        for candidate in ranking:
            if stop.reason() is not None:
                return
            value = self._choices.value(candidate, self._book.confirm(candidate))
            if value < best:
                best, chosen = value, candidate
        if isfinite(best):
            self._incumbent.take(chosen, best)

    def _relatives(self) -> list[int]:
        keys = [leading_key(candidate) for candidate in self._options.candidates]
        members: dict[object, int] = {}
        for bit, key in enumerate(keys):
            members[key] = members.get(key, 0) | 1 << bit
        return [members[key] for key in keys]

    def selection(self, problem: Problem, queries: Sequence[int]) -> Selection:
        options, chosen = self._options, self._incumbent.chosen
        new = [options.candidates[bit] for bit in bits_of(chosen & ~options.before)]
        gone = options.before & ~chosen
        dropped = [
            old for bit, old in enumerate(problem.droppable, len(options.candidates)) if gone >> bit & 1
        ]
        ties = {
            options.numbers[bit]: tuple(options.candidates[other] for other in others)
            for bit, others in self._ties.items()
            if chosen >> bit & 1
        }
        return Selection(
            chosen=tuple(new),
            dropped=tuple(dropped),
            base_costs=dict(zip(queries, self._costs(options.before), strict=True)),
            costs=dict(zip(queries, self._costs(chosen), strict=True)),
            ties=ties,
            rejections=self._rejections,
            certificate=self._certificate(),
            asked=self._book.asked,
            saved_by_cache=self._book.saved_by_cache,
            saved_by_bounds=self._book.saved_by_bounds,
            surprises=self._book.surprises,
        )

    def _costs(self, chosen: int) -> list[float]:
        return [self._book.cost(query, chosen) for query in range(len(self._choices.weights))]

    def _certificate(self) -> Certificate:
        value, base = self._incumbent.value, self._base_value
        bound = min(self._exact.bound if self._exact is not None else 0.0, value)
        return Certificate(
            candidates=len(self._options.candidates),
            bound_share=bound / base if base else 1.0,
            cost_share=value / base if base else 1.0,
            complete=self._exact is not None and self._exact.complete,
            stopped_by=self._stopped_by,
        )
