"""Queries and a planner in, the candidate indexes that the planner would use, and for which query, out.

Most candidates are never chosen, whatever else is there. So each query is planned with all its own
candidates visible, then without those that the plan used, and so on; and once more with small candidates
only. What is used in none of these plans is forgotten. Candidates that serve several queries are then made
from what was used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations

from pgtune.advice.accesses.accesses import accesses
from pgtune.advice.candidates.candidate_indexes import candidates
from pgtune.advice.candidates.candidate_merging import merged, more_general, narrower
from pgtune.advice.candidates.candidate_predicates import keeps_too_much
from pgtune.advice.candidates.candidate_reach import Reach
from pgtune.errors import PlanError, StatementRefused
from pgtune.model.catalog import Catalog
from pgtune.model.index import Index
from pgtune.model.names import RelationName
from pgtune.model.planner import Answer, Hypothetical, Planner, Question
from pgtune.model.workload import Query

WAVES = 4  # plans of a query, each without what the ones before used; chosen
# Of the largest candidate of a query: how small the candidates of further waves are; chosen
SIZE_SHARES = (1.0, 0.3, 0.1, 0.03)
MIN_GAIN = 0.001  # of a query's cost, for a candidate to be kept; chosen
MAX_VARIED_PER_RELATION = 24  # used indexes of one table, of which other forms are tried; chosen
# Measured: merging 24, not 10, of TPC-H's costs seconds, and sets get better by less than they get worse
# because less is asked about them.
MAX_MERGED_PER_RELATION = 10  # used indexes of one table that are merged pair by pair

OnProgress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Pool:
    """What selection chooses from."""

    candidates: tuple[Hypothetical, ...]
    relevant: Mapping[int, frozenset[int]]  # Query.number -> numbers of candidates that may change its plan
    considered: int  # candidates that the planner was shown
    answers: Mapping[Question, Answer]  # what it said; they may name more indexes than the candidates

    @property
    def questions(self) -> int:
        """How often the planner was asked."""
        return len(self.answers)


def find_pool(queries: Sequence[Query], catalog: Catalog, planner: Planner, on_progress: OnProgress) -> Pool:
    """Return the candidates of all queries that can be planned.

    Raises:
        ServerError: the planner is gone.
    """
    search = _Search(planner, catalog)
    for done, query in enumerate(queries):
        on_progress("finding candidates", done / max(1, len(queries)))
        search.read(query)
    search.show(chain.from_iterable(search.own.values()))
    search.run_waves(search.own)
    search.combine()
    pool = search.pool()
    planner.forget(search.by_number.keys() - {each.number for each in pool.candidates})
    return pool


@dataclass(slots=True)
class _Search:
    planner: Planner
    catalog: Catalog
    reaches: dict[int, tuple[Reach, ...]] = field(default_factory=dict)
    own: dict[int, tuple[Index, ...]] = field(default_factory=dict)
    calls: dict[int, float] = field(default_factory=dict)
    shown: dict[Index, Hypothetical] = field(default_factory=dict)
    by_number: dict[int, Index] = field(default_factory=dict)
    gains: dict[Index, dict[int, float]] = field(default_factory=dict)  # of used ones, by Query.number
    answers: dict[Question, Answer] = field(default_factory=dict)

    def read(self, query: Query) -> None:
        """Take down what the query wants of its tables."""
        try:
            as_is, bare = self.planner.plans(query)
        except (StatementRefused, PlanError):
            return  # told by planner.refused
        found = dict.fromkeys((*accesses(bare, self.catalog), *accesses(as_is, self.catalog)))
        self.reaches[query.number] = tuple(dict.fromkeys(map(Reach.of, found)))
        indexes = chain.from_iterable(map(candidates, found))
        self.own[query.number] = tuple(dict.fromkeys(indexes))
        self.calls[query.number] = query.calls

    def show(self, indexes: Iterable[Index]) -> None:
        """Have the planner make them."""
        fresh = [index for index in dict.fromkeys(indexes) if index not in self.shown]
        for index, made in zip(fresh, self.planner.add(fresh), strict=True):
            if made is not None and not keeps_too_much(made, self._rows(index)):
                self.shown[index] = made
                self.by_number[made.number] = index

    def _rows(self, index: Index) -> float:
        relation = self.catalog.find(index.relation)
        return relation.activity.reltuples if relation is not None else 0.0

    def run_waves(self, wanted: Mapping[int, Sequence[Index]]) -> None:
        """Find out which of the wanted indexes each query uses, all queries at once."""
        waves = [
            _Wave(number, frozenset(each.number for each in made if each.size.size_bytes <= limit))
            for number, indexes in wanted.items()
            for made in [[self.shown[index] for index in indexes if index in self.shown]]
            for limit in _size_limits(made)
        ]
        bare = [Question(number, frozenset()) for number in wanted]
        base = dict(zip(wanted, (answer.cost for answer in self._ask(bare)), strict=True))
        for _ in range(WAVES):
            waves = self._next(waves, base)

    def _next(self, waves: Sequence[_Wave], base: Mapping[int, float]) -> list[_Wave]:
        questions = list(dict.fromkeys(Question(wave.query, wave.visible) for wave in waves if wave.visible))
        following = []
        for question, answer in zip(questions, self._ask(questions), strict=True):
            if answer.cost < base[question.query] * (1 - MIN_GAIN) and answer.used:
                self._note(question.query, answer.used, base[question.query] - answer.cost)
                following.append(_Wave(question.query, question.indexes - answer.used))
        return following

    def _note(self, query: int, used: frozenset[int], gain: float) -> None:
        """Share a plan's gain among the indexes that it uses; the best of a query's plans counts."""
        share = gain * self.calls[query] / len(used)
        for number in used:
            gains = self.gains.setdefault(self.by_number[number], {})
            gains[query] = max(share, gains.get(query, 0.0))

    def _ask(self, questions: Sequence[Question]) -> Sequence[Answer]:
        fresh = [question for question in dict.fromkeys(questions) if question not in self.answers]
        self.answers.update(zip(fresh, self.planner.answer(fresh), strict=True))
        return [self.answers[question] for question in questions]

    def combine(self) -> None:
        """Show the planner what could serve several queries, and cheaper forms of what is used."""
        by_relation: dict[RelationName, list[Index]] = {}
        for index in sorted(self.gains, key=lambda index: -sum(self.gains[index].values())):
            by_relation.setdefault(index.relation, []).append(index)
        fresh = list(chain.from_iterable(map(self._combined, by_relation.values())))
        self.show(fresh)
        self.run_waves({number: self._serving(number, fresh) for number in self.own})

    def _combined(self, ranked: Sequence[Index]) -> Iterator[Index]:
        """Of the used indexes of one table, the most useful first."""
        for index in ranked[:MAX_VARIED_PER_RELATION]:
            yield from more_general(index)
            yield from narrower(index)
        for pair in combinations(ranked[:MAX_MERGED_PER_RELATION], 2):
            if len(self.gains[pair[0]].keys() | self.gains[pair[1]].keys()) > 1:
                yield from merged(pair)

    def _serving(self, number: int, indexes: Sequence[Index]) -> tuple[Index, ...]:
        """Those that could change the plan of the query."""
        return tuple(
            index for index in indexes if any(reach.may_use(index) for reach in self.reaches[number])
        )

    def pool(self) -> Pool:
        """What was used, each for every query that it may serve."""
        made = [each for index, each in self.shown.items() if index in self.gains]
        relevant = {
            number: frozenset(
                each.number
                for each in made
                if number in self.gains[each.index] or any(reach.may_use(each.index) for reach in reaches)
            )
            for number, reaches in self.reaches.items()
        }
        return Pool(tuple(made), relevant, len(self.shown), self.answers)


@dataclass(frozen=True, slots=True)
class _Wave:
    query: int
    visible: frozenset[int]


def _size_limits(made: Sequence[Hypothetical]) -> Sequence[float]:
    largest = max((each.size.size_bytes for each in made), default=0)
    return [largest * share for share in SIZE_SHARES]
