"""Parameters and the rows of a database in, values to run with out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from pgtune.advice.equivalence.column_values import ColumnValues, column_values
from pgtune.advice.equivalence.table_plan import SchemaPlan
from pgtune.advice.equivalence.type_values import arrays_of, fitted
from pgtune.advice.equivalence.value_pools import ValuePools, many_values
from pgtune.advice.equivalence.value_type import value_type
from pgtune.model.equivalence import Row, TableRows, Value
from pgtune.model.names import RelationName
from pgtune.model.test_schema import ParameterType

_PRESENT = 0.6  # part of the values that are in the tables; chosen
_NULLS = 0.1  # chosen
_TURNS = (2, 5, 1, 20, 0)  # of a loop, one after the other; chosen
_MAX_ELEMENTS = 3  # of an array; chosen


class Keys(Enum):
    """Which values of a key the turns of a loop have."""

    MIXED = "mixed"
    NEW = "new"  # all different, none in the tables
    PRESENT = "present"  # in the tables, each once where there are enough
    REPEATED = "repeated"  # one or two values again and again


_KEYS = tuple(Keys)


@dataclass(frozen=True, slots=True)
class ParameterPlan:
    """A parameter and the columns whose values it takes."""

    values: ColumnValues
    sources: tuple[tuple[RelationName, str], ...]  # columns that it is compared with, or that it refers to
    is_reference: bool  # to rows of another table
    is_key: bool
    is_nullable: bool
    is_array: bool


def parameter_plans(plan: SchemaPlan, parameters: Sequence[ParameterType]) -> tuple[ParameterPlan, ...]:
    """Work out where $1, $2, ... take their values from."""
    return tuple(_planned(plan, number, each) for number, each in enumerate(parameters, start=1))


def _planned(plan: SchemaPlan, number: int, parameter: ParameterType) -> ParameterPlan:
    names = plan.mined.parameters.get(number, frozenset())
    compared = {other for name in names for other in plan.members.get(plan.class_of.get(name, name), (name,))}
    kind = value_type(parameter.type, parameter.enum_labels)
    met = [
        (table, position, column)
        for table in plan.tables
        for position, column in enumerate(table.columns)
        if column.name.lower() in names
    ]
    references = [
        (key.referenced, key.referenced_columns[key.columns.index(position)])
        for table, position, _ in met
        for key in table.foreign_keys
        if position in key.columns
    ]
    return ParameterPlan(
        column_values(compared, kind.element or kind, plan.mined, ()),
        tuple(references or ((table.name, column.name) for table, _, column in met)),
        is_reference=bool(references),
        is_key=any(position in key for table, position, _ in met for key in table.unique_keys),
        is_nullable=all(column.is_nullable for _, _, column in met),
        is_array=kind.element is not None,
    )


class ParameterDraw:
    """Draws values for the parameters of one database."""

    def __init__(
        self,
        plans: Sequence[ParameterPlan],
        pools: ValuePools,
        tables: Mapping[RelationName, TableRows],
    ) -> None:
        self._plans = plans
        self._random = pools.random
        self._pools = [pools.of_values(plan.values) for plan in plans]
        self._present = [tuple(_present(plan, tables)) for plan in plans]

    def once(self) -> Row:
        """Return the values of one run."""
        return tuple(self._any(position, _NULLS) for position in range(len(self._plans)))

    def turns(self, number: int) -> tuple[Row, ...]:
        """Return the values of a loop of 0 to 20 turns for database *number*."""
        count, keys = _TURNS[number % len(_TURNS)], _KEYS[number % len(_KEYS)]
        columns = [self._turns_of(position, count, keys) for position in range(len(self._plans))]
        return tuple(zip(*columns, strict=True)) if columns else ((),) * count

    def _turns_of(self, position: int, count: int, keys: Keys) -> Sequence[Value]:
        plan = self._plans[position]
        if keys is Keys.MIXED or not plan.is_key or plan.is_reference or plan.is_array:
            nulls = _NULLS if plan.is_nullable or keys is Keys.MIXED else 0.0
            return [self._any(position, nulls) for _ in range(count)]
        present = self._present[position]
        if keys is Keys.NEW:
            known = many_values(self._pools[position], plan.values, count + len(present))
            chosen = tuple(value for value in known if value not in present)[:count] or known
        elif keys is Keys.PRESENT:
            chosen = tuple(self._random.sample(present, len(present))) or self._pools[position]
        else:
            chosen = (present or self._pools[position])[:2]
        return [chosen[turn % len(chosen)] for turn in range(count)] if chosen else [None] * count

    def _any(self, position: int, nulls: float) -> Value:
        plan = self._plans[position]
        if plan.is_array:
            elements = [self._single(position, nulls) for _ in range(self._random.randint(0, _MAX_ELEMENTS))]
            return _array(elements)
        return self._single(position, nulls)

    def _single(self, position: int, nulls: float) -> Value:
        plan, present, pool = self._plans[position], self._present[position], self._pools[position]
        if not pool or (nulls and self._random.random() < nulls):
            return None
        if present and (plan.is_reference or self._random.random() < _PRESENT):
            return self._random.choice(present)
        return self._random.choice(pool)


def _present(plan: ParameterPlan, tables: Mapping[RelationName, TableRows]) -> Iterator[str]:
    """Yield the values, each once, that the columns have which the parameter meets."""
    found: dict[str, None] = {}
    for relation, name in plan.sources:
        table = tables.get(relation)
        if table is None or name not in table.columns:
            continue
        position = table.columns.index(name)
        for row in table.rows:
            value = row[position]
            found.update(dict.fromkeys(fitted(value, plan.values.kind) if value is not None else ()))
    yield from found


def _array(elements: Sequence[Value]) -> str:
    single = (arrays_of((each,))[0][1:-1] if each is not None else "NULL" for each in elements)
    return f"{{{','.join(single)}}}"
