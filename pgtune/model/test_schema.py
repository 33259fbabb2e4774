"""The tables that test databases are made for, with what rows must obey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pgtune.model.equivalence import TableRows, Value
from pgtune.model.names import RelationName


@dataclass(frozen=True, slots=True)
class TestColumn:
    """A column, its domain resolved."""

    __test__ = False  # pytest takes the name for a test's

    name: str
    type: str  # as format_type() prints it; of a domain the type below it: "integer[]"
    category: str  # pg_type.typcategory of it: N, S, D, B, E, A, T, U, R, ...
    not_null: bool  # the column's or its domain's
    enum_labels: tuple[str, ...] = ()
    is_generated: bool = False  # GENERATED ALWAYS AS (...): never given
    is_identity_always: bool = False  # needs OVERRIDING SYSTEM VALUE
    default: str | None = None  # as SQL
    has_volatile_default: bool = False  # clock_timestamp(), random(), gen_random_uuid(): not compared
    checks: tuple[str, ...] = ()  # of its domains, about VALUE


@dataclass(frozen=True, slots=True)
class TestForeignKey:
    """A foreign key; MATCH SIMPLE."""

    __test__ = False

    columns: tuple[str, ...]
    referenced: RelationName
    referenced_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TestTable:
    """A table that rows are made for."""

    __test__ = False

    name: RelationName
    columns: tuple[TestColumn, ...]
    unique_keys: tuple[tuple[str, ...], ...] = ()  # of plain columns; the primary key first
    other_unique: bool = False  # there are unique or exclusion constraints that are not in unique_keys
    has_deferrable_key: bool = False  # ON CONFLICT DO NOTHING is refused then
    checks: tuple[str, ...] = ()  # conditions over the columns, as SQL
    foreign_keys: tuple[TestForeignKey, ...] = ()
    partition_bounds: str | None = None  # "RANGE (created_at)": rows may find no partition

    def column(self, name: str) -> TestColumn | None:
        """The column called *name*, or None."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class TestSchema:
    """All tables, referenced ones before those that refer to them where that is possible."""

    __test__ = False

    tables: tuple[TestTable, ...]
    views: Mapping[RelationName, tuple[RelationName, ...]] = field(default_factory=dict)  # tables below

    def table(self, name: str) -> TestTable | None:
        """The table of that name in any schema, or None."""
        return next((table for table in self.tables if table.name.name == name), None)


@dataclass(frozen=True, slots=True)
class ParameterType:
    """What the server takes $n for, its domain resolved."""

    type: str  # as format_type() prints it
    category: str
    enum_labels: tuple[str, ...] = ()  # of an array those of its elements


@dataclass(frozen=True, slots=True)
class TestDatabase:
    """The rows to load, and the values to run with."""

    __test__ = False

    number: int  # from 0
    kind: str  # which kind of database it is: "empty", "one row", "duplicates", ...
    tables: tuple[TableRows, ...]
    values: tuple[tuple[Value, ...], ...] = ()  # as Counterexample.values
