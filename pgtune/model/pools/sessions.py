"""The sessions of a server at one moment. Only who sees all of them gets a Sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class SessionState(Enum):
    """The ``state`` of pg_stat_activity."""

    ACTIVE = "active"
    IDLE = "idle"
    IDLE_IN_TRANSACTION = "idle in transaction"
    IDLE_IN_ABORTED_TRANSACTION = "idle in transaction (aborted)"
    FASTPATH = "fastpath function call"
    DISABLED = "disabled"  # track_activities is off for it
    STARTING = "starting"  # 18 and later


@dataclass(frozen=True, slots=True)
class Session:
    """One client backend (``backend_type``); background processes are none and take no slot."""

    pid: int
    role: str
    database: str
    application_name: str
    client_address: str | None  # None: over a Unix socket
    state: SessionState | None
    age_s: float  # since backend_start
    state_age_s: float | None  # since state_change
    transaction_age_s: float | None  # since xact_start; None outside a transaction
    waits_for: str | None = None  # wait_event_type: "Lock", "Client"
    holds_locks: bool = False  # on relations, ROW EXCLUSIVE or stronger
    is_superuser: bool = False

    @property
    def is_idle_in_transaction(self) -> bool:
        """True when it holds a transaction open and does nothing."""
        return self.state in (SessionState.IDLE_IN_TRANSACTION, SessionState.IDLE_IN_ABORTED_TRANSACTION)


@dataclass(frozen=True, slots=True)
class Sessions:
    """All client backends but pgtune's own."""

    taken_at: datetime
    all: tuple[Session, ...]
    own: int = 1  # sessions of this run of pgtune, not in ``all``

    @property
    def count(self) -> int:
        """Slots that are taken by others."""
        return len(self.all)


class Limited(Enum):
    """What a connection limit is of."""

    ROLE = "role"
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class ConnectionLimit:
    """rolconnlimit or datconnlimit, where it is set."""

    of: Limited
    name: str
    limit: int  # 0 = nobody may connect


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """All limits below the server's own; superusers are not held to them."""

    all: tuple[ConnectionLimit, ...]


@dataclass(frozen=True, slots=True)
class SessionPeaks:
    """The most sessions of each (role, application_name) in the samples of this run and of the history."""

    samples: int
    by_client: Mapping[tuple[str, str], int]
