"""What pg_stats_ext prints in, the rows of pg_statistic_ext_data that it was printed from out.

PostgreSQL has no input function for these types, so their stored form is written: the serialized structures
of src/backend/statistics/mvdistinct.c and dependencies.c.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import psycopg

from pgtune.model.names import RelationName
from pgtune.model.snapshot import ExtendedStatistics
from pgtune.shadow.database import LeftOut

_Connection = psycopg.Connection[tuple[object, ...]]
_HEAD = struct.Struct("=III")  # magic, type, number of items
_ITEM = struct.Struct("=d")
_NDISTINCT_MAGIC, _DEPENDENCIES_MAGIC = 0xA352BFA4, 0xB4549A2C
_BASIC = 1  # STATS_NDISTINCT_TYPE_BASIC, STATS_DEPS_TYPE_BASIC
_FIRST_WITH_INHERITED = 150000
_OBJECTS = """
SELECT n.nspname, s.stxname, s.oid, s.stxkeys::int2[], 'm' = ANY (s.stxkind), 'e' = ANY (s.stxkind)
FROM pg_statistic_ext AS s JOIN pg_namespace AS n ON n.oid = s.stxnamespace
"""
_CREATE_CASTS = """
CREATE CAST (bytea AS pg_ndistinct) WITHOUT FUNCTION;
CREATE CAST (bytea AS pg_dependencies) WITHOUT FUNCTION
"""
_DROP_CASTS = "DROP CAST (bytea AS pg_ndistinct); DROP CAST (bytea AS pg_dependencies)"


class _Object(NamedTuple):
    """What CREATE STATISTICS made."""

    schema: str
    name: str
    oid: int
    columns: Sequence[int]  # attribute numbers
    has_most_common: bool
    has_expressions: bool


def write_extended_statistics(
    connection: _Connection, statistics: Sequence[ExtendedStatistics]
) -> Iterator[LeftOut]:
    """Write *statistics* by a superuser's *connection*; yield what cannot be restored."""
    rows = connection.execute(_OBJECTS).fetchall()
    objects = {RelationName(row.schema, row.name): row for row in map(_Object._make, rows)}
    yield from _never_restored(objects)
    connection.execute(_CREATE_CASTS)
    for entry in statistics:
        if (found := objects.get(entry.name)) is not None:
            try:
                with connection.transaction():
                    _write(connection, entry, found)
            except (ValueError, struct.error, psycopg.Error) as error:
                yield LeftOut(f"extended statistics {entry.name}", str(error).partition("\n")[0])
    connection.execute(_DROP_CASTS)


def _never_restored(objects: Mapping[RelationName, _Object]) -> Iterator[LeftOut]:
    for name, found in objects.items():
        if found.has_most_common:
            yield LeftOut(f"most common values of extended statistics {name}", "not part of a snapshot")
        if found.has_expressions:
            yield LeftOut(f"expressions of extended statistics {name}", "not part of a snapshot")


def _write(connection: _Connection, entry: ExtendedStatistics, found: _Object) -> None:
    n_distinct = _read(entry.n_distinct)
    dependencies = _read(entry.dependencies)
    numbers = _renumbered({number for key in (*n_distinct, *dependencies) for number in key}, found.columns)
    values = {
        "stxdndistinct": _n_distinct_bytes(n_distinct, numbers) if n_distinct else None,
        "stxddependencies": _dependencies_bytes(dependencies, numbers) if dependencies else None,
    }
    row: list[object] = [found.oid, *values.values()]
    if connection.info.server_version >= _FIRST_WITH_INHERITED:
        statement = """
            INSERT INTO pg_statistic_ext_data (stxoid, stxdndistinct, stxddependencies, stxdinherit)
            VALUES (%s, %s::bytea::pg_ndistinct, %s::bytea::pg_dependencies, %s)"""
        row.append(entry.inherited)
    else:
        statement = """
            UPDATE pg_statistic_ext_data AS d SET stxdndistinct = v.n, stxddependencies = v.d
            FROM (SELECT %s::oid, %s::bytea::pg_ndistinct, %s::bytea::pg_dependencies) AS v (oid, n, d)
            WHERE d.stxoid = v.oid"""
    connection.execute(statement.encode(), row)


def _read(printed: str | None) -> Mapping[tuple[int, ...], float]:
    """``{"1, 2": 5000}`` and ``{"1, 2 => 3": 0.97}`` by the attribute numbers in their order.

    Raises:
        ValueError: it is printed in another way.
    """
    if printed is None:
        return {}
    parsed = json.loads(printed)
    if not isinstance(parsed, dict):
        raise ValueError("printed in a form that pgtune does not know")  # noqa: TRY004
    return {
        tuple(int(number) for number in key.replace("=>", ",").split(",")): float(value)
        for key, value in parsed.items()
    }


def _renumbered(numbers: set[int], columns: Sequence[int]) -> Mapping[int, int]:
    """Attribute numbers of the snapshot's server to those of the shadow, which has no dropped columns.

    Expressions have negative numbers, the same on both.
    """
    theirs, ours = sorted(number for number in numbers if number > 0), sorted(columns)
    if len(theirs) == len(ours):
        renumbered = dict(zip(theirs, ours, strict=True))
    elif set(theirs) <= set(ours):
        renumbered = {number: number for number in theirs}
    else:
        raise ValueError("its columns have other numbers than in the snapshot")
    return {**renumbered, **{number: number for number in numbers if number < 0}}


def _n_distinct_bytes(items: Mapping[tuple[int, ...], float], numbers: Mapping[int, int]) -> bytes:
    serialized = [
        _ITEM.pack(value) + struct.pack(f"=i{len(key)}h", len(key), *(numbers[number] for number in key))
        for key, value in items.items()
    ]
    return _HEAD.pack(_NDISTINCT_MAGIC, _BASIC, len(items)) + b"".join(serialized)


def _dependencies_bytes(items: Mapping[tuple[int, ...], float], numbers: Mapping[int, int]) -> bytes:
    serialized = [
        _ITEM.pack(value) + struct.pack(f"=h{len(key)}h", len(key), *(numbers[number] for number in key))
        for key, value in items.items()
    ]
    return _HEAD.pack(_DEPENDENCIES_MAGIC, _BASIC, len(items)) + b"".join(serialized)
