"""Queries in; those that can be run out, with values for their ``$n``, and why the others cannot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pgtune.advice.suggestion.parameter_values import Statistics, parameter_values
from pgtune.errors import PlanError, StatementRefused
from pgtune.model.names import RelationName
from pgtune.model.plan import Plan
from pgtune.model.planner import Planner
from pgtune.model.snapshot import ColumnStatistics
from pgtune.model.workload import Query
from pgtune.parse.sql_tokens import TokenKind, read_tokens

_WRITING_NODES = frozenset({"ModifyTable", "LockRows"})


@dataclass(frozen=True, slots=True)
class RunnableQueries:
    """Which queries of a workload can be run."""

    queries: tuple[Query, ...]  # whose parameters all have values
    with_typical_values: frozenset[int]  # Query.number of those whose values come from the statistics
    unmeasured: tuple[str, ...] = ()  # the others and why, a sentence each


def runnable_queries(
    queries: Sequence[Query], planner: Planner, statistics: Iterable[ColumnStatistics]
) -> RunnableQueries:
    """Give each query values for its parameters; what the planner refuses is left out.

    Raises:
        ServerError: the planner is gone.
    """
    by_column = statistics_by_column(statistics)
    runnable: list[Query] = []
    typical: set[int] = set()
    unmeasured: list[str] = []
    for query in queries:
        if query.number in planner.refused:
            continue
        if query.values is not None or not _parameter_count(query.text):
            runnable.append(replace(query, values=query.values or ()))
            continue
        try:
            _, plan = planner.plans(query)
        except (StatementRefused, PlanError):  # told by planner.refused
            continue
        filled = with_typical_values(query, plan, by_column)
        if isinstance(filled, str):
            unmeasured.append(f"{query.name}: {filled}")
        else:
            runnable.append(filled)
            typical.add(query.number)
    return RunnableQueries(tuple(runnable), frozenset(typical), tuple(unmeasured))


def statistics_by_column(statistics: Iterable[ColumnStatistics]) -> Statistics:
    """Sort the statistics by column: a table's own, else those of its whole tree."""
    found: dict[tuple[RelationName, str], ColumnStatistics] = {}
    for each in sorted(statistics, key=lambda each: each.inherited):
        found.setdefault((each.relation, each.column), each)
    return found


def with_typical_values(query: Query, plan: Plan, statistics: Statistics) -> Query | str:
    """Return the query with a value for each ``$n``, or why there is none."""
    if any(node.node_type in _WRITING_NODES for node in plan.nodes()):
        return "it writes"
    needed = range(1, _parameter_count(query.text) + 1)
    told = parameter_values(query.text, plan, statistics)
    if missing := [f"${number}" for number in needed if number not in told]:
        return f"the statistics suggest no value for {', '.join(missing)}"
    return replace(query, values=tuple(told[number] for number in needed))


def _parameter_count(text: str) -> int:
    places = (token.text for token in read_tokens(text) if token.kind is TokenKind.PLACEHOLDER)
    return max((int(place[1:]) for place in places), default=0)
