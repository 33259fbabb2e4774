"""One statement in place of a loop, and how programs call it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from pgtune.model.equivalence import LoopPair, TestReport
from pgtune.model.finding import Severity
from pgtune.model.loop import Loop
from pgtune.model.rewrite import Label

MAX_PARAMETERS = 65_535  # of one statement: the protocol counts them in two bytes


class BatchForm(Enum):
    """How the values of many turns reach the server at once."""

    UNNEST = "arrays through unnest"
    ANY = "= ANY (array)"
    VALUES = "one VALUES list"
    COPY = "COPY"
    LATERAL = "unnest with LATERAL"
    JOIN = "a join with the parent query"
    PIPELINE = "pipeline mode, the statement as it is"


@dataclass(frozen=True, slots=True)
class Batch:
    """A statement that does the work of many turns."""

    form: BatchForm
    sql: str  # with arrays as $1, $2, ...; of COPY the COPY statement; of PIPELINE the turn itself
    rows_per_call: int  # advised
    conditions: tuple[str, ...] = ()  # what was read from the catalog and holds: "logs has no trigger"
    cautions: tuple[str, ...] = ()  # what changes: "one bad row fails the whole batch"
    pair: LoopPair | None = None  # to be tested; None: nothing to compare
    calls: Mapping[str, str] | None = None  # {driver: code}: psycopg, asyncpg, SQLAlchemy, Django, ...
    script: str | None = None  # of a loop in a SQL file: the statement with the file's values


@dataclass(frozen=True, slots=True)
class BatchTiming:
    """One way to do the same work, measured on a disposable database."""

    way: str  # "row by row, autocommit", "unnest, 1,000 rows"
    rows_per_s: float
    round_trips: float  # for each row


@dataclass(frozen=True, slots=True)
class LoopAdvice:
    """A loop with the batch that takes its place, or the reason why there is none."""

    rule: str  # "row-by-row-insert", "n-plus-one", ...: reads well after "allow"
    loop: Loop
    batch: Batch | None
    others: tuple[Batch, ...] = ()  # other ways, the better first
    refused: str | None = None  # why there is no batch: "$2 differs between turns inside an expression"
    label: Label = Label.UNVERIFIED
    test: TestReport | None = None
    timings: tuple[BatchTiming, ...] = ()
    saved_round_trips: int | None = None
    saved_ms: float | None = None  # (turns - 1) times the gap, and the server's part where it is known
    severity: Severity = Severity.WARNING  # of a candidate INFO
    message: str = ""  # "10,000 rows are inserted one at a time"
    key: str = ""  # names the statement, not the line: "row-by-row-insert:public.logs:<fingerprint>"
