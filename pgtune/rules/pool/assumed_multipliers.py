"""What multiplies a service's connections is not declared, and the fleet fits only as it was assumed.

Replicas, the surge of a rolling deploy, pods of the old revision that still terminate, processes in each pod
and connections beside the pools (LISTEN) are assumed where nobody declares them: one replica, a quarter more
pods, none, one process, none. The rule doubles what was assumed (zero becomes one) and looks whether the
fleet still fits.

Instead of:
    [fleet.services.api]
    replicas = 8
Use:
    [fleet.services.api]
    replicas = 8
    processes = 4
    surge = "25%"
    terminating = 2
    listeners = 0

Ignore when: the assumed figures are right; declaring them says so.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.demand import demand, fits, reserve
from pgtune.model.pools.fleet import Fleet, Service, Surge
from pgtune.model.pools.slots import ConnectionSlots

SEVERITY = Severity.INFO
_FACTOR = 2  # by which an assumption may be wrong; chosen


def check(fleet: Fleet, slots: ConnectionSlots) -> Iterator[Symptom | Note]:
    """Yield each service without whose assumptions the fleet would not fit."""
    services = [service for service in fleet.services if service.assumed and _opens_connections(service)]
    if not services:
        return
    fragile = [service for service in services if not fits(_doubled(fleet, service), slots)]
    if not fragile or not fits(fleet, slots):
        listed = "; ".join(f"for {service.name}: {_assumptions(service)}" for service in services)
        fits_twice = "; the fleet fits with twice as much" if not fragile else ""
        yield Note(f"assumed {listed}{fits_twice}", None)
        return
    for service in fragile:
        yield _symptom(fleet, service, slots)


def _symptom(fleet: Fleet, service: Service, slots: ConnectionSlots) -> Symptom:
    wanted = demand(_doubled(fleet, service)).connections
    return Symptom(
        message=f"the fleet fits only with {_assumptions(service)}, which nobody declared",
        cause=Cause.CONNECTIONS,
        object=service.name,
        at=service.name,
        place=service.place,
        detail=f"With twice as much (1 for 0) the fleet opens {wanted} connections and keeps a reserve of "
        f"{reserve(fleet, slots)}; there are {slots.ordinary} ordinary slots.",
        hint=f"Declare what is true of the service: {', '.join(sorted(service.assumed))}.",
    )


def _opens_connections(service: Service) -> bool:
    return any(pool.most and pool.pooler is None for pool in service.pools)


def _assumptions(service: Service) -> str:
    said = {
        "replicas": f"replicas = {service.peak_replicas}",
        "surge": f"surge = {_surge(service.surge)}",
        "terminating": f"terminating = {service.terminating}",
        "processes": f"processes = {service.processes}",
        "listeners": f"listeners = {service.listeners}",
    }
    return ", ".join(text for name, text in said.items() if name in service.assumed)


def _surge(surge: Surge) -> str:
    return str(surge.count) if surge.fraction is None else f"{surge.fraction:.0%}"


def _doubled(fleet: Fleet, service: Service) -> Fleet:
    """The fleet with twice of each figure that was assumed of *service*."""
    twice: dict[str, Any] = {
        "replicas": _FACTOR * service.peak_replicas,
        "surge": _doubled_surge(service.surge),
        "terminating": max(1, _FACTOR * service.terminating),
        "processes": _FACTOR * service.processes,
        "listeners": max(1, _FACTOR * service.listeners),
    }
    changed = replace(service, **{name: twice[name] for name in service.assumed})
    return replace(fleet, services=tuple(changed if each is service else each for each in fleet.services))


def _doubled_surge(surge: Surge) -> Surge:
    if surge.fraction is None:
        return Surge(count=max(1, _FACTOR * surge.count))
    return Surge(_FACTOR * surge.fraction)
