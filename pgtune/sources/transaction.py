"""The only kind of transaction on a user's server: guarded by timeouts and always rolled back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from psycopg import IsolationLevel

from pgtune.sources.connect import ServerConnection

Access = Literal["READ ONLY", "READ WRITE"]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits of one transaction; 0 = none."""

    statement_ms: int
    lock_ms: int

    @property
    def idle_ms(self) -> int:
        """Time the transaction may sit idle: pgtune never pauses, so it has died or hangs by then."""
        return max(self.statement_ms, 60_000)


@contextmanager
def rolled_back(
    connection: ServerConnection,
    access: Access,
    timeouts: Timeouts,
    settings: Mapping[str, str],
    isolation: IsolationLevel | None = None,
) -> Iterator[None]:
    """Run the body in a transaction with *settings* and *timeouts* as SET LOCAL, then roll back always.

    *isolation* None is that of the server's default.
    """
    connection.read_only = access == "READ ONLY"
    connection.isolation_level = isolation
    # Limits come last, so that settings from a file cannot lift them.
    values = {
        **settings,
        "lock_timeout": str(timeouts.lock_ms),
        "idle_in_transaction_session_timeout": str(timeouts.idle_ms),
        "statement_timeout": str(timeouts.statement_ms),
    }
    calls = ", ".join(["pg_catalog.set_config(%s, %s, true)"] * len(values))
    with connection.transaction(force_rollback=True):
        # It takes a snapshot too, after which the server refuses to make the transaction READ WRITE.
        connection.execute(f"SELECT {calls}", [text for pair in values.items() for text in pair])
        yield
