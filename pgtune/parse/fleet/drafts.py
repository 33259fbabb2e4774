"""What one file declares, before files are merged and defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pgtune.model.place import Place
from pgtune.model.pools.fleet import DeclaredServer, FixedClient, NetworkPath


@dataclass(frozen=True, slots=True)
class PoolDraft:
    """A pool; ``values`` has only the fields of DeclaredPool that are declared."""

    name: str
    place: Place
    values: Mapping[str, Any] = field(default_factory=dict)
    host: str | None = None  # that it connects to
    port: int | None = None
    is_pooled: bool = False  # its connection string says that a pooler is in between


@dataclass(frozen=True, slots=True)
class PoolerDraft:
    """A pooler; ``values`` has only the fields of DeclaredPooler that are declared."""

    name: str
    place: Place
    values: Mapping[str, Any] = field(default_factory=dict)
    pods_of: str | None = None  # the service in whose pods it runs, one instance each


@dataclass(frozen=True, slots=True)
class ServiceDraft:
    """A service; ``values`` has only the fields of Service that are declared, but its pools."""

    name: str
    place: Place
    values: Mapping[str, Any] = field(default_factory=dict)
    pools: tuple[PoolDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class FleetDraft:
    """All that one kind of file declares."""

    services: tuple[ServiceDraft, ...] = ()
    clients: tuple[FixedClient, ...] = ()
    poolers: tuple[PoolerDraft, ...] = ()
    server: DeclaredServer | None = None
    network: NetworkPath | None = None
    reserve: int | None = None
    place: Place | None = None  # of the fleet as a whole, where the file names it
    remarks: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing that connects, and no server, is in it."""
        return not (self.services or self.clients or self.poolers or self.server)
