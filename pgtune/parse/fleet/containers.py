"""The containers of a pod in; the pools, poolers and servers that run in them out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from pgtune.model.place import Place
from pgtune.model.pools.declared_pooler import DeclaredPooler, PoolerKind
from pgtune.model.pools.fleet import DeclaredServer, FixedClient
from pgtune.model.pools.slots import ConnectionSlots, SlotsOrigin
from pgtune.parse.fleet.drafts import FleetDraft, PoolDraft, PoolerDraft, ServiceDraft
from pgtune.parse.fleet.environment import EnvironmentReading, read_environment
from pgtune.parse.fleet.environment_variables import Variable
from pgtune.parse.fleet.toml_pooler import POOLER_FIELDS
from pgtune.parse.fleet.toml_values import Unfit
from pgtune.parse.fleet.worker_options import split_command

_MAIN_POOL = "main"
_POOLER_IMAGE = re.compile(r"(?:pg-?bouncer|pgpool|pgcat|pgdog|odyssey|supavisor)(?!.*exporter)")
_OTHER_POOLERS = {"pgdog": PoolerKind.PGDOG, "supavisor": PoolerKind.SUPAVISOR}
_EXPORTER_IMAGE = re.compile(r"postgres(?:ql)?[-_]exporter")
_SERVER_IMAGE = re.compile(r"(?:^|/)(?:postgres(?:ql)?|postgis|pgvector|timescaledb(?:-ha)?)(?=[:@]|$)")
_VERSION = re.compile(r":v?(\d+\.\d+(?:\.\d+)?)")
_SETTING = re.compile(r"(max_connections|superuser_reserved_connections|reserved_connections)=(\d+)$")
_SLOT_FIELDS = {
    "max_connections": "max_connections",
    "superuser_reserved_connections": "superuser_reserved",
    "reserved_connections": "reserved",
}
_BITNAMI_MAX_CONNECTIONS = "POSTGRESQL_MAX_CONNECTIONS"
_POOLER_PREFIX = "PGBOUNCER_"
_POOL_MODE = "pool_mode"
_TOLD_OTHERWISE = frozenset({"kind", "version", "instances", "admin_dsn"})  # not by variables


class _Part(Enum):
    """What a container does for the fleet."""

    CLIENT = "client"
    POOLER = "pooler"
    SERVER = "server"
    EXPORTER = "exporter"


@dataclass(frozen=True, slots=True)
class Container:
    """One container; ``command`` is in single words, with the arguments."""

    name: str
    place: Place
    image: str = ""
    command: tuple[str, ...] = ()
    variables: tuple[Variable, ...] = ()
    remarks: tuple[str, ...] = ()  # on its variables

    @property
    def pooler_kind(self) -> PoolerKind | None:
        """Told by the image's name; None for what is no pooler."""
        found = _POOLER_IMAGE.search(self.image)
        if found is None or "bouncer" in found[0]:
            return found and PoolerKind.PGBOUNCER
        return _OTHER_POOLERS.get(found[0], PoolerKind.OTHER)

    @property
    def part(self) -> _Part:
        """Told by the image's name."""
        if _EXPORTER_IMAGE.search(self.image):
            return _Part.EXPORTER
        if self.pooler_kind is not None:
            return _Part.POOLER
        return _Part.SERVER if _SERVER_IMAGE.search(self.image) else _Part.CLIENT


