"""An autoscaler looks at the CPU alone, for a service that waits for the database.

While a worker waits for a query its CPU idles: the autoscaler sees nothing to do, however long the queue is.
Where it does scale out, each new pod opens a pool of its own, and a database that is the bottleneck gets more
sessions to share the same work. The depth of the queue, or the time that requests wait for a connection, says
what is missing.

Instead of:
    autoscaler = {min = 2, max = 10, target_cpu = "70%"}
Use:
    autoscaler = {min = 2, max = 10, metrics = ["queue_depth"]}

Ignore when: the service computes more than it waits; waits_for_database = false says so.
Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#scaling-on-custom-metrics
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.demand import fits
from pgtune.model.pools.fleet import Autoscaler, Fleet, Service
from pgtune.model.pools.slots import ConnectionSlots

SEVERITY = Severity.WARNING


def check(fleet: Fleet, slots: ConnectionSlots | None) -> Iterator[Symptom | Note]:
    """Yield each service that is scaled by a figure which does not show its load."""
    for service in fleet.services:
        scaler = service.autoscaler
        if scaler is None or not service.pools:
            continue
        if scaler.cpu_target is None or scaler.other_metrics:
            yield Note(f"{service.name}: the autoscaler does not look at the CPU alone", None)
        elif service.is_waiting_for_database:
            yield _blind(service, scaler)
        elif service.is_waiting_for_database is None and _multiplies_past(fleet, service, scaler, slots):
            yield _multiplying(service, scaler)
        else:
            yield Note(f"{service.name}: {_why_fine(service)}", None)


def _why_fine(service: Service) -> str:
    if service.is_waiting_for_database is False:
        return "computes more than it waits for the database, so its CPU shows its load"
    return "nothing says that it waits for the database"


def _blind(service: Service, scaler: Autoscaler) -> Symptom:
    return Symptom(
        message=f"scales at {scaler.cpu_target or 0:.0%} CPU, and waits for the database most of its time",
        cause=Cause.CONNECTIONS,
        object=service.name,
        at=service.name,
        place=scaler.place,
        detail="The CPU of a process that waits stays low while requests queue up.",
        hint="Scale on the depth of the queue or on the time that requests wait for a connection.",
    )


def _multiplying(service: Service, scaler: Autoscaler) -> Symptom:
    return Symptom(
        message=f"the fleet fits with {scaler.min_replicas} replicas, not with the {scaler.max_replicas} "
        "that scaling on CPU can reach",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.INFO,
        object=service.name,
        at=service.name,
        place=scaler.place,
        detail="Each new pod brings a pool of its own. If the service waits for the database, more pods do "
        "not make it faster.",
        hint="Declare waits_for_database; if it is true, scale on the depth of the queue.",
    )


def _multiplies_past(
    fleet: Fleet, service: Service, scaler: Autoscaler, slots: ConnectionSlots | None
) -> bool:
    """True when the fleet fits with the fewest replicas of *service* and not with the most."""
    if slots is None or fits(fleet, slots):
        return False
    calm = replace(service, autoscaler=replace(scaler, max_replicas=scaler.min_replicas))
    services = tuple(calm if each is service else each for each in fleet.services)
    return fits(replace(fleet, services=services), slots)
