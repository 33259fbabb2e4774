"""Everything that connects to one PostgreSQL server, as a project declares it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from pgtune.model.place import Place
from pgtune.model.pools.declared_pool import DeclaredPool
from pgtune.model.pools.declared_pooler import DeclaredPooler
from pgtune.model.pools.slots import ConnectionSlots

DEFAULT_SURGE_FRACTION = 0.25  # maxSurge of a Kubernetes Deployment; kubernetes.io, RollingUpdateDeployment


@dataclass(frozen=True, slots=True)
class Autoscaler:
    """Bounds between which replicas come and go (HorizontalPodAutoscaler)."""

    min_replicas: int
    max_replicas: int
    place: Place
    cpu_target: float | None = None  # 0..1 of the requested CPU; None: it does not scale on CPU
    other_metrics: tuple[str, ...] = ()  # names of what else it scales on


@dataclass(frozen=True, slots=True)
class Surge:
    """Pods above the wanted number during a rolling deploy: a fraction of the replicas or a count."""

    fraction: float | None = None
    count: int = 0

    def pods(self, replicas: int) -> int:
        """Pods on top of *replicas*; Kubernetes rounds a fraction up."""
        return self.count if self.fraction is None else ceil(self.fraction * replicas - 1e-9)


@dataclass(frozen=True, slots=True)
class Readiness:
    """How the readiness probe finds out that a pod is ready."""

    place: Place
    uses_pool: bool  # it takes a connection out of the pool that serves requests


@dataclass(frozen=True, slots=True)
class Service:
    """One deployment: replicas of processes with pools."""

    name: str
    place: Place
    pools: tuple[DeclaredPool, ...]
    replicas: int | None = None  # None with an autoscaler, or when not declared (then 1)
    autoscaler: Autoscaler | None = None
    surge: Surge = Surge(DEFAULT_SURGE_FRACTION)
    terminating: int = 0  # pods of the old revision that still hold their connections
    processes: int = 1  # per replica: workers of gunicorn or uvicorn, node's cluster
    listeners: int = 0  # connections per process outside the pools: LISTEN, advisory locks, CDC
    request_timeout_s: float | None = None  # after which a client of the service gives up
    readiness: Readiness | None = None
    is_waiting_for_database: bool | None = None  # a worker whose CPU idles while the database works
    assumed: frozenset[str] = frozenset()  # of {"replicas", "surge", "terminating", "processes", "listeners"}

    @property
    def peak_replicas(self) -> int:
        """Replicas when the autoscaler has done its most."""
        if self.autoscaler is not None:
            return self.autoscaler.max_replicas
        return 1 if self.replicas is None else self.replicas

    @property
    def peak_pods(self) -> int:
        """Pods during a rolling deploy at the peak, those that terminate included."""
        return self.peak_replicas + self.surge.pods(self.peak_replicas) + self.terminating

    def processes_with(self, pool: DeclaredPool) -> int:
        """Processes of one replica that have that pool: of several containers each has its own."""
        return self.processes if pool.processes is None else pool.processes


@dataclass(frozen=True, slots=True)
class FixedClient:
    """Connections that do not multiply: workers, cron jobs, migrations, exporters."""

    name: str  # "cron"
    connections: int
    place: Place
    role: str | None = None
    application_name: str | None = None


@dataclass(frozen=True, slots=True)
class NetworkPath:
    """What NAT gateways, load balancers and proxies between service and server do to connections."""

    place: Place
    idle_timeout_s: float | None = None  # a connection without traffic is dropped after it
    max_lifetime_s: float | None = None  # a connection is dropped at this age


@dataclass(frozen=True, slots=True)
class DeclaredServer:
    """What is declared of the server, for checks without one."""

    place: Place
    slots: ConnectionSlots | None = None
    memory_bytes: int | None = None
    cores: int | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    """All that is declared; ``place`` is where the fleet as a whole is."""

    place: Place
    services: tuple[Service, ...] = ()
    clients: tuple[FixedClient, ...] = ()
    poolers: tuple[DeclaredPooler, ...] = ()
    server: DeclaredServer | None = None
    network: NetworkPath | None = None
    reserve: int | None = None  # ordinary slots to keep free; None = the usual part of them

    @property
    def pools(self) -> tuple[tuple[Service, DeclaredPool], ...]:
        """Every pool with its service."""
        return tuple((service, pool) for service in self.services for pool in service.pools)

    def pooler(self, name: str) -> DeclaredPooler | None:
        """The pooler of that name."""
        return next((pooler for pooler in self.poolers if pooler.name == name), None)
