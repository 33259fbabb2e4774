"""No slot is kept for the people who have to look when all the others are taken.

superuser_reserved_connections keeps slots for superusers. With 0, nobody can log in to end sessions when
the services have taken all slots, and the server has to be restarted. reserved_connections (16 and later)
keeps slots for members of pg_use_reserved_connections; without a member they are only lost.

Instead of:
    superuser_reserved_connections = 0
Use:
    superuser_reserved_connections = 3    # the default

Ignore when: nothing but one pooler connects to the server, and it is sized below max_connections.
Source: https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-SUPERUSER-RESERVED-CONNECTIONS
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.slots import ConnectionSlots, ReservedSlotUsers, SlotsOrigin
from pgtune.rules.session_clients import counted

SEVERITY = Severity.ERROR


def check(slots: ConnectionSlots, users: ReservedSlotUsers | None) -> Iterator[Symptom | Note]:
    """Yield each reserve that is missing, or that nobody may use."""
    if slots.origin is SlotsOrigin.ASSUMED:
        return
    if slots.superuser_reserved == 0:
        yield Symptom(
            message="superuser_reserved_connections is 0: when all slots are taken, nobody gets in",
            cause=Cause.CONNECTIONS,
            object="superuser_reserved_connections",
            at="server",
            hint="Set superuser_reserved_connections = 3, the default, and restart the server.",
        )
    else:
        yield Note(f"{counted(slots.superuser_reserved, 'slot')} reserved for superusers", None)
    if slots.reserved and users is not None and not users.roles:
        yield _unusable(slots)


def _unusable(slots: ConnectionSlots) -> Symptom:
    return Symptom(
        message=f"reserved_connections keeps {counted(slots.reserved, 'slot')} that no role may use",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.WARNING,
        object="reserved_connections",
        at="server",
        detail="No login role but superusers is a member of pg_use_reserved_connections.",
        hint="GRANT pg_use_reserved_connections to the role of monitoring, or set reserved_connections = 0.",
    )
