"""How many sessions a server takes, and for whom slots are kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class SlotsOrigin(Enum):
    """Where the figures come from."""

    SERVER = "server"
    DECLARED = "declared"
    ASSUMED = "assumed"  # those of a server whose settings nobody changed


@dataclass(frozen=True, slots=True)
class ConnectionSlots:
    """Slots of pg_settings. Defaults are PostgreSQL's."""

    origin: SlotsOrigin
    max_connections: int = 100
    superuser_reserved: int = 3  # superuser_reserved_connections
    reserved: int = 0  # reserved_connections, 16 and later: for members of pg_use_reserved_connections

    @property
    def ordinary(self) -> int:
        """Slots that a role without privileges can take (proc.c, postinit.c)."""
        return max(0, self.max_connections - self.superuser_reserved - self.reserved)


class Refusal(Enum):
    """Which limit a session that was refused ran into (SQLSTATE 53300)."""

    SERVER = "max_connections"
    RESERVED = "reserved slots"  # only those are left
    ROLE = "connection limit of the role"
    DATABASE = "connection limit of the database"
    POOLER = "the pooler's limit"


@dataclass(frozen=True, slots=True)
class RefusedSession:
    """The server did not let pgtune itself in, for want of a slot."""

    refusal: Refusal
    message: str  # the server's


@dataclass(frozen=True, slots=True)
class ReservedSlotUsers:
    """Who may take the slots of reserved_connections (16 and later)."""

    roles: tuple[str, ...]  # login roles that are members of pg_use_reserved_connections, no superusers
