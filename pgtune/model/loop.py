"""Like statements that come one after the other, as files, logs or counters show them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pgtune.model.allow import Allow
from pgtune.model.equivalence import Row

MAX_SAMPLES = 1000  # tuples of values that are kept of a loop; chosen


class Transaction(Enum):
    """How the turns of a loop are committed."""

    ONE = "one transaction"
    EACH = "a transaction each"
    UNKNOWN = "unknown"


class LoopOrigin(Enum):
    """What shows the loop; only files and logs show an order."""

    FILES = "SQL files"
    LOGS = "server logs"
    STATEMENTS = "pg_stat_statements"


@dataclass(frozen=True, slots=True)
class Parent:
    """A query whose result the turns of a loop take their values from."""

    text: str  # with $1, $2, ...
    place: str  # "postgresql.log:118"
    column: str | None = None  # of its result that becomes the turns' parameter; None: not found
    parameter: int | None = None  # the turns' parameter, from 1


@dataclass(frozen=True, slots=True)
class Loop:
    """Turns of one statement; what is not known is None."""

    origin: LoopOrigin
    place: str  # "seed.sql:3-10002", "postgresql.log:120 (session 6718)", "query 5318008"
    text: str  # one turn, with $1, $2, ... for what changes and for constants alike
    fingerprint: str
    turns: int  # runs of the statement; of pg_stat_statements all calls
    values: tuple[Row, ...] = ()  # of the first MAX_SAMPLES turns; empty: not known
    transaction: Transaction = Transaction.UNKNOWN
    runs: int = 1  # how often the loop itself was seen; `turns` is that of all together
    total_ms: float | None = None  # on the server, all turns
    gap_ms: float | None = None  # median between the end of a turn and the begin of the next: the client's
    rows_per_turn: float | None = None  # returned or written
    parent: Parent | None = None  # N+1
    cycle: tuple[str, ...] = ()  # texts of the other statements that take turns with it: A B A B
    queries_per_s: float | None = None  # of pg_stat_statements, where counting began at a known time
    differs: str | None = None  # what else changes, so that there are no $n: "DEFAULT, now() + '1 day'"
    allows: tuple[Allow, ...] = ()  # -- pgtune: allow comments above the first turn in a SQL file

    @property
    def is_sure(self) -> bool:
        """False where only counters speak: they show no order, so that it is a candidate."""
        return self.origin is not LoopOrigin.STATEMENTS
