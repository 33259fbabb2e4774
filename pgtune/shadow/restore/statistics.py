"""Rows of pg_stats in, the rows of pg_statistic that ANALYZE would have written on the snapshot's server out.

Written directly and not by pg_restore_attribute_stats, which PostgreSQL before 18 does not have. Kinds of
statistics: src/include/catalog/pg_statistic.h.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import psycopg

from pgtune.model.names import RelationName
from pgtune.model.snapshot import ColumnStatistics
from pgtune.shadow.database import LeftOut
from pgtune.shadow.restore.value_types import DEFAULT_COLLATION, TSVECTOR, Operators, ValueType, ValueTypes

_Connection = psycopg.Connection[tuple[object, ...]]
_SLOTS = 5  # STATISTIC_NUM_SLOTS
_FLOAT8, _FLOAT8_LESS = 701, 672
_MCV, _HISTOGRAM, _CORRELATION, _ELEMENTS, _ELEMENT_COUNTS, _RANGE_LENGTHS, _RANGE_BOUNDS = range(1, 8)
_COLUMNS = """
SELECT n.nspname, c.relname, a.attname, c.oid, a.attnum, a.atttypid, a.attcollation,
       CASE WHEN o.opckeytype <> 0 THEN pg_get_indexdef(c.oid, a.attnum, false) END,
       x.indrelid::regclass::text
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_index AS x ON x.indexrelid = c.oid
LEFT JOIN pg_opclass AS o ON o.oid = x.indclass[a.attnum - 1]
WHERE c.relkind IN ('r', 'p', 'm', 'i') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
_VALUES = "array_in(%s::text::cstring, %s, -1)"
_INSERT = f"""
INSERT INTO pg_statistic
VALUES (%s, %s, %s, %s, %s, %s, {"%s, " * 3 * _SLOTS}{"%s::float4[], " * _SLOTS}
        {", ".join([_VALUES] * _SLOTS)})
"""


class _Column(NamedTuple):
    """A column of a relation of the shadow, or what an index computes."""

    schema: str
    relation: str
    name: str
    relation_oid: int
    number: int
    type: int
    collation: int
    index_expression: str | None  # where the index stores another type than the expression has
    indexed: str | None  # the table of the index


