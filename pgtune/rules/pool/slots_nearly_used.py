"""Most of the ordinary slots of the server are taken.

Ordinary slots are max_connections less superuser_reserved_connections and reserved_connections. Each
client backend takes one, a superuser's too; background processes take none, and pgtune's own session is
not counted. When the slots are gone, new sessions get "too many clients already".

It is an error from 85 % on, a warning from 70 %.

Instead of:
    max_connections = 1000    # each backend costs memory and snapshot time
Use:
    idle_timeout = "5min"     # of the pools that hold idle connections; or a pooler

Ignore when: the pools have a fixed size, and everything that connects is open already.
Source: https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-RESERVED-CONNECTIONS
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.sessions import Sessions
from pgtune.model.pools.slots import ConnectionSlots
from pgtune.rules.session_clients import holders

SEVERITY = Severity.ERROR
WARN_FRACTION = 0.7  # of the ordinary slots; chosen, as monitoring rules do
ERROR_FRACTION = 0.85  # chosen


def check(
    slots: ConnectionSlots,
    sessions: Sessions,
    *,
    warn_fraction: float = WARN_FRACTION,
    error_fraction: float = ERROR_FRACTION,
) -> Iterator[Symptom | Note]:
    """Yield the server when few ordinary slots are free."""
    taken = sessions.count / slots.ordinary if slots.ordinary else 1.0
    sum_up = f"{sessions.count} of {slots.ordinary} ordinary slots are taken ({taken:.0%})"
    if taken < warn_fraction:
        yield Note(sum_up, None)
        return
    yield Symptom(
        message=sum_up,
        cause=Cause.CONNECTIONS,
        max_severity=Severity.ERROR if taken >= error_fraction else Severity.WARNING,
        object="server",
        at="server",
        detail=f"Most are held by {holders(sessions.all)}.",
        hint="Make the pools of the largest holder smaller, or put a pooler in front of the server.",
    )
