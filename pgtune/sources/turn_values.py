"""A turn of a loop and a disposable database in, values for any number of turns out."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from pgtune.errors import StatementError
from pgtune.model.catalog import Relation
from pgtune.model.equivalence import Row, Value
from pgtune.model.names import quote_ident
from pgtune.sources.connect import ServerConnection
from pgtune.sources.disposable_session import translated
from pgtune.sources.protocol import describe

MAX_TURNS = 10_000  # of which values are made; chosen
_SAMPLED_ROWS = 100_000  # of a table, among which different values are looked for; chosen
# OIDs of pg_type.dat.
_INTEGERS = frozenset({20, 21, 23})
_TEXTS = frozenset({25, 1042, 1043})
_UUID = 2950
_DIGITS = re.compile(r"-?[0-9]{1,18}")

Sendable = int | str | None
Writer = Callable[[Value, int], Value]  # a turn's value and the turn's number, from 1; the new value


@dataclass(frozen=True, slots=True)
class TurnSource:
    """Where a turn's values may come from."""

    text: str  # with $1, $2, ...
    relation: Relation
    columns: Mapping[int, str] = field(default_factory=dict)  # of `relation`, that parameters belong to
    known: tuple[Row, ...] = ()  # values that were seen
    adds_rows: bool = False  # keys have to be new


@dataclass(frozen=True, slots=True)
class TurnValues:
    """Values of turns, which differ from turn to turn."""

    types: tuple[int, ...]  # OIDs, of $1, $2, ...; of a domain the type below it
    rows: tuple[Row, ...]
    writers: Mapping[int, Writer] = field(default_factory=dict)  # of keys that have to be new, by parameter
    repeats: bool = False  # behind the last of `rows` they begin again

    @property
    def count(self) -> int:
        """How many turns there are values for."""
        return MAX_TURNS if self.repeats else len(self.rows)

    def turns(self, first: int, count: int) -> list[list[Sendable]]:
        """Return the values of *count* turns from *first* on, which counts from 0."""
        found = []
        for number in range(first, first + count):
            row = self.rows[number % len(self.rows)]
            found.append([self._sendable(at, value, number + 1) for at, value in enumerate(row)])
        return found

    def _sendable(self, at: int, value: Value, number: int) -> Sendable:
        writer = self.writers.get(at + 1)
        new = value if writer is None else writer(value, number)
        is_number = new is not None and self.types[at] in _INTEGERS and _DIGITS.fullmatch(new)
        return int(new) if new is not None and is_number else new


def turn_values(connection: ServerConnection, source: TurnSource) -> TurnValues:
    """Return values that were seen, else those of rows of the table, else, for an INSERT, made up ones.

    Keys that an INSERT brings are numbered behind those of the table.

    Raises:
        StatementError: nothing gives values, or the statement is not valid.
        StatementRefused: the database lacks what the statement names.
        ConnectionLost: the server went away.
    """
    with translated("loop", connection):
        types = _base_types(connection, describe(connection, source.text).types)
        sampled = _sampled(connection, source, len(types))
        rows = (source.known or sampled) if source.adds_rows else (*source.known, *sampled)
        rows = tuple(dict.fromkeys(row for row in rows if len(row) == len(types)))[:MAX_TURNS]
        if not rows and source.adds_rows:
            rows = (tuple(_made_up(number, oid) for number, oid in enumerate(types, 1)),)
        if not rows:
            raise StatementError("no values for its parameters: none were seen, and the table gives none")
        writers = dict(_writers(connection, source, types)) if source.adds_rows else {}
    return TurnValues(types, rows, writers, repeats=source.adds_rows)


def _base_types(connection: ServerConnection, types: Sequence[int]) -> tuple[int, ...]:
    """The types below domains."""
    domains = "SELECT oid::int8, typbasetype::int8 FROM pg_catalog.pg_type WHERE typtype = 'd'"
    below: Mapping[int, int] = dict(connection.execute(domains.encode()).fetchall())
    found = tuple(types)
    while not below.keys().isdisjoint(found):
        found = tuple(below.get(oid, oid) for oid in found)
    return found


def _sampled(connection: ServerConnection, source: TurnSource, width: int) -> tuple[Row, ...]:
    """Different values of the parameters' columns; none where a parameter belongs to no column."""
    if set(source.columns) != set(range(1, width + 1)):
        return ()
    columns = [quote_ident(source.columns[number]) for number in range(1, width + 1)]
    casts = ", ".join(f"{column}::pg_catalog.text" for column in columns)
    filled = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    some = f"SELECT {casts} FROM {source.relation.name} WHERE {filled} LIMIT {_SAMPLED_ROWS}"
    query = f"SELECT DISTINCT * FROM ({some}) AS sampled LIMIT {MAX_TURNS}"
    return tuple(connection.execute(query.encode()).fetchall())


def _made_up(number: int, oid: int) -> Value:
    samples: Mapping[int, str] = {
        **dict.fromkeys((*_INTEGERS, 700, 701, 1700), "1"),
        **dict.fromkeys(_TEXTS, "a"),
        16: "true",
        114: '{"n": 1}',
        1082: "2024-01-01",
        1114: "2024-01-01 00:00:00",
        1184: "2024-01-01 00:00:00+00",
        3802: '{"n": 1}',
        _UUID: str(uuid.UUID(int=0)),
    }
    if oid not in samples:
        raise StatementError(f"no values for ${number}: none were seen, and the table is empty")
    return samples[oid]


def _writers(
    connection: ServerConnection, source: TurnSource, types: Sequence[int]
) -> Iterator[tuple[int, Writer]]:
    """What makes the keys of one unique index after the other new; a foreign key's columns stay."""
    referring = frozenset(chain.from_iterable(key.columns for key in source.relation.foreign_keys))
    numbers = {name: number for number, name in source.columns.items() if name not in referring}
    for index in source.relation.indexes:
        given = set(index.key) <= set(source.columns.values())
        name = next((key for key in index.key if key in numbers), None)
        if not index.unique or not given or name is None:
            continue
        writer = _writer(connection, source.relation, name, types[numbers[name] - 1])
        if writer is not None:
            yield numbers[name], writer


def _writer(connection: ServerConnection, relation: Relation, column: str, oid: int) -> Writer | None:
    if oid in _INTEGERS:
        query = f"SELECT coalesce(max({quote_ident(column)}), 0) FROM {relation.name}"
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        last = int(row[0])
        return lambda _value, number: str(last + number)
    if oid in _TEXTS:
        return lambda value, number: f"{value}-{number}"
    if oid == _UUID:
        return lambda _value, _number: str(uuid.uuid4())
    return None
