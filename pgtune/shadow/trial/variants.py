"""Other orders of rows and other methods of the planner: what a result must not depend on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from random import Random

from pgtune.model.equivalence import Row
from pgtune.model.test_schema import TestDatabase


class RowOrder(Enum):
    """The order in which rows are inserted."""

    GIVEN = "given"
    REVERSED = "reversed"
    SHUFFLED = "shuffled"


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to insert the rows and to plan the statements."""

    order: RowOrder = RowOrder.GIVEN
    off: tuple[str, ...] = ()  # planner methods: "hashjoin" of enable_hashjoin


BASE = Variant()
VARIANTS = (
    Variant(RowOrder.REVERSED),
    Variant(RowOrder.SHUFFLED, ("hashjoin", "hashagg")),
    Variant(RowOrder.GIVEN, ("sort", "incremental_sort", "mergejoin")),
    Variant(RowOrder.REVERSED, ("nestloop", "seqscan", "bitmapscan")),
    Variant(RowOrder.SHUFFLED, ("indexscan", "indexonlyscan", "material")),
    Variant(RowOrder.REVERSED, ("hashagg", "hashjoin", "nestloop", "seqscan")),
)


def arranged(database: TestDatabase, order: RowOrder) -> TestDatabase:
    """Return the same rows in *order*; the same order each time."""
    if order is RowOrder.GIVEN:
        return database
    random = Random(database.number)  # noqa: S311 an order, no secret
    tables = tuple(replace(table, rows=_arranged(table.rows, order, random)) for table in database.tables)
    return replace(database, tables=tables)


def _arranged(rows: tuple[Row, ...], order: RowOrder, random: Random) -> tuple[Row, ...]:
    if order is RowOrder.REVERSED:
        return rows[::-1]
    return tuple(random.sample(rows, len(rows)))
