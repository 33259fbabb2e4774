"""What the server counted about sessions between two moments (pg_stat_database, 14 and later)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SessionCounters:
    """Totals since the last reset, of all databases."""

    taken_at: datetime
    reset_at: datetime | None  # the latest reset of any database; None: never
    session_time_ms: float
    active_time_ms: float
    idle_in_transaction_time_ms: float
    sessions: int  # established
    abandoned: int  # lost: the client went away
    fatal: int  # ended by an error
    killed: int  # ended by an operator
    transactions: int  # committed and rolled back


@dataclass(frozen=True, slots=True)
class CounterWindow:
    """The difference of two SessionCounters without a reset between them."""

    seconds: float
    active_time_ms: float
    idle_in_transaction_time_ms: float
    sessions: int
    abandoned: int
    fatal: int
    killed: int
    transactions: int

    @property
    def active(self) -> float:
        """Sessions that were running a statement, on average (Little's law: busy time by time)."""
        return self.active_time_ms / 1000 / self.seconds

    @property
    def idle_in_transaction(self) -> float:
        """Sessions that held a transaction open and did nothing, on average."""
        return self.idle_in_transaction_time_ms / 1000 / self.seconds


@dataclass(frozen=True, slots=True)
class Sample:
    """What one moment adds to the history: few figures, no names of people or addresses."""

    taken_at: datetime
    server: str  # cluster's system identifier or host:port, to tell servers apart
    sessions: int
    idle_in_transaction: int
    idle_over_an_hour: int
    by_client: tuple[tuple[str, str, int, int], ...]  # role, application_name, sessions, idle over an hour
    counters: SessionCounters | None  # None: before 14


@dataclass(frozen=True, slots=True)
class History:
    """Earlier samples of the same server and the newest, oldest first; at least two."""

    samples: tuple[Sample, ...]
