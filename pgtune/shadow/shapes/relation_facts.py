"""Names of tables in, what the catalogs and ANALYZE know of their columns out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pgtune.advice.sizes.distinct_values import clustered_distinct
from pgtune.model.names import RelationName, quote_ident

if TYPE_CHECKING:
    from psycopg import Connection

UNKNOWN_WIDTH_BYTES = 32  # of a varlena without statistics (get_typavgwidth in lsyscache.c)
BYTES_DECIDE = "btequalimage"  # values that are equal have equal bytes
COLLATION_DECIDES = "btvarstrequalimage"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """How values of a type are stored."""

    name: str  # without modifier
    length: int  # pg_type.typlen
    align: str  # pg_type.typalign
    element_length: int | None  # of an array's elements
    element_align: str | None
    equal_image: str | None  # support function of the default B-tree operator class


@dataclass(frozen=True, slots=True)
class Elements:
    """What ANALYZE found inside the values of an array or tsvector column."""

    values: tuple[str, ...]
    frequencies: tuple[float, ...]  # share of the rows that hold each
    mean_count: float | None  # different elements of one value, on average; None for tsvector


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column, with its statistics. Values are text, as the type writes them."""

    name: str
    type_name: str  # with its modifier: character(10)
    type: TypeFacts
    deterministic: bool  # its collation: equal strings have equal bytes
    null_fraction: float
    avg_width: int
    n_distinct: float | None  # as in pg_stats; None: no statistics
    correlation: float
    common: tuple[str, ...]
    common_frequencies: tuple[float, ...]
    bounds: tuple[str, ...]
    elements: Elements | None


@dataclass(frozen=True, slots=True)
class RelationFacts:
    """A table with all its columns."""

    source: str  # the table as it stands in FROM
    alias: str  # its own name, quoted
    blocks: int
    rows: float  # as the planner estimates them
    has_combinations: bool  # CREATE STATISTICS (ndistinct)
    statistics_target: int  # the greatest of its columns: it decides how much ANALYZE reads
    unique_keys: tuple[frozenset[str], ...]
    columns: Mapping[str, ColumnFacts]

    def distinct(self, column: ColumnFacts) -> float:
        """Return how many different values the column has in all rows."""
        not_null = self.rows * (1 - column.null_fraction)
        if frozenset([column.name]) in self.unique_keys:
            return not_null
        estimated = total_distinct(column.n_distinct, column.null_fraction, self.rows)
        return clustered_distinct(
            estimated, not_null, self.blocks, column.correlation, self.statistics_target
        )


def read_relations(
    connection: Connection[Any], names: Collection[RelationName]
) -> Mapping[RelationName, RelationFacts]:
    """Return the facts of the tables that exist; a partitioned one counts its partitions in."""
    by_text = {str(name): name for name in names}
    relations = fetch(connection, "relations", names=list(by_text))
    columns = fetch(connection, "columns", oids=[row["oid"] for row in relations])
    types = read_types(connection, {row["type_oid"] for row in columns})
    found = {}
    for row in relations:
        own = [column for column in columns if column["relation_oid"] == row["oid"]]
        facts = {column["name"]: _column(column, types[column["type_oid"]]) for column in own}
        name = by_text[row["name"]]
        found[name] = _relation(connection, name, row, facts)
    return found


def read_types(connection: Connection[Any], oids: Collection[int]) -> Mapping[int, TypeFacts]:
    """Return how the types store their values, by oid."""
    rows = fetch(connection, "types", oids=list(oids))
    names = ("name", "length", "align", "element_length", "element_align", "equal_image")
    return {row["oid"]: TypeFacts(*(row[name] for name in names)) for row in rows}


def fetch(connection: Connection[Any], query: str, **parameters: object) -> Sequence[Row]:
    """Return the rows of one of the package's queries."""
    from psycopg.rows import dict_row

    text = files("pgtune.shadow.shapes").joinpath("queries", f"{query}.sql").read_bytes()
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(text, parameters or None).fetchall()


def planned_rows(connection: Connection[Any], query: str) -> float:
    """Return how many rows the planner expects of *query*."""
    row = connection.execute(f"EXPLAIN (FORMAT JSON) {query}".encode()).fetchone()
    assert row is not None
    return float(row[0][0]["Plan"]["Plan Rows"])


def total_distinct(n_distinct: float | None, null_fraction: float, rows: float) -> float:
    """Return n_distinct of pg_stats as a count; all rows where there are no statistics."""
    not_null = rows * (1 - null_fraction)
    if not n_distinct:
        return not_null
    return n_distinct if n_distinct > 0 else min(not_null, -n_distinct * rows)


def is_equal_image(support: str | None, deterministic: bool) -> bool:
    """Tell what the operator class's support function answers (_bt_allequalimage in nbtutils.c)."""
    return support == BYTES_DECIDE or (support == COLLATION_DECIDES and deterministic)


def stored_width(avg_width: int | None, kind: TypeFacts) -> int:
    """Return the average width in bytes of a value that is not NULL."""
    return kind.length if kind.length > 0 else avg_width or UNKNOWN_WIDTH_BYTES


def _relation(
    connection: Connection[Any], name: RelationName, row: Row, columns: Mapping[str, ColumnFacts]
) -> RelationFacts:
    # An index of an inheritance parent holds no rows of its children.
    source = str(name) if row["partitioned"] else f"ONLY {name}"
    return RelationFacts(
        source=source,
        alias=quote_ident(name.name),
        blocks=int(row["blocks"] or 0),
        rows=planned_rows(connection, f"SELECT 1 FROM {source}"),
        has_combinations=row["has_combinations"],
        statistics_target=row["statistics_target"],
        unique_keys=tuple(frozenset(key) for key in row["unique_keys"]),
        columns=columns,
    )


def _column(row: Row, kind: TypeFacts) -> ColumnFacts:
    return ColumnFacts(
        name=row["name"],
        type_name=row["type_name"],
        type=kind,
        deterministic=row["deterministic"],
        null_fraction=row["null_fraction"] or 0.0,
        avg_width=stored_width(row["avg_width"], kind),
        n_distinct=row["n_distinct"],
        correlation=row["correlation"] or 0.0,
        common=tuple(row["common"] or ()),
        common_frequencies=tuple(row["common_frequencies"] or ()),
        bounds=tuple(row["bounds"] or ()),
        elements=_elements(row),
    )


def _elements(row: Row) -> Elements | None:
    """Frequencies behind those of the values are the least, the greatest and, of arrays, that of NULL."""
    values, frequencies, counts = row["elements"], row["element_frequencies"], row["element_counts"]
    if not values or not frequencies:
        return None
    return Elements(tuple(values), tuple(frequencies[: len(values)]), counts[-1] if counts else None)
