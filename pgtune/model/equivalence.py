"""Do two statements mean the same? What is asked, how it is tried, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from pgtune.model.names import RelationName, quote_ident

Value = str | None  # as the server prints it; None = NULL
Row = tuple[Value, ...]

MIN_DATABASES = 200  # on which both have to run before a rewrite is called tested; chosen


@dataclass(frozen=True, slots=True)
class QueryPair:
    """Two statements, or two scripts of them, that are said to mean the same."""

    original: tuple[str, ...]  # run in order in one transaction, with $1, $2, ...
    rewritten: tuple[str, ...]  # with the same $1, $2, ...


@dataclass(frozen=True, slots=True)
class LoopPair:
    """A statement that is run once for each tuple of values, and one that takes all of them as arrays."""

    single: str  # with $1, $2, ...
    batch: str  # $n is the array of what the single statement gets as its $n


Pair = QueryPair | LoopPair


class Outcome(Enum):
    """What the test found."""

    EQUAL = "equal"  # no difference on any database, and some of them had something to show
    DIFFERENT = "different"  # a counterexample was found
    UNDECIDED = "undecided"  # no difference, but too little was shown: see `TestReport.reason`


@dataclass(frozen=True, slots=True)
class TestLimits:
    """How hard to try."""

    __test__ = False  # pytest takes the name for a test's

    databases: int = 400  # chosen: 9 of 10 counterexamples are found within 24 (research on published pairs)
    time_limit_ms: int = 10_000  # of one pair
    seed: int = 0


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result."""

    name: str
    type: str  # as format_type() prints it


@dataclass(frozen=True, slots=True)
class Result:
    """What one statement returned."""

    columns: tuple[ResultColumn, ...] = ()  # empty for a statement that returns no rows
    rows: tuple[Row, ...] = ()
    row_count: int = 0  # of the command tag: rows returned or written
    error: str | None = None  # "22012 division by zero"


@dataclass(frozen=True, slots=True)
class TableRows:
    """The rows of a table; values as the server prints them."""

    relation: RelationName
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def inserts(self) -> Iterator[str]:
        """Yield the INSERT that makes the rows; none for an empty table."""
        if not self.rows:
            return
        columns = ", ".join(map(quote_ident, self.columns))
        rows = ", ".join(f"({', '.join(map(literal, row))})" for row in self.rows)
        yield f"INSERT INTO {self.relation} ({columns}) VALUES {rows};"


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two did."""

    results: tuple[Result, ...]  # one for each statement that ran
    tables: tuple[TableRows, ...] = ()  # those that it changed, as they are afterwards


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A database, as small as could be found, on which the two differ."""

    tables: tuple[TableRows, ...]  # before; a table that is not named is empty
    values: tuple[Row, ...]  # of $1, $2, ...: one row for a QueryPair, one for each turn of a LoopPair's loop
    original: Side
    rewritten: Side
    difference: str  # "the original returns 2 rows, the other 1"


@dataclass(frozen=True, slots=True)
class TestReport:
    """What was tried, and what came of it."""

    __test__ = False

    outcome: Outcome
    databases: int  # on which both were run
    not_empty: int  # of those, where both returned or wrote something
    failed: int  # where both ended in an error
    original_failed: int  # where the original ended in an error and the other did not
    seed: int
    elapsed_ms: float
    reason: str = ""  # why it is undecided: "no database gave a row", "LIMIT without a total order"
    remarks: tuple[str, ...] = ()  # "column 2 is numeric, was bigint", "the text of $1 is drawn as integer"
    counterexample: Counterexample | None = None

    @property
    def is_tested(self) -> bool:
        """True when the label `tested` may be given."""
        enough = self.databases >= MIN_DATABASES and self.not_empty > 0
        return self.outcome is Outcome.EQUAL and enough


def literal(value: Value) -> str:
    """The value as an SQL literal of unknown type, for standard_conforming_strings = on."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"
