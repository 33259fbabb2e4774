"""A planner that knows plans instead of tables: the cheapest plan whose indexes are there is the answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pgtune.advice.selection.problem import Problem
from pgtune.model.catalog import CatalogIndex
from pgtune.model.index import Index, IndexPart
from pgtune.model.index_shape import IndexSize
from pgtune.model.names import RelationName
from pgtune.model.plan import Plan
from pgtune.model.planner import Answer, Hypothetical, Question
from pgtune.model.workload import Query

Plans = Mapping[frozenset[int], float]


class TablePlanner:
    def __init__(self, plans: Sequence[Plans]) -> None:
        self._plans = [sorted(each.items(), key=lambda plan: (plan[1], sorted(plan[0]))) for each in plans]
        self.questions: list[Question] = []

    def learn(self, queries: Sequence[Query]) -> None:
        raise NotImplementedError

    def add(self, indexes: Sequence[Index]) -> Sequence[Hypothetical | None]:
        raise NotImplementedError

    def forget(self, numbers: Collection[int]) -> None:
        raise NotImplementedError

    def number_existing(self, indexes: Sequence[CatalogIndex]) -> Sequence[int]:
        raise NotImplementedError

    def plan(self, question: Question) -> Plan:
        raise NotImplementedError

    def answer(self, questions: Sequence[Question]) -> Sequence[Answer]:
        self.questions.extend(questions)
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> Answer:
        for used, cost in self._plans[question.query]:
            if used <= question.indexes:
                return Answer(cost, used)
        return Answer(float("inf"), frozenset())


def candidate(number: int, blocks: int = 100, column: str | None = None) -> Hypothetical:
    index = Index(RelationName("public", "t"), (IndexPart(column or f"c{number}"),), include=(f"i{number}",))
    return Hypothetical(number, index, IndexSize(blocks, 1, 1000.0))


def problem_of(plans: Sequence[Plans], candidates: Sequence[Hypothetical], **limits: object) -> Problem:
    """Every query weighs 1 and may use every candidate that one of its plans has."""
    relevant = {query: frozenset().union(*each) for query, each in enumerate(plans)}
    options = {"min_gain_share": 0.0, **limits}
    return Problem(dict.fromkeys(range(len(plans)), 1.0), tuple(candidates), relevant, **options)  # type: ignore[arg-type]
