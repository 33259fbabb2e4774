"""Tables and mined constants in, an endless stream of small test databases out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from random import Random

from pgtune.advice.equivalence.column_values import Choice
from pgtune.advice.equivalence.kinds import MAX_ROWS, TRIES, Kind, escalated, rows_for
from pgtune.advice.equivalence.parameter_values import ParameterDraw, parameter_plans
from pgtune.advice.equivalence.table_plan import SchemaPlan, TablePlan, schema_plan
from pgtune.advice.equivalence.table_rows import TableDraw
from pgtune.advice.equivalence.value_pools import ValuePools
from pgtune.model.equivalence import TableRows
from pgtune.model.names import RelationName
from pgtune.model.test_schema import ParameterType, TestDatabase, TestSchema
from pgtune.parse.sql.mined_constants import MinedConstants

_MAX_JOINED = 20_000  # rows of a join of all tables where most rows match; chosen
_LARGE_PARENTS = 0.5  # how often tables that the large one refers to are large too; chosen
_LARGER_GROUPS = 0.5  # how often a group has more rows than the threshold asks for; chosen
_GROUP_ROWS = (8, 12)  # of a large group where no threshold is known; chosen


class DatabaseStream(Iterator[TestDatabase]):
    """An endless stream that tries harder when it is told that results are empty.

    The same for the same tables, constants, seed and answers.
    """

    def __init__(
        self,
        plan: SchemaPlan,
        parameters: Sequence[ParameterType],
        seed: int,
        *,
        is_loop: bool,
    ) -> None:
        self._plan = plan
        self._parameters = parameter_plans(plan, parameters)
        self._random = Random(seed)  # noqa: S311 - test data
        self._is_loop = is_loop
        self._fewest_values = {choice: _fewest_values(plan, choice) for choice in Choice}
        self._group_rows = rows_for(tuple(plan.mined.thresholds))
        self._number = 0
        self._turns: Counter[str] = Counter()  # of the table that is empty or large, by kind
        self._empty_in_a_row = 0

    def __next__(self) -> TestDatabase:
        """Return the next database."""
        number = self._number
        kind = escalated(number, self._empty_in_a_row // TRIES)
        pools = ValuePools(kind, self._random)
        made: dict[RelationName, TableRows] = {}
        counts = self._row_counts(kind)
        for table in self._plan.tables:
            made[table.name] = TableDraw(table, pools, made).rows(counts[table.name])
        draw = ParameterDraw(self._parameters, pools, made)
        values = draw.turns(number) if self._is_loop else (draw.once(),)
        self._number += 1
        return TestDatabase(number, kind.name, tuple(made.values()), values)

    def tell(self, *, was_empty: bool) -> None:
        """Say whether the last database's results were empty on both sides."""
        self._empty_in_a_row = self._empty_in_a_row + 1 if was_empty else 0

    def _row_counts(self, kind: Kind) -> dict[RelationName, int]:
        least, most = self._limited(kind)
        tables = self._plan.tables
        counts = {table.name: self._random.randint(least, most) for table in tables}
        if not tables:
            return counts
        chosen = tables[self._turns[kind.name] % len(tables)]
        self._turns[kind.name] += 1
        if kind.empty_tables:
            counts[chosen.name] = 0
        if kind.is_grouped:
            counts.update(dict.fromkeys(self._large(chosen), self._group_size()))
        return counts

    def _limited(self, kind: Kind) -> tuple[int, int]:
        """Return the least and the most rows of a table, fewer where a join of all would explode."""
        least, most = kind.rows
        matching = min(sum(kind.pool) / 2, self._fewest_values[kind.choice])
        limit = int(matching * _MAX_JOINED ** (1 / max(len(self._plan.tables), 1)))
        return min(least, limit), min(most, limit)

    def _large(self, table: TablePlan) -> tuple[RelationName, ...]:
        if self._random.random() >= _LARGE_PARENTS:
            return (table.name,)
        return (table.name, *(key.referenced for key in table.foreign_keys))

    def _group_size(self) -> int:
        if self._group_rows:
            least = self._random.choice(self._group_rows)
            more = self._random.randint(0, least) if self._random.random() < _LARGER_GROUPS else 0
            return min(least + more, MAX_ROWS)
        return self._random.randint(*_GROUP_ROWS)


def _fewest_values(plan: SchemaPlan, choice: Choice) -> int:
    """Return how few values there are for columns that rows of several tables may have in common."""
    by_class: defaultdict[str, list[int]] = defaultdict(list)
    for table in plan.tables:
        alone_unique = {key[0] for key in table.unique_keys if len(key) == 1}
        for position, column in enumerate(table.columns):
            if column.class_name in plan.members and position not in alone_unique:
                by_class[column.class_name].append(len(column.values.by_choice[choice]))
    return min((min(counts) for counts in by_class.values() if len(counts) > 1), default=MAX_ROWS)


def test_databases(
    schema: TestSchema, mined: MinedConstants, parameters: Sequence[ParameterType], seed: int
) -> DatabaseStream:
    """Return databases for a QueryPair: `values` holds one tuple, of $1, $2, ..."""
    return DatabaseStream(schema_plan(schema, mined), parameters, seed, is_loop=False)


def loop_databases(
    schema: TestSchema, mined: MinedConstants, parameters: Sequence[ParameterType], seed: int
) -> DatabaseStream:
    """Return databases for a LoopPair: `values` holds a tuple for each turn, *parameters* are of one turn."""
    return DatabaseStream(schema_plan(schema, mined), parameters, seed, is_loop=True)
