"""Statements of pg_stat_statements in; those that may be the turns of a loop out.

Counters show no order: whatever is found here is a candidate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pgtune.model.catalog import Catalog, Relation
from pgtune.model.loop import Loop, LoopOrigin, Parent
from pgtune.model.snapshot import StatementStatistics
from pgtune.parse.loops.result_columns import KEY, Lookup, lookups, tables, tie_of
from pgtune.parse.loops.turn_shape import Role, TurnShape
from pgtune.parse.loops.turns import read_turn

MIN_CALLS = 1000  # chosen
MAX_MEAN_MS = 1.0  # slower statements have another cure; chosen
MAX_ROWS_PER_CALL = 1.5  # of a lookup by key, and of a write; chosen
MIN_ROWS_PER_CALL = 0.5  # of a write; chosen
ROUND_TRIP_MS = 0.5  # between two machines of one data centre, for the ranking; chosen
PARENT_TOLERANCE = 0.1  # by which the rows of a parent may differ from the calls of its children; chosen


@dataclass(slots=True)
class _Counted:
    """Statements that differ in the length of their lists alone: below 18 the server counts them apart."""

    shape: TurnShape
    text: str
    place: str
    calls: int = 0
    total_ms: float = 0.0
    rows: int = 0

    @property
    def cost_ms(self) -> float:
        return self.total_ms + self.calls * ROUND_TRIP_MS


def counted_loops(
    statements: Iterable[StatementStatistics],
    since: datetime | None,
    taken_at: datetime | None,
    catalog: Catalog | None,
) -> tuple[Loop, ...]:
    """Return the statements that look like turns of a loop, the dearest first.

    They were counted from *since* to *taken_at*; without both no queries per second are known. Without a
    *catalog* a key is known by its name alone: id, or user_id.
    """
    counted = _by_fingerprint(statements)
    turns = [one for one in counted if _may_be_turn(one, catalog)]
    turns.sort(key=lambda one: (-one.cost_ms, one.place))
    elapsed_s = (taken_at - since).total_seconds() if since is not None and taken_at is not None else 0.0
    return tuple(_loop(one, counted, elapsed_s, catalog) for one in turns)


def _by_fingerprint(statements: Iterable[StatementStatistics]) -> Sequence[_Counted]:
    groups: dict[str, _Counted] = {}
    for one in statements:
        turn = read_turn(one.text, 1)
        if turn is None or not turn.shape.is_turn:
            continue
        name = str(one.query_id) if one.query_id is not None else turn.shape.fingerprint
        new = _Counted(turn.shape, turn.shape.text(turn.literals, {}), f"query {name}")
        group = groups.setdefault(turn.shape.fingerprint, new)
        group.calls += one.calls
        group.total_ms += one.total_ms
        group.rows += one.rows
    return tuple(groups.values())


def _may_be_turn(counted: _Counted, catalog: Catalog | None) -> bool:
    shape = counted.shape
    if counted.calls < MIN_CALLS or counted.total_ms / counted.calls >= MAX_MEAN_MS:
        return False
    if Role.LIST in shape.roles.values() or not shape.roles:
        return False
    rows_per_call = counted.rows / counted.calls
    if shape.command == "SELECT":
        return rows_per_call <= MAX_ROWS_PER_CALL and any(True for _ in _key_lookups(shape, catalog))
    return shape.command in ("INSERT", "UPDATE", "DELETE") and (
        MIN_ROWS_PER_CALL <= rows_per_call <= MAX_ROWS_PER_CALL
    )


def _key_lookups(shape: TurnShape, catalog: Catalog | None) -> Iterator[Lookup]:
    """Yield the comparisons with a key of the one table that the statement reads."""
    names = tables(shape.tokens)
    if len(names) != 1:
        return
    relation = catalog.find(names[0]) if catalog is not None else None
    for lookup in lookups(shape.tokens):
        if relation is None:
            is_key = lookup.column == KEY or lookup.column.endswith(f"_{KEY}")
        else:
            is_key = lookup.column in _key_columns(relation)
        if is_key:
            yield lookup


def _key_columns(relation: Relation) -> frozenset[str]:
    """Return the columns that alone are a unique or foreign key."""
    unique = [index.key for index in relation.indexes if index.unique and index.predicate is None]
    foreign = [key.columns for key in relation.foreign_keys]
    return frozenset(columns[0] for columns in (*unique, *foreign) if len(columns) == 1)


def _loop(one: _Counted, counted: Sequence[_Counted], elapsed_s: float, catalog: Catalog | None) -> Loop:
    return Loop(
        origin=LoopOrigin.STATEMENTS,
        place=one.place,
        text=one.text,
        fingerprint=one.shape.fingerprint,
        turns=one.calls,
        total_ms=one.total_ms,
        rows_per_turn=one.rows / one.calls,
        parent=_parent(one, counted, catalog) if one.shape.command == "SELECT" else None,
        queries_per_s=one.calls / elapsed_s if elapsed_s > 0 else None,
    )


def _parent(one: _Counted, counted: Sequence[_Counted], catalog: Catalog | None) -> Parent | None:
    """Return the query that returned about as many rows as there were turns, if its columns fit."""
    for other in counted:
        is_query = other is not one and other.shape.command in ("SELECT", "WITH")
        if not is_query or abs(other.rows - one.calls) > PARENT_TOLERANCE * one.calls:
            continue
        for lookup in _key_lookups(one.shape, catalog):
            tie = tie_of(lookup, other.shape.tokens, catalog)
            if tie is not None:
                return Parent(other.text, other.place, tie.column, lookup.number)
    return None
