"""The kinds of test databases, and the order in which they are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pgtune.advice.equivalence.column_values import Choice

NULLS = 0.25  # part of the values of a nullable column; chosen
MAX_ROWS = 60  # of a table; chosen: larger ones cost time and show nothing more


@dataclass(frozen=True, slots=True)
class Kind:
    """What a database is like."""

    name: str
    rows: tuple[int, int] = (4, 8)  # of each table, least and most
    pool: tuple[int, int] = (2, 5)  # different values of a column, least and most; keys need more
    nulls: float = NULLS
    choice: Choice = Choice.ANY
    shared: float = 0.6  # part of the classes of compared columns that draw from one pool
    copied: float = 0.0  # part of the rows whose compared columns are those of a row of another table
    empty_tables: int = 0  # of all tables, another one each time
    is_twice: bool = False  # each row is there twice where no key forbids it
    is_grouped: bool = False  # one or two groups with many rows


EMPTY = Kind("empty", rows=(0, 0))
ONE_ROW = Kind("one row each", rows=(1, 1), pool=(1, 2), choice=Choice.COMMON)
ONE_EMPTY = Kind("one table empty", rows=(2, 4), pool=(1, 3), shared=1.0, empty_tables=1)
TINY = Kind("two values", rows=(2, 3), pool=(1, 2), choice=Choice.COMMON)
FULFILLING = Kind("conditions fulfilled", nulls=0.1, choice=Choice.FULFILLING)
JOINABLE = Kind("joinable", pool=(2, 3), nulls=0.1, shared=1.0, copied=0.5)
BOTH = Kind(
    "fulfilled and joinable", pool=(1, 3), nulls=0.05, choice=Choice.FULFILLING, shared=1.0, copied=0.7
)
GROUPS = replace(BOTH, name="large groups", copied=0.9, is_grouped=True)
RUNS = Kind(
    "consecutive values", rows=(6, 12), pool=(3, 8), nulls=0.05, choice=Choice.RUN, shared=1.0, copied=0.3
)
LONG = replace(BOTH, name="long results", rows=(14, 24), pool=(4, 8), copied=0.0)
NULLS_ONLY = Kind("all NULL", rows=(1, 4), nulls=1.0)
DUPLICATES = Kind("duplicates", rows=(2, 4), pool=(1, 3), is_twice=True)
TIES = Kind("ties", rows=(3, 6), pool=(1, 2), shared=1.0)
FEW = Kind("few rows")
BOUNDARIES = Kind("boundary values", choice=Choice.BOUNDARY)
ODD = Kind("odd values", choice=Choice.ODD)
MANY = Kind("many rows", rows=(20, 40), pool=(2, 4))
EXTREMES = Kind("extreme values", rows=(1, 4), choice=Choice.EXTREME)

# Counterexamples of published rewrites were found at database 5 in the median, 24 at the 90th percentile.
FIRST = (EMPTY, ONE_ROW, TINY, BOTH, NULLS_ONLY)
CYCLE = (
    ONE_EMPTY,
    DUPLICATES,
    FULFILLING,
    JOINABLE,
    BOUNDARIES,
    TINY,
    GROUPS,
    TIES,
    ONE_EMPTY,
    FEW,
    BOTH,
    ODD,
    RUNS,
    MANY,
    LONG,
    ONE_ROW,
    EXTREMES,
)
TRIES = 12  # databases without a result before the next step; chosen
_STEP_ROWS = 6  # more in each table at each step; chosen
_MOST_ROWS = 40  # of them; chosen


def kind_of(number: int) -> Kind:
    """Return the kind of database *number*, from 0."""
    return FIRST[number] if number < len(FIRST) else CYCLE[(number - len(FIRST)) % len(CYCLE)]


def escalated(number: int, step: int) -> Kind:
    """Return the kind of database *number* after *step* times TRIES databases without a result.

    Every other one is large, with few values that all fulfil what is asked for; large groups among them.
    """
    if step == 0 or number % 2:
        return kind_of(number)
    kind = GROUPS if number % 4 else BOTH
    least, most = kind.rows
    more = min(_STEP_ROWS * step, _MOST_ROWS)
    return replace(kind, rows=(least + more // 2, most + more), pool=(1, 1 + step % 2), nulls=0.0)


def rows_for(thresholds: Sequence[int]) -> tuple[int, ...]:
    """Return the sizes of groups that lie just above each threshold that can be reached."""
    reachable = sorted({threshold for threshold in thresholds if 0 <= threshold < MAX_ROWS})
    return tuple(threshold + 1 for threshold in reachable)