@dataclass(frozen=True, slots=True)
class Workload:
    """Pods that are alike; ``values`` has the fields of Service that are declared."""

    name: str
    place: Place
    containers: tuple[Container, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def fleet_of_workloads(workloads: Sequence[Workload]) -> FleetDraft:
    """Return the services, and the poolers, servers and exporters among them."""
    drafts = [_draft(workload) for workload in workloads]
    return FleetDraft(
        services=tuple(service for draft in drafts for service in draft.services),
        clients=tuple(client for draft in drafts for client in draft.clients),
        poolers=tuple(pooler for draft in drafts for pooler in draft.poolers),
        server=next((draft.server for draft in drafts if draft.server), None),
        remarks=tuple(remark for draft in drafts for remark in draft.remarks),
    )


def _draft(workload: Workload) -> FleetDraft:
    containers = workload.containers
    clients = [each for each in containers if each.part is _Part.CLIENT]
    poolers = tuple(_pooler(workload, each) for each in containers if each.part is _Part.POOLER)
    around = FleetDraft(
        remarks=tuple(_other_poolers(workload)),
        clients=tuple(_exporters(workload)),
        poolers=poolers,
        server=next((_server(each) for each in containers if each.part is _Part.SERVER), None),
    )
    if containers and not clients and not poolers:
        return around
    readings = [
        (each, read_environment(each.variables, _MAIN_POOL, split_command(each.command))) for each in clients
    ]
    service = ServiceDraft(
        workload.name,
        workload.place,
        {**_processes(readings), **workload.values},
        tuple(_pools(readings)),
    )
    remarks = (remark for each, reading in readings for remark in (*each.remarks, *reading.remarks))
    return replace(around, services=(service,), remarks=(*around.remarks, *workload.remarks, *remarks))


def _exporters(workload: Workload) -> Iterator[FixedClient]:
    """Exporters hold one connection each."""
    found = [each for each in workload.containers if each.part is _Part.EXPORTER]
    for each in found:
        is_alone = len(workload.containers) == 1
        yield FixedClient(workload.name if is_alone else f"{workload.name}.{each.name}", 1, each.place)


def _processes(readings: Sequence[tuple[Container, EnvironmentReading]]) -> dict[str, int]:
    """Of the service: those of the only container with a pool; of several each has its own."""
    with_pool = [reading for _, reading in readings if reading.pool is not None]
    only = with_pool or [reading for _, reading in readings]
    return {"processes": only[0].processes} if len(only) == 1 and only[0].processes else {}


def _pools(readings: Sequence[tuple[Container, EnvironmentReading]]) -> Iterator[PoolDraft]:
    found = [(container, reading, reading.pool) for container, reading in readings if reading.pool]
    for container, reading, pool in found:
        if len(found) == 1:
            yield pool
        else:
            values = {**pool.values, "processes": reading.processes or 1}
            yield replace(pool, name=container.name, values=values)


def _pooler(workload: Workload, container: Container) -> PoolerDraft:
    is_alone = len(workload.containers) == 1
    name = workload.name if is_alone else f"{workload.name}.{container.name}"
    values: dict[str, Any] = {}
    if container.pooler_kind is not PoolerKind.PGBOUNCER:
        return PoolerDraft(name, container.place, {"kind": container.pooler_kind}, pods_of=workload.name)
    if version := _VERSION.search(container.image):
        values["version"] = version[1]
    for variable in container.variables:
        key = variable.name.removeprefix(_POOLER_PREFIX).lower()
        known = POOLER_FIELDS.get("mode" if key == _POOL_MODE else key)
        if known is not None and known.name not in _TOLD_OTHERWISE:
            text = variable.value or ""
            try:
                values[known.name] = known.read(int(text) if text.isdigit() else text)
            except Unfit:
                continue  # a variable of another meaning, such as a list of databases
    return PoolerDraft(name, container.place, values, pods_of=workload.name)


def _other_poolers(workload: Workload) -> Iterator[str]:
    for each in workload.containers:
        if each.pooler_kind not in {None, PoolerKind.PGBOUNCER}:
            size = DeclaredPooler(each.name, each.place).server_connections
            yield (
                f"{each.place}: the settings of {each.name} are not read; counted with {size} server "
                f"connections, PgBouncer's default; declare the pooler in the settings"
            )


def _server(container: Container) -> DeclaredServer:
    """The server with the slots that its command line sets (postgres -c max_connections=200)."""
    settings = [_SETTING.search(word.removeprefix("-c")) for word in split_command(container.command)]
    given = {_SLOT_FIELDS[found[1]]: int(found[2]) for found in settings if found}
    for variable in container.variables:
        if variable.name == _BITNAMI_MAX_CONNECTIONS and (variable.value or "").isdigit():
            given["max_connections"] = int(variable.value or "")
    slots = ConnectionSlots(SlotsOrigin.DECLARED, **given) if given else None
    return DeclaredServer(container.place, slots)
