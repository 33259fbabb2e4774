"""A query and indexes that do not exist in, what the planner would do with them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pgtune.model.index import Index
from pgtune.model.planner import Hypothetical, Planner, Question
from pgtune.model.workload import Query


@dataclass(frozen=True, slots=True)
class Trial:
    """The planner's choice with some indexes more than there are."""

    used: tuple[Hypothetical, ...]  # those of them that the plan reads
    cost_before: float  # of the query, in planner units
    cost_after: float

    @property
    def saving(self) -> float:
        """Share of the cost that is gone, 0..1."""
        return 1.0 - self.cost_after / self.cost_before if self.cost_before else 0.0

    @property
    def indexes(self) -> tuple[Index, ...]:
        """The indexes that the plan reads."""
        return tuple(each.index for each in self.used)

    @property
    def size_bytes(self) -> int:
        """Size of those indexes when they are freshly built."""
        return sum(each.size.size_bytes for each in self.used)


class Trials:
    """Asks about one query; every method raises ServerError when the planner is gone."""

    def __init__(self, planner: Planner, query: Query) -> None:
        self._planner = planner
        self._query = query
        (answer,) = planner.answer([Question(query.number, frozenset())])
        self.cost_before = answer.cost  # infinite where the query cannot be planned

    def known(self, indexes: Sequence[Index]) -> tuple[Hypothetical, ...]:
        """The indexes as the planner knows them; those that the server refuses are not in the answer."""
        return tuple(each for each in self._planner.add(indexes) if each is not None)

    def of(self, indexes: Sequence[Hypothetical]) -> Trial:
        """Plan the query with *indexes*."""
        question = Question(self._query.number, frozenset(each.number for each in indexes))
        (answer,) = self._planner.answer([question])
        used = tuple(each for each in indexes if each.number in answer.used)
        return Trial(used, self.cost_before, answer.cost)

    def scan(self, trial: Trial) -> str | None:
        """Type of the first plan node that reads one of the used indexes: "Index Only Scan"."""
        numbers = frozenset(each.number for each in trial.used)
        names = self._planner.index_numbers
        for node in self._planner.plan(Question(self._query.number, numbers)).nodes():
            if names.get(node.index_name or "", frozenset()) & numbers:
                return node.node_type
        return None
