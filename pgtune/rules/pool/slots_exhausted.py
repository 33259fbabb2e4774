"""The server refused a session, because a connection limit is reached.

pgtune itself did not get in (SQLSTATE 53300), so neither does the next request of a service. The message
of the server tells which limit it is: max_connections, the slots that are reserved, the connection limit
of the role or of the database, or the pooler's. The other checks of the server cannot run meanwhile.

Instead of:
    FATAL:  sorry, too many clients already
Use:
    max_size = 6    # of each pool, so that all pools of all pods fit

Ignore when: never. Each refused session is a request that failed.
Source: https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-MAX-CONNECTIONS
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.slots import ConnectionSlots, Refusal, RefusedSession, SlotsOrigin

SEVERITY = Severity.ERROR

_REASONS = {
    Refusal.SERVER: "max_connections is reached",
    Refusal.RESERVED: "only reserved slots are left",
    Refusal.ROLE: "the connection limit of the role is reached",
    Refusal.DATABASE: "the connection limit of the database is reached",
    Refusal.POOLER: "the pooler's limit is reached",
}
_FREE = (
    "As a superuser, for whom slots are reserved, see in pg_stat_activity who holds the sessions, end those"
    " that nobody needs with pg_terminate_backend(), and make the pools smaller."
)
_HINTS = {
    Refusal.SERVER: _FREE,
    Refusal.RESERVED: _FREE,
    Refusal.ROLE: "Make the pools of the role smaller,"
    " or raise its limit with ALTER ROLE ... CONNECTION LIMIT.",
    Refusal.DATABASE: "Make the pools of the database smaller,"
    " or raise its limit with ALTER DATABASE ... CONNECTION LIMIT.",
    Refusal.POOLER: "See in the pooler's console who holds the connections, and raise its limit.",
}


def check(refused: RefusedSession | None, slots: ConnectionSlots | None) -> Iterator[Symptom | Note]:
    """Yield the refusal, if there was one; a server that told its slots let us in."""
    if refused is None:
        if slots is not None and slots.origin is SlotsOrigin.SERVER:
            yield Note("the server let a new session in", None)
        return
    yield Symptom(
        message=f"a new session was refused: {_REASONS[refused.refusal]}",
        cause=Cause.CONNECTIONS,
        object=refused.refusal.name.lower(),
        at="server",
        detail=f"The server said: {refused.message}.",
        hint=_HINTS[refused.refusal],
    )
