"""A planner and a time limit in; the same planner, which refuses when the time is over, out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pgtune.advice.rewrites.pricing import TextPlanner
from pgtune.errors import StatementRefused
from pgtune.model.plan import Plan
from pgtune.model.planner import Question
from pgtune.model.workload import Query


@dataclass(slots=True)
class TimedPlanner:
    """Plans texts as long as there is time: joins of many tables take 50 ms a plan, measured."""

    planner: TextPlanner
    is_over: Callable[[], bool]
    has_refused: bool = False  # something was not planned for want of time

    def learn(self, queries: Sequence[Query]) -> None:
        """Take more queries to ask about."""
        self.planner.learn(queries)

    def plan(self, question: Question) -> Plan:
        """Plan as the planner does.

        Raises:
            StatementRefused: the time is over.
            PgtuneError: as the planner does.
        """
        if self.is_over():
            self.has_refused = True
            raise StatementRefused("not planned: the time for it is over")
        return self.planner.plan(question)
