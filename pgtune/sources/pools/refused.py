"""A failed connection in; the limit that kept us out, where it was one, out."""

from __future__ import annotations

import psycopg

from pgtune.model.pools.slots import Refusal, RefusedSession
from pgtune.sources.redact import redact

# Of proc.c and postinit.c, 12 to 18, and of PgBouncer's objects.c. libpq hands out no SQLSTATE here.
_REFUSALS = (
    ("too many clients already", Refusal.SERVER),
    ("remaining connection slots are reserved", Refusal.RESERVED),
    ("too many connections for role", Refusal.ROLE),
    ("too many connections for database", Refusal.DATABASE),
    ("no more connections allowed", Refusal.POOLER),
    ("query_wait_timeout", Refusal.POOLER),  # no server connection came free for us
)


def refused_session(error: psycopg.Error, conninfo: str) -> RefusedSession | None:
    """Return the refusal for want of a slot that *error* tells of; None when it failed for another reason."""
    for words, refusal in _REFUSALS:
        line = next((line for line in str(error).splitlines() if words in line), None)
        if line is not None:
            message = line.rpartition("FATAL:")[2].strip()
            return RefusedSession(refusal, redact(message, conninfo))
    return None
