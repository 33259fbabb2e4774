"""Queries and a planner in, the candidate indexes that the planner would use, and for which query, out.

Most candidates are never chosen, whatever else is there. So each query is planned with all its own
candidates visible, then without those that the plan used, and so on; and once more with small candidates
only. What is used in none of these plans is forgotten. Candidates that serve several queries are then made
from what was used.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from pgtune.advice.accesses import Access, accesses
from pgtune.advice.candidate_indexes import candidates
from pgtune.advice.candidate_merging import merged, more_general, narrower
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
MAX_MERGED_PER_RELATION = 24  # used indexes of one table that are merged pair by pair; chosen

OnProgress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Pool:
    """What selection chooses from."""

    candidates: tuple[Hypothetical, ...]
    relevant: Mapping[int, frozenset[int]]  # Query.number -> numbers of candidates that may change its plan
    considered: int  # candidates that the planner was shown
    questions: int


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
    return search.pool()


@dataclass(slots=True)
class _Search:
    planner: Planner
    catalog: Catalog
    accesses: dict[int, tuple[Access, ...]] = field(default_factory=dict)
    own: dict[int, tuple[Index, ...]] = field(default_factory=dict)
    shown: dict[Index, Hypothetical] = field(default_factory=dict)
    used: dict[int, set[int]] = field(default_factory=dict)  # by Query.number
    questions: int = 0

    def read(self, query: Query) -> None:
        """Take down what the query wants of its tables."""
        try:
            as_is, bare = self.planner.plans(query)
        except (StatementRefused, PlanError):
            return  # told by planner.refused
        found = (*accesses(bare, self.catalog), *accesses(as_is, self.catalog))
        self.accesses[query.number] = tuple(dict.fromkeys(found))
        indexes = chain.from_iterable(candidates(access) for access in self.accesses[query.number])
        self.own[query.number] = tuple(dict.fromkeys(indexes))
        self.used[query.number] = set()

    def show(self, indexes: Iterable[Index]) -> None:
        """Have the planner make them."""
        fresh = [index for index in dict.fromkeys(indexes) if index not in self.shown]
        for index, made in zip(fresh, self.planner.add(fresh), strict=True):
            if made is not None:
                self.shown[index] = made

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
                self.used[question.query] |= answer.used
                following.append(_Wave(question.query, question.indexes - answer.used))
        return following

    def _ask(self, questions: Sequence[Question]) -> Sequence[Answer]:
        self.questions += len(questions)
        return self.planner.answer(questions)

    def combine(self) -> None:
        """Show the planner what could serve several queries, and cheaper forms of what is used."""
        by_number = {made.number: made.index for made in self.shown.values()}
        by_relation: dict[RelationName, dict[Index, int]] = {}
        for numbers in self.used.values():
            for number in sorted(numbers):
                index = by_number[number]
                counts = by_relation.setdefault(index.relation, {})
                counts[index] = counts.get(index, 0) + 1
        fresh = [index for counts in by_relation.values() for index in _combined(counts)]
        self.show(fresh)
        self.run_waves({number: self._serving(number, fresh) for number in self.own})

    def _serving(self, number: int, indexes: Sequence[Index]) -> tuple[Index, ...]:
        """Those that could change the plan of the query."""
        return tuple(
            index for index in indexes if any(may_serve(index, access) for access in self.accesses[number])
        )

    def pool(self) -> Pool:
        """What was used, each for every query that it may serve."""
        kept = frozenset(chain.from_iterable(self.used.values()))
        made = [each for each in self.shown.values() if each.number in kept]
        relevant = {
            number: frozenset(
                each.number
                for each in made
                if each.number in self.used[number] or any(may_serve(each.index, access) for access in wants)
            )
            for number, wants in self.accesses.items()
        }
        return Pool(tuple(made), relevant, len(self.shown), self.questions)


@dataclass(frozen=True, slots=True)
class _Wave:
    query: int
    visible: frozenset[int]


def _size_limits(made: Sequence[Hypothetical]) -> Sequence[float]:
    largest = max((each.size.size_bytes for each in made), default=0)
    return [largest * share for share in SIZE_SHARES]


def _combined(counts: Mapping[Index, int]) -> Iterable[Index]:
    """Of the used indexes of one table, with the number of queries that use each."""
    ranked = sorted(counts, key=lambda index: -counts[index])[:MAX_MERGED_PER_RELATION]
    return dict.fromkeys(
        chain(
            chain.from_iterable(more_general(index) for index in ranked),
            chain.from_iterable(narrower(index) for index in ranked),
            merged(ranked),
        )
    )


def may_serve(index: Index, access: Access) -> bool:
    """True when the planner could find a use for the index: it can search or sort by it, or read it alone."""
    if index.relation != access.relation:
        return False
    first = index.key[0]
    if first.is_expression or index.access_method != "btree":
        return True
    if first.text in _searched(access):
        return True
    needed = access.needed()
    return needed is not None and set(needed) <= index.columns


def _searched(access: Access) -> Collection[str]:
    columns = {clause.column.name for clause in (*access.clauses, *access.joins) if clause.column is not None}
    return columns | {
        key.column.name for order in access.orders for key in order[:1] if key.column is not None
    }
