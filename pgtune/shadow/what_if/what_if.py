"""A shadow and the queries of a workload in, a Planner that answers what-if questions about indexes out."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from math import inf

from pgtune.errors import StatementRefused
from pgtune.model.catalog import CatalogIndex
from pgtune.model.index import Index
from pgtune.model.plan import Plan
from pgtune.model.planner import Answer, Hypothetical, Question
from pgtune.model.workload import Query
from pgtune.shadow.database import Shadow
from pgtune.shadow.what_if.crew import Crew
from pgtune.shadow.what_if.hypothetical_indexes import make_indexes, set_sizes
from pgtune.shadow.what_if.hypothetical_sizes import (
    SizeIndexes,
    estimate_sizes,
    hypothetical_sizes,
    whole_size,
)
from pgtune.shadow.what_if.session import Session
from pgtune.shadow.what_if.worker import Worker, open_worker


@contextmanager
def open_planner(
    shadow: Shadow, queries: Sequence[Query], size_indexes: SizeIndexes = estimate_sizes
) -> Iterator[ShadowPlanner]:
    """Yield the planner of *shadow*; several questions are worked on at once, one in each of its databases.

    Raises:
        ServerError: the shadow does not answer.
    """
    with ExitStack() as stack:
        workers = [stack.enter_context(open_worker(database)) for database in shadow.databases]
        executor = stack.enter_context(ThreadPoolExecutor(len(workers), thread_name_prefix="pgtune-shadow"))
        yield ShadowPlanner(Crew(workers, executor), queries, size_indexes)


class ShadowPlanner:
    """Implements `pgtune.model.planner.Planner`; for one thread."""

    def __init__(self, crew: Crew, queries: Sequence[Query], size_indexes: SizeIndexes) -> None:
        self._crew = crew
        self._queries: dict[int, Query] = {}
        self._size_indexes = size_indexes
        self._hypothetical: dict[Index, Hypothetical | None] = {}
        self._existing: dict[CatalogIndex, int] = {}
        self._next_number = 0
        self._refused: dict[int, str] = {}
        self.learn(queries)

    @property
    def refused(self) -> Mapping[int, str]:
        """Why queries cannot be planned, as far as that has shown, by Query.number."""
        return self._refused

    @property
    def index_numbers(self) -> Mapping[str, frozenset[int]]:
        """Numbers of indexes by the names that plans show; several where schemas share a name."""
        return self._crew.workers[0].numbers

    def learn(self, queries: Sequence[Query]) -> None:
        """Take more queries to ask about; `refused` says what cannot be planned.

        Raises:
            ServerError: the shadow ended.
        """
        self._queries |= {query.number: query for query in queries}
        for refused in self._crew.each(lambda worker: _check(worker.session, queries)):
            self._refused |= refused

    def add(self, indexes: Sequence[Index]) -> Sequence[Hypothetical | None]:
        """Number the indexes, the same number for an equal one; None where the server refuses to make it.

        Raises:
            ServerError: the shadow ended.
        """
        fresh = {
            self._take_number(): index for index in dict.fromkeys(indexes) if index not in self._hypothetical
        }
        if fresh:
            self._hypothetical |= dict.fromkeys(fresh.values())
            self._make(fresh)
        return [self._hypothetical[index] for index in indexes]

    def forget(self, numbers: Collection[int]) -> None:
        """Take hypothetical indexes away, which no question names any more.

        Raises:
            ServerError: the shadow ended.
        """
        gone = frozenset(numbers)
        self._hypothetical = {
            index: made
            for index, made in self._hypothetical.items()
            if made is None or made.number not in gone
        }
        self._crew.each(lambda worker: worker.forget(gone))

    def number_existing(self, indexes: Sequence[CatalogIndex]) -> Sequence[int]:
        """Number existing indexes, so that questions can leave them out."""
        fresh = {
            index: self._take_number() for index in dict.fromkeys(indexes) if index not in self._existing
        }
        self._existing |= fresh
        self._crew.each(lambda worker: worker.learn_existing(fresh))
        return [self._existing[index] for index in indexes]

    def answer(self, questions: Sequence[Question]) -> Sequence[Answer]:
        """Answer in the order of the questions; several are worked on at once.

        Raises:
            ServerError: the shadow ended.
        """
        answers = [Answer(inf, frozenset())] * len(questions)
        waiting = deque(enumerate(questions))

        def work(worker: Worker) -> None:
            while not self._crew.is_stopping:
                try:
                    position, question = waiting.popleft()
                except IndexError:
                    return
                answers[position] = self._answer(worker, question)

        self._crew.each(work)
        return answers

    def plan(self, question: Question) -> Plan:
        """The whole plan, VERBOSE, without execution.

        Raises:
            StatementRefused: the server cannot plan the query.
            PlanError: it is a statement without a plan.
            ServerError: the shadow ended.
        """
        query = self._plannable(question.query)
        return self._crew.first(lambda worker: worker.plan(query, question.indexes))

    def plans(self, query: Query) -> tuple[Plan, Plan]:
        """The plan with all that exists, and the plan without use of any index; raises as `plan` does.

        Without indexes, every condition and every sort stands in the plan.
        """
        query = self._plannable(query.number)
        everything = frozenset(self._existing.values())
        return self._crew.first(lambda worker: (worker.plan(query, everything), worker.bare_plan(query)))

    def _take_number(self) -> int:
        self._next_number += 1
        return self._next_number - 1

    def _make(self, indexes: Mapping[int, Index]) -> None:
        """Make the numbered indexes in every database, and keep those that all of them took."""
        made = self._crew.each(lambda worker: make_indexes(indexes, worker.superuser, worker.database))
        everywhere = {number: each for number, each in made[0].items() if all(number in m for m in made)}
        database = self._crew.workers[0].database
        sizes = hypothetical_sizes(indexes, everywhere, self._size_indexes, database)
        made_by = dict(zip(self._crew.workers, made, strict=True))

        def finish(worker: Worker) -> None:
            kept = {number: made_by[worker][number] for number in everywhere}
            set_sizes(kept, sizes, worker.superuser, worker.database)
            worker.learn(each.numbered for each in kept.values())

        self._crew.each(finish)
        for number, each in everywhere.items():
            index = indexes[number]
            self._hypothetical[index] = Hypothetical(number, index, whole_size(number, each, sizes))

    def _answer(self, worker: Worker, question: Question) -> Answer:
        if question.query not in self._refused:
            try:
                return worker.answer(self._queries[question.query], question.indexes)
            except StatementRefused as refusal:
                if not self._crew.is_stopping:  # else it was cancelled
                    self._refused[question.query] = str(refusal)
        return Answer(inf, frozenset())

    def _plannable(self, number: int) -> Query:
        if number in self._refused:
            raise StatementRefused(f"{self._queries[number].name}: {self._refused[number]}")
        return self._queries[number]


def _check(session: Session, queries: Sequence[Query]) -> Mapping[int, str]:
    """Return why those that the server cannot parse are refused."""
    refused = {}
    for query in queries:
        try:
            session.check(query)
        except StatementRefused as refusal:
            refused[query.number] = str(refusal)
    return refused
