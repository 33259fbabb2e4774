"""Tables in, the prepared statements that fill them with the rows of a test database out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pgtune.advice.equivalence.table_plan import is_drawn
from pgtune.model.equivalence import Row, TableRows, Value
from pgtune.model.names import quote_ident
from pgtune.model.test_schema import TestColumn, TestForeignKey, TestSchema, TestTable
from pgtune.parse.sql_tokens import TokenKind, read_tokens
from pgtune.shadow.trial.exchange import Request

_PLAIN_ELEMENT = re.compile(r"[A-Za-z0-9_.:+-]+")


@dataclass(frozen=True, slots=True)
class Loader:
    """How one table is filled, and read."""

    table: TestTable
    given: tuple[str, ...]  # columns that values are made for
    columns: tuple[str, ...]  # all but the generated ones: what is read
    prepared: str  # name of the statement
    insert: str  # its text; $n is the array of the texts of a column's values
    select: str  # all rows, in `columns`


def loaders(schema: TestSchema) -> tuple[Loader, ...]:
    """Return one loader for each table, in the schema's order."""
    return tuple(_loader(number, table) for number, table in enumerate(schema.tables))


def load_requests(loaders: Sequence[Loader], tables: Sequence[TableRows]) -> Iterator[Request]:
    """Yield what fills the tables; the server leaves out rows that break a check or lack their parent."""
    rows_of = {rows.relation: rows for rows in tables}
    for loader in loaders:
        given = rows_of.get(loader.table.name)
        if given is not None and given.rows and loader.given:
            yield Request(prepared=loader.prepared, values=_arrays(loader, given))


def array_literal(values: Sequence[Value]) -> str:
    """Return the text of an array of *values*."""
    return "{" + ",".join(map(_element, values)) + "}"


def _loader(number: int, table: TestTable) -> Loader:
    given = [column for column in table.columns if is_drawn(column)]
    names = ", ".join(quote_ident(column.name) for column in given)
    overriding = " OVERRIDING SYSTEM VALUE" if any(column.is_identity_always for column in given) else ""
    columns = tuple(column.name for column in table.columns if not column.is_generated)
    alias = quote_ident(table.name.name)  # checks and sub-queries know the rows by the table's own name
    return Loader(
        table=table,
        given=tuple(column.name for column in given),
        columns=columns,
        prepared=f"load_{number}",
        insert=(
            f"WITH {alias} AS MATERIALIZED ({_given_rows(given)}) "
            f"INSERT INTO {table.name} ({names}){overriding} SELECT {names} FROM {alias} "
            f"WHERE {' AND '.join(_conditions(table)) or 'true'}"
            f"{'' if table.has_deferrable_key else ' ON CONFLICT DO NOTHING'}"
        ),
        # A partitioned table has no rows of its own; other parents are read without their heirs'.
        select=(
            f"SELECT {', '.join(map(quote_ident, columns))} "
            f"FROM {'' if table.partition_bounds else 'ONLY '}{table.name}"
        ),
    )


def _given_rows(given: Sequence[TestColumn]) -> str:
    names = [quote_ident(column.name) for column in given]
    typed = ", ".join(f"{name}::{column.type} AS {name}" for name, column in zip(names, given, strict=True))
    arrays = ", ".join(f"${number}::text[]" for number in range(1, len(given) + 1))
    return f"SELECT {typed} FROM unnest({arrays}) AS given ({', '.join(names)})"


def _conditions(table: TestTable) -> Iterator[str]:
    without = {column.name for column in table.columns if not is_drawn(column)}
    for check in table.checks:
        if not _mentions(check, without):
            yield f"({check}) IS NOT FALSE"
    for column in table.columns:
        for check in column.checks:
            if column.name not in without:
                yield f"({_of_column(check, quote_ident(column.name))}) IS NOT FALSE"
    for key in table.foreign_keys:
        if not without & set(key.columns):
            yield _has_parent(table, key)


def _has_parent(table: TestTable, key: TestForeignKey) -> str:
    own = [f"{quote_ident(table.name.name)}.{quote_ident(column)}" for column in key.columns]
    parents = [f"pgtune_parent.{quote_ident(column)}" for column in key.referenced_columns]
    equal = " AND ".join(f"{parent} = {mine}" for parent, mine in zip(parents, own, strict=True))
    is_null = " OR ".join(f"{mine} IS NULL" for mine in own)
    parent_rows = quote_ident(table.name.name) if key.referenced == table.name else key.referenced
    return f"({is_null} OR EXISTS (SELECT FROM {parent_rows} AS pgtune_parent WHERE {equal}))"


def _mentions(check: str, names: set[str]) -> bool:
    return any(token.text.strip('"') in names for token in read_tokens(check))


def _of_column(check: str, column: str) -> str:
    """Return the condition of a domain with the column in place of VALUE."""
    return "".join(
        column if token.kind is TokenKind.WORD and token.keyword == "VALUE" else token.text
        for token in read_tokens(check)
    )


def _arrays(loader: Loader, given: TableRows) -> Row:
    places: Mapping[str, int] = {name: place for place, name in enumerate(given.columns)}
    return tuple(
        array_literal([row[places[name]] if name in places else None for row in given.rows])
        for name in loader.given
    )


def _element(value: Value) -> str:
    if value is None:
        return "NULL"
    if _PLAIN_ELEMENT.fullmatch(value) and value.upper() != "NULL":
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