@dataclass(frozen=True, slots=True)
class _Slot:
    """One kind of statistics about a column: stakind, staop, stacoll, stanumbers, stavalues."""

    kind: int = 0
    operator: int = 0
    collation: int = 0
    numbers: Sequence[float] | None = None
    values: str | None = None
    values_type: int = 0

    @property
    def is_unreadable(self) -> bool:
        """True when no input function may read the values."""
        return self.values is not None and not self.values_type


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of pg_statistic."""

    statistics: ColumnStatistics
    column: _Column
    slots: Sequence[_Slot]

    def parameters(self) -> Sequence[object]:
        """Those of _INSERT."""
        slots = [*self.slots, *[_Slot()] * (_SLOTS - len(self.slots))]
        return (
            *(self.column.relation_oid, self.column.number, self.statistics.inherited),
            *(self.statistics.null_fraction, self.statistics.avg_width, self.statistics.n_distinct),
            *(slot.kind for slot in slots),
            *(slot.operator for slot in slots),
            *(slot.collation for slot in slots),
            *(None if slot.numbers is None else list(slot.numbers) for slot in slots),
            *(part for slot in slots for part in (slot.values, slot.values_type)),
        )


def write_statistics(
    connection: _Connection, planner: _Connection, statistics: Sequence[ColumnStatistics]
) -> Iterator[LeftOut]:
    """Write *statistics* by a superuser's *connection*; yield those that do not fit the restored columns.

    Statistics of relations that the shadow lacks are passed over: the relations are named already.
    *planner* is a session of the role that owns the relations.
    """
    types = ValueTypes(connection)
    columns = _read_columns(connection)
    rows = []
    for entry in statistics:
        found = columns.get(entry.relation)
        if found is not None and entry.column not in found:
            yield _left_out(entry, "the restored relation has no such column")
        elif found is not None:
            column = found[entry.column]
            slots = list(_slots(entry, column, types.of(_type_of(column, planner))))
            if any(slot.is_unreadable for slot in slots):
                yield _left_out(entry, "values with a composite type or domain inside are not restored")
            rows.append(_Row(entry, column, [slot for slot in slots if not slot.is_unreadable]))
    yield from _insert(connection, rows)


def _insert(connection: _Connection, rows: Sequence[_Row]) -> Iterator[LeftOut]:
    """All at once; when one is refused, one by one to find out which."""
    insert = _INSERT.encode()
    try:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.executemany(insert, [row.parameters() for row in rows])
    except psycopg.Error:
        for row in rows:
            try:
                connection.execute(insert, row.parameters())
            except psycopg.Error as error:
                yield _left_out(row.statistics, error.diag.message_primary or str(error))


def _read_columns(connection: _Connection) -> Mapping[RelationName, Mapping[str, _Column]]:
    columns: dict[RelationName, dict[str, _Column]] = {}
    for column in map(_Column._make, connection.execute(_COLUMNS.encode()).fetchall()):
        columns.setdefault(RelationName(column.schema, column.relation), {})[column.name] = column
    return columns


def _type_of(column: _Column, planner: _Connection) -> int:
    """The column's type; of an index expression its own, not that of the index's entries."""
    if column.index_expression is None:
        return column.type
    # It is planned, and run for no row, as the owner: in a hostile expression even a constant is code.
    query = f"SELECT {column.index_expression} FROM {column.indexed} LIMIT 0"
    description = planner.execute(query.encode()).description
    assert description is not None
    return description[0].type_code


def _slots(statistics: ColumnStatistics, column: _Column, value_type: ValueType) -> Iterator[_Slot]:
    """In the order in which ANALYZE fills them (analyze.c, array_typanalyze.c, rangetypes_typanalyze.c)."""
    operators, collation = value_type.operators, column.collation
    values = value_type.values or 0
    if statistics.most_common_values is not None:
        frequencies = statistics.most_common_frequencies
        yield _Slot(_MCV, operators.equal, collation, frequencies, statistics.most_common_values, values)
    if statistics.histogram_bounds is not None:
        yield _Slot(_HISTOGRAM, operators.less, collation, None, statistics.histogram_bounds, values)
    if statistics.correlation is not None:
        yield _Slot(_CORRELATION, operators.less, collation, (statistics.correlation,))
    element_collation = DEFAULT_COLLATION if value_type.values == TSVECTOR else collation
    yield from _element_slots(
        statistics, value_type.element_operators, element_collation, value_type.elements or 0
    )
    yield from _range_slots(statistics, values)


def _element_slots(
    statistics: ColumnStatistics, operators: Operators, collation: int, elements: int
) -> Iterator[_Slot]:
    if statistics.most_common_elements is not None:
        frequencies = statistics.most_common_element_frequencies
        common = statistics.most_common_elements
        yield _Slot(_ELEMENTS, operators.equal, collation, frequencies, common, elements)
    if statistics.element_count_histogram is not None:
        yield _Slot(_ELEMENT_COUNTS, operators.equal, collation, statistics.element_count_histogram)


def _range_slots(statistics: ColumnStatistics, values: int) -> Iterator[_Slot]:
    if statistics.range_bounds_histogram is not None:
        yield _Slot(_RANGE_BOUNDS, 0, 0, None, statistics.range_bounds_histogram, values)
    if statistics.range_length_histogram is not None:
        empty = () if statistics.range_empty_fraction is None else (statistics.range_empty_fraction,)
        yield _Slot(_RANGE_LENGTHS, _FLOAT8_LESS, 0, empty, statistics.range_length_histogram, _FLOAT8)


def _left_out(statistics: ColumnStatistics, reason: str) -> LeftOut:
    return LeftOut(f"statistics of {statistics.relation}.{statistics.column}", reason)
