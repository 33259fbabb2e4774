"""An upsert of one row in; for each column, what a batch has to insert and to set, out.

A key may come several times. The first turn that finds no row inserts, every other one updates. What is left
after all of them is written here as one row for each key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from pgtune.advice.batches.arrays import NUMBERS
from pgtune.advice.batches.conditions import is_arbiter, keeps_unique
from pgtune.model.catalog import CatalogIndex, Relation
from pgtune.parse.sql.expression_of_turn import Expression
from pgtune.parse.sql.insert_turn import Conflict, InsertTurn
from pgtune.parse.sql.update_turn import Assignment, excluded_column, increment

_SAME_TIME = {"current_timestamp": "now()", "transaction_timestamp()": "now()"}


class SetKind(Enum):
    """How an item of DO UPDATE SET comes together with the value inserted."""

    LAST = "the value of the last turn"
    SUM = "the sum of all turns"
    COUNT = "a constant for each turn"
    OTHER = "another value than the one inserted"  # so that it shows whether a key came twice


@dataclass(frozen=True, slots=True)
class UpsertPlan:
    """What the statement for a batch is written from."""

    turn: InsertTurn
    relation: Relation
    inserted: Mapping[str, Expression]
    arbiter: CatalogIndex
    kinds: Mapping[str, SetKind]  # of the columns in SET
    sets: Mapping[str, Expression]

    @property
    def key_parameters(self) -> tuple[int, ...]:
        """The parameters that make the key, in the index's order."""
        numbers = (self.inserted[name].parameter for name in self.arbiter.key)
        return tuple(dict.fromkeys(number for number in numbers if number is not None))

    @property
    def counts(self) -> bool:
        """True where the number of a key's turns is needed."""
        return bool({SetKind.COUNT, SetKind.OTHER} & set(self.kinds.values()))


def find_arbiter(conflict: Conflict, relation: Relation) -> CatalogIndex | None:
    """Return the unique index that ON CONFLICT names by its columns or its constraint."""
    for index in relation.indexes:
        by_name = conflict.constraint is not None and index.constraint == conflict.constraint
        by_columns = conflict.columns is not None and set(index.key) == set(conflict.columns)
        if is_arbiter(index) and (by_name or by_columns):
            return index
    return None


def upsert_plan(
    turn: InsertTurn, conflict: Conflict, relation: Relation, inserted: Mapping[str, Expression]
) -> UpsertPlan | str:
    """Return the plan, or the reason why one statement would not leave what the loop leaves."""
    arbiter = find_arbiter(conflict, relation)
    if arbiter is None:
        return f"no unique index of plain columns of {relation.name} is the one that ON CONFLICT names"
    kinds: dict[str, SetKind] = {}
    for item in conflict.sets:
        kind = _kind(item, inserted, turn, relation)
        if isinstance(kind, str):
            return kind
        kinds[item.column] = kind
    sets = {item.column: item.value for item in conflict.sets}
    plan = UpsertPlan(turn, relation, inserted, arbiter, kinds, sets)
    return next(_obstacles(plan, conflict), plan)


def default_text(relation: Relation, column: str) -> str:
    """Return what a column holds when an INSERT leaves it out."""
    found = relation.column(column)
    return found.default if found is not None and found.default is not None else "NULL"


def _obstacles(plan: UpsertPlan, conflict: Conflict) -> Iterator[str]:
    if conflict.where.tokens:
        yield "DO UPDATE has a WHERE: whether a turn writes depends on the turns before it"
    for name in plan.arbiter.key:
        value = plan.inserted.get(name)
        if value is None or (value.parameter is None and value.constant is None):
            yield f"the key {name} is neither a parameter nor a constant"
            return
    if not plan.key_parameters:
        yield "the key is the same in all turns"
    for index in plan.relation.indexes:
        if index is not plan.arbiter and keeps_unique(index, plan.kinds):
            yield f"SET writes what {index.name.name} keeps unique: the order of turns decides if it fails"
    shared = [name for name, kind in plan.kinds.items() if kind is SetKind.SUM and _is_shared(plan, name)]
    if shared:
        yield f"the amount added to {shared[0]} is used elsewhere too"


def _is_shared(plan: UpsertPlan, column: str) -> bool:
    number = plan.inserted[column].parameter
    return any(number in value.parameters for name, value in plan.inserted.items() if name != column)


def _kind(
    item: Assignment, inserted: Mapping[str, Expression], turn: InsertTurn, relation: Relation
) -> SetKind | str:
    """Return how *item* is done for many turns, or why it cannot be."""
    own = inserted.get(item.column)
    if excluded_column(item.value) == item.column or _same_parameter(item.value, own):
        return SetKind.LAST
    added = _added(item, own, turn, relation)
    return added or next(_reads(item, turn, relation), None) or _constant_kind(item, own, relation)


def _reads(item: Assignment, turn: InsertTurn, relation: Relation) -> Iterator[str]:
    columns = {column.name for column in relation.columns} | {"excluded", turn.qualifier}
    if item.value.has_query or item.value.names & columns:
        yield f"SET {item.column} = {item.value.text} reads what earlier turns may have written"
    if item.value.parameters:
        yield f"SET {item.column} takes a parameter that is not the value inserted there"


def _constant_kind(item: Assignment, own: Expression | None, relation: Relation) -> SetKind | str:
    """Return the kind of a value that is the same in all turns."""
    if _normal(item.value.text) == _normal(own.text if own else default_text(relation, item.column)):
        return SetKind.LAST
    column = relation.column(item.column)
    if column is None or column.generated or column.identity:
        return f"SET writes {item.column}, whose value the server makes"
    return SetKind.OTHER


def _added(item: Assignment, own: Expression | None, turn: InsertTurn, relation: Relation) -> SetKind | None:
    """Return how ``column = table.column + amount`` is summed; None where it is anything else."""
    found = increment(item.value, item.column, (turn.qualifier, turn.relation.name))
    column = relation.column(item.column)
    if found is None or own is None or column is None or found.operator != "+":
        return None
    if column.type.partition("(")[0] not in NUMBERS:
        return None
    amount_is_inserted = excluded_column(found.amount) == item.column
    if own.parameter is not None:
        matches = amount_is_inserted or found.amount.parameter == own.parameter
        return SetKind.SUM if matches else None
    if own.constant is not None and own.constant.upper() != "NULL":
        matches = amount_is_inserted or found.amount.constant == own.constant
        return SetKind.COUNT if matches else None
    return None


def _same_parameter(value: Expression, own: Expression | None) -> bool:
    return own is not None and value.parameter is not None and value.parameter == own.parameter


def _normal(text: str) -> str:
    lower = " ".join(text.lower().split())
    return _SAME_TIME.get(lower, lower)
