"""Another text for a query in, what the planner asks for it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Protocol

from pgtune.errors import PgtuneError
from pgtune.model.plan import Plan
from pgtune.model.planner import Question
from pgtune.model.rewrite import Planned
from pgtune.model.workload import Query

_FIRST_NUMBER = 1_000_000  # of texts that are tried; queries of a workload are numbered from 0


class TextPlanner(Protocol):
    """What plans texts that it was not asked about before; a `pgtune.model.planner.Planner` does."""

    def learn(self, queries: Sequence[Query]) -> None:
        """Take more queries to ask about, by numbers of their own."""

    def plan(self, question: Question) -> Plan:
        """The whole plan, without execution."""


@dataclass(frozen=True, slots=True)
class Pricing:
    """Asks the planner; `refusals` says why it planned nothing, by text. A planner needs one for its life."""

    planner: TextPlanner
    indexes: frozenset[int] = frozenset()  # numbered ones that are there
    refusals: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(_FIRST_NUMBER))

    def under(self, indexes: frozenset[int]) -> Pricing:
        """The same planner, asked with other numbered indexes."""
        return replace(self, indexes=indexes)

    def asking(self, planner: TextPlanner) -> Pricing:
        """The same, by way of what stands before the planner."""
        return replace(self, planner=planner)

    def price(self, query: Query, text: str) -> Planned | None:
        """Return cost and plan of *text* with the query's values; None where the server refuses it."""
        asked = replace(query, number=next(self._numbers), text=text)
        try:
            self.planner.learn([asked])
            plan = self.planner.plan(Question(asked.number, self.indexes))
        except PgtuneError as error:
            self.refusals[text] = str(error)
            return None
        if plan.root.estimate is None:
            self.refusals[text] = "it has no cost"
            return None
        return Planned(plan.root.estimate.total_cost, plan)
