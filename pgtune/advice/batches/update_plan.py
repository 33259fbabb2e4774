"""An UPDATE of one turn in; what its SET list does when many turns come at once, out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pgtune.advice.batches.arrays import NUMBERS
from pgtune.advice.batches.conditions import keeps_unique
from pgtune.advice.batches.keys import Keys, read_keys
from pgtune.advice.batches.returned_rows import returning_obstacles
from pgtune.model.catalog import Relation
from pgtune.parse.sql.expression_of_turn import Expression
from pgtune.parse.sql.update_turn import Assignment, ChangeTurn, Increment, increment


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    """What the statement for a batch is written from."""

    turn: ChangeTurn
    relation: Relation
    keys: Keys
    increments: Mapping[str, Increment]  # by column

    @property
    def set_parameters(self) -> frozenset[int]:
        """Numbers of the parameters in SET."""
        return frozenset[int]().union(*(item.value.parameters for item in self.turn.sets))

    @property
    def repeats_alike(self) -> bool:
        """True where all turns of a key do the same, and doing it twice is as good as once."""
        return not self.set_parameters and not self.increments


def update_plan(turn: ChangeTurn, relation: Relation) -> UpdatePlan:
    """Return the plan; `update_obstacles` says whether it holds."""
    qualifiers = (turn.qualifier, relation.name.name)
    found = {item.column: increment(item.value, item.column, qualifiers) for item in turn.sets}
    increments = {column: each for column, each in found.items() if each is not None}
    return UpdatePlan(turn, relation, read_keys(turn.conditions), increments)


def update_obstacles(plan: UpdatePlan) -> Iterator[str]:
    """Yield the reasons why one UPDATE would not leave what the loop leaves."""
    yield from key_obstacles(plan.turn, plan.relation, plan.keys)
    set_columns = {item.column for item in plan.turn.sets}
    both = sorted(set_columns & set(plan.keys.columns))
    if both:
        yield f"SET writes {both[0]}, by which the rows are found: a later turn may find other rows"
    for condition in plan.keys.others:
        if condition.names & set_columns:
            yield f"the condition {condition.text} reads what earlier turns may have written"
    if plan.keys.other_parameters and not plan.repeats_alike:
        yield "a condition that is no equality has a parameter: a key does not tell which turn was the last"
    for item in plan.turn.sets:
        yield from _set_obstacles(item, plan, set_columns)
    for index in plan.relation.indexes:
        if keeps_unique(index, set_columns):
            yield f"SET writes what {index.name.name} keeps unique: the order of rows decides if it fails"
    keys = plan.keys.columns
    yield from returning_obstacles(plan.turn.returning, plan.relation, set_columns, keys)


def key_obstacles(turn: ChangeTurn, relation: Relation, keys: Keys) -> Iterator[str]:
    """Yield why the rows of a turn are not found by a key."""
    if not keys.keys:
        yield "no column is compared with a parameter by ="
    for key in keys.keys:
        if relation.column(key.column) is None:
            yield f'{relation.name} has no column "{key.column}"'
    parts = (*(item.value for item in turn.sets), *turn.conditions, turn.returning)
    if any(part.has_query for part in parts):
        yield "it has a sub-query, which may read what earlier turns have written"
    if turn.returning.parameters:
        yield "RETURNING has a parameter"


def _set_obstacles(item: Assignment, plan: UpdatePlan, set_columns: set[str]) -> Iterator[str]:
    column = plan.relation.column(item.column)
    if column is None:
        yield f'{plan.relation.name} has no column "{item.column}"'
        return
    added = plan.increments.get(item.column)
    if added is None:
        if item.value.names & set_columns:
            yield f"SET {item.column} = {item.value.text} reads what earlier turns may have written"
        return
    if column.type.partition("(")[0] not in NUMBERS:
        yield f"SET {item.column} = {item.value.text} adds to what is no number"
    if added.amount.parameter is not None and _is_shared(added.amount.parameter, item, plan):
        yield f"${added.amount.parameter} is added to {item.column}, and used elsewhere too"


def _is_shared(number: int, item: Assignment, plan: UpdatePlan) -> bool:
    elsewhere: list[Expression] = [other.value for other in plan.turn.sets if other is not item]
    elsewhere += plan.turn.conditions
    return any(number in part.parameters for part in elsewhere)
