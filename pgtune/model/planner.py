"""What-if questions and who answers them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from pgtune.model.catalog import CatalogIndex
from pgtune.model.index import Index
from pgtune.model.index_shape import IndexSize
from pgtune.model.plan import Plan
from pgtune.model.workload import Query


class Question(NamedTuple):
    """Which plan does the query get when of the numbered indexes exactly these are there?"""

    query: int  # Query.number
    indexes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Answer:
    """The planner's choice. ``cost`` is infinite for a query that cannot be planned."""

    cost: float  # total cost of the plan, in planner units
    used: frozenset[int]  # numbered indexes in the plan


@dataclass(frozen=True, slots=True)
class Hypothetical:
    """An index that the planner can be shown, under a number that holds as long as the planner lives."""

    number: int
    index: Index
    size: IndexSize


class Planner(Protocol):
    """A real planner on statistics of production; it never executes a query.

    Existing indexes are always there, unless they were numbered by `number_existing`: then they are there
    where a question names them.
    """

    def learn(self, queries: Sequence[Query]) -> None:
        """Take more queries to ask about, by numbers of their own; `refused` says what has no plan."""

    def add(self, indexes: Sequence[Index]) -> Sequence[Hypothetical | None]:
        """Number the indexes, the same number for an equal one; None where the server refuses to make it."""

    def forget(self, numbers: Collection[int]) -> None:
        """Take hypothetical indexes away, which no question names any more; the others cost less time."""

    def number_existing(self, indexes: Sequence[CatalogIndex]) -> Sequence[int]:
        """Number existing indexes, so that questions can leave them out."""

    def answer(self, questions: Sequence[Question]) -> Sequence[Answer]:
        """Answer in the order of the questions; several are worked on at once."""

    def plan(self, question: Question) -> Plan:
        """The whole plan, VERBOSE, without execution."""

    def plans(self, query: Query) -> tuple[Plan, Plan]:
        """The plan with all that exists, and the plan without use of any index."""

    @property
    def index_numbers(self) -> Mapping[str, frozenset[int]]:
        """Numbers of indexes by the names that plans show; several where schemas share a name."""

    @property
    def refused(self) -> Mapping[int, str]:
        """Why queries cannot be planned, as far as that has shown, by Query.number."""
