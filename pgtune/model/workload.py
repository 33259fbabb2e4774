"""The statements that indexes are chosen for, with how much each weighs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from pgtune.model.names import RelationName


class WorkloadOrigin(Enum):
    """Where the statements come from."""

    STATEMENTS = "pg_stat_statements"
    FILES = "SQL files"
    LOGS = "server logs"


@dataclass(frozen=True, slots=True)
class Query:
    """One statement that is planned."""

    number: int  # position in the workload, from 0
    name: str  # "queries/a.sql", "queries/a.sql:12", "query 5318008"
    text: str  # with $1, $2, ...; without the final semicolon
    fingerprint: str  # the server's queryid where there is one
    values: tuple[str | None, ...] | None = ()  # of $1, $2, ... as text; None: planned without values
    calls: float = 1.0
    total_ms: float | None = None  # of all calls; None: not known
    allowed_rules: frozenset[str] = frozenset()  # names that comments of the statement allow


@dataclass(frozen=True, slots=True)
class SkippedStatement:
    """A statement that is no part of the workload, and why."""

    name: str
    reason: str  # "utility statement", "cannot be planned: relation ... does not exist"
    text: str = ""
    total_ms: float | None = None


class WriteKind(Enum):
    """How a statement writes to a table."""

    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    MERGE = "MERGE"
    COPY = "COPY"


@dataclass(frozen=True, slots=True)
class Write:
    """What one statement of the workload writes to one table."""

    relation: RelationName  # schema None where the statement gives none
    kind: WriteKind
    columns: frozenset[str]  # of SET lists: they decide whether an index takes HOT away
    rows: float  # over all calls


@dataclass(frozen=True, slots=True)
class Workload:
    """Statements to plan, heaviest first, and what was left out."""

    origin: WorkloadOrigin
    queries: tuple[Query, ...]
    skipped: tuple[SkippedStatement, ...] = ()
    writes: tuple[Write, ...] = ()
    seen: int = 0  # statements read, skipped ones among them
    seen_ms: float | None = None  # their total time
    since: datetime | None = None  # when counting began

    @property
    def is_timed(self) -> bool:
        """True when each query says how long it took: it then weighs by that, else by its planner's cost."""
        return bool(self.queries) and all(query.total_ms is not None for query in self.queries)
