"""Extend, a published way to choose indexes, as a baseline on the same planner and the same sizes.

Rainer Schlosser, Jan Kossmann, Martin Boissier: Efficient Scalable Multi-Attribute Index Selection Using
Recursive Strategies, ICDE 2019. Each step adds an index of one column, or appends a column to a chosen index,
whichever saves most per byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import psycopg

from pgtune.model.index import Index, IndexPart
from pgtune.model.names import RelationName
from pgtune.model.planner import Hypothetical, Question
from pgtune.model.workload import Query
from pgtune.shadow.what_if.what_if import ShadowPlanner

MAX_WIDTH = 2
MIN_GAIN = 0.003  # of the workload's cost, for another step; as the authors chose
_WORD = re.compile(r"\w+")
_COLUMNS = """
SELECT table_schema, table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public' ORDER BY table_name, ordinal_position
"""

IndexSet = tuple[Hypothetical, ...]


def named_columns(conninfo: str, queries: Sequence[Query]) -> Mapping[RelationName, tuple[str, ...]]:
    """The columns of each table that queries name; column names are unique in TPC-H."""
    named = {word for query in queries for word in _WORD.findall(query.text)}
    found: dict[RelationName, tuple[str, ...]] = {}
    with psycopg.connect(conninfo) as connection:
        for schema, table, column in connection.execute(_COLUMNS):
            if column in named:
                relation = RelationName(schema, table)
                found[relation] = (*found.get(relation, ()), column)
    return found


class Extend:
    """The search for one workload; what it learns for one budget serves the next."""

    def __init__(
        self,
        planner: ShadowPlanner,
        queries: Sequence[Query],
        columns: Mapping[RelationName, Sequence[str]],
    ) -> None:
        self._planner = planner
        self._columns = columns
        self._tables = {query.number: _tables(query, columns) for query in queries}
        self._costs: dict[Question, float] = {}
        self._base_cost = self._set_costs([()])[0]

    def cost_share(self, budget_bytes: int) -> float:
        """Cost of the workload with the set that is found, over its cost without indexes."""
        chosen: IndexSet = ()
        cost = self._base_cost
        while steps := [step for step in self._steps(chosen) if _bytes(step) <= budget_bytes]:
            costs = zip(steps, self._set_costs(steps), strict=True)
            better = [(step, found) for step, found in costs if found < cost * (1 - MIN_GAIN)]
            if not better:
                break
            start, size = cost, _bytes(chosen)
            chosen, cost = max(better, key=lambda each: (start - each[1]) / max(1, _bytes(each[0]) - size))
        return cost / self._base_cost

    def _steps(self, chosen: IndexSet) -> Iterator[IndexSet]:
        singles = [
            Index(table, (IndexPart(column),)) for table, names in self._columns.items() for column in names
        ]
        for made in self._planner.add(singles):
            if made is not None and made not in chosen:
                yield (*chosen, made)
        for each in chosen:
            if len(each.index.key) < MAX_WIDTH:
                rest = tuple(other for other in chosen if other is not each)
                wider = self._planner.add(list(self._appended(each.index)))
                yield from ((*rest, made) for made in wider if made is not None)

    def _appended(self, index: Index) -> Iterator[Index]:
        for column in self._columns[index.relation]:
            if column not in index.columns:
                yield Index(index.relation, (*index.key, IndexPart(column)))

    def _set_costs(self, sets: Sequence[IndexSet]) -> Sequence[float]:
        asked = [[self._question(query, indexes) for query in self._tables] for indexes in sets]
        fresh = list(dict.fromkeys(each for row in asked for each in row if each not in self._costs))
        answers = zip(fresh, self._planner.answer(fresh), strict=True)
        self._costs |= {question: answer.cost for question, answer in answers}
        return [sum(self._costs[each] for each in row) for row in asked]

    def _question(self, query: int, indexes: IndexSet) -> Question:
        """About those indexes alone that are of the query's tables."""
        tables = self._tables[query]
        return Question(query, frozenset(each.number for each in indexes if each.index.relation in tables))


def _tables(query: Query, columns: Mapping[RelationName, Sequence[str]]) -> frozenset[RelationName]:
    words = set(_WORD.findall(query.text))
    return frozenset(table for table, names in columns.items() if words & set(names))


def _bytes(indexes: IndexSet) -> int:
    return sum(each.size.size_bytes for each in indexes)
