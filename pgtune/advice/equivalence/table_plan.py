"""The tables and what statements compare in; what every database of them has in common out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pgtune.advice.equivalence.column_values import ColumnValues, column_values
from pgtune.advice.equivalence.type_values import common_values
from pgtune.advice.equivalence.value_type import value_type
from pgtune.model.names import RelationName
from pgtune.model.test_schema import TestColumn, TestForeignKey, TestSchema, TestTable
from pgtune.parse.sql.compared_columns import merged_classes
from pgtune.parse.sql.constants import mined_constants
from pgtune.parse.sql.mined_constants import MinedConstants

_DOMAIN_VALUE = "value"  # the name of the column in a domain's CHECK


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """A column that gets values."""

    name: str
    is_nullable: bool
    is_grouped: bool  # a key of GROUP BY or PARTITION BY
    class_name: str  # columns with the same name here may draw from one pool
    values: ColumnValues


@dataclass(frozen=True, slots=True)
class KeyPlan:
    """A foreign key, in positions of columns."""

    columns: tuple[int, ...]
    referenced: RelationName
    referenced_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Columns that are compared with those of a table whose rows are made before."""

    other: RelationName
    columns: tuple[tuple[int, tuple[int, ...]], ...]  # position here, and those there


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A table, in positions of columns."""

    name: RelationName
    columns: tuple[ColumnPlan, ...]
    unique_keys: tuple[tuple[int, ...], ...]
    foreign_keys: tuple[KeyPlan, ...]
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class SchemaPlan:
    """All tables, in the order in which rows are made, and the classes of columns."""

    tables: tuple[TablePlan, ...]
    class_of: Mapping[str, str]  # of a column's name in lower case; without entry the name itself
    members: Mapping[str, tuple[str, ...]]  # of a class
    mined: MinedConstants


def drawable(column: TestColumn) -> bool:
    """Tell whether rows can be made: values of the type are known, or NULL does instead."""
    return is_drawn(column) or column.is_generated or not column.not_null


def is_drawn(column: TestColumn) -> bool:
    """Tell whether the column gets values."""
    return not column.is_generated and bool(common_values(value_type(column.type, column.enum_labels)))


def schema_plan(schema: TestSchema, mined: MinedConstants) -> SchemaPlan:
    """Work out everything that does not change from database to database."""
    pairs = [
        {column.lower(), referenced.lower()}
        for table in schema.tables
        for key in table.foreign_keys
        for column, referenced in zip(key.columns, key.referenced_columns, strict=True)
    ]
    # Rows of two columns that a CHECK compares would hardly ever pass it with values of other literals.
    checked = [same for table in schema.tables for same in _mined_checks(table.checks).same]
    classes = merged_classes([*mined.same, *pairs, *checked])
    members = {min(names): tuple(sorted(names)) for names in classes}
    class_of = {name: first for first, names in members.items() for name in names}
    planner = _Planner(mined, class_of, members)
    tables = _linked([planner.table(table) for table in schema.tables], frozenset(members))
    return SchemaPlan(tables, class_of, members, mined)


@dataclass(frozen=True, slots=True)
class _Planner:
    mined: MinedConstants
    class_of: Mapping[str, str]
    members: Mapping[str, tuple[str, ...]]

    def table(self, table: TestTable) -> TablePlan:
        drawn = [column for column in table.columns if is_drawn(column)]
        positions = {column.name: position for position, column in enumerate(drawn)}
        checks = _mined_checks(table.checks)
        return TablePlan(
            table.name,
            tuple(self._column(column, table, checks) for column in drawn),
            tuple(
                tuple(positions[name] for name in key)
                for key in table.unique_keys
                if all(name in positions for name in key)
            ),
            tuple(_foreign_keys(table.foreign_keys, positions)),
        )

    def _column(self, column: TestColumn, table: TestTable, checks: MinedConstants) -> ColumnPlan:
        name = column.name.lower()
        class_name = self.class_of.get(name, name)
        domain = _mined_checks(column.checks)
        conditions = [
            replace(each, column=name)
            for each in (*domain.conditions, *checks.conditions)
            if each.column in (_DOMAIN_VALUE, name) and each.is_certain
        ]
        mined = _with_checks(self.mined, name, domain, checks)
        names = self.members.get(class_name, (name,))
        values = column_values(names, value_type(column.type, column.enum_labels), mined, conditions)
        is_key = any(key == (column.name,) for key in table.unique_keys)
        return ColumnPlan(
            column.name,
            is_nullable=not column.not_null,
            is_grouped=name in self.mined.grouped and not is_key,
            class_name=class_name,
            values=values,
        )


def _linked(tables: Sequence[TablePlan], compared: Collection[str]) -> tuple[TablePlan, ...]:
    """Return the tables with their links; *compared* are the classes of columns that are compared."""
    return tuple(
        replace(table, links=tuple(_links(table, tables[:number], compared)))
        for number, table in enumerate(tables)
    )


def _links(table: TablePlan, others: Sequence[TablePlan], compared: Collection[str]) -> Iterator[Link]:
    for other in others:
        columns = tuple(
            (position, there)
            for position, column in enumerate(table.columns)
            if column.class_name in compared and (there := tuple(_of_class(other, column.class_name)))
        )
        if columns:
            yield Link(other.name, columns)


def _of_class(table: TablePlan, class_name: str) -> Iterator[int]:
    return (number for number, column in enumerate(table.columns) if column.class_name == class_name)


def _mined_checks(checks: Sequence[str]) -> MinedConstants:
    return mined_constants([f"SELECT 1 WHERE {check}" for check in checks])


_ByName = Mapping[str, frozenset[str]]


def _with_checks(
    mined: MinedConstants, name: str, domain: MinedConstants, checks: MinedConstants
) -> MinedConstants:
    """What statements, checks of the column's domain and checks of its table compare the column with."""

    def united(statements: _ByName, of_domain: _ByName, of_table: _ByName) -> _ByName:
        demanded = of_domain.get(_DOMAIN_VALUE, frozenset()) | of_table.get(name, frozenset())
        return {**statements, name: statements.get(name, frozenset()) | demanded}

    return replace(
        mined,
        by_column=united(mined.by_column, domain.by_column, checks.by_column),
        patterns=united(mined.patterns, domain.patterns, checks.patterns),
        regular_expressions=united(
            mined.regular_expressions, domain.regular_expressions, checks.regular_expressions
        ),
    )


def _foreign_keys(keys: Sequence[TestForeignKey], positions: Mapping[str, int]) -> Iterator[KeyPlan]:
    for key in keys:
        if all(name in positions for name in key.columns):
            columns = tuple(positions[name] for name in key.columns)
            yield KeyPlan(columns, key.referenced, key.referenced_columns)
