"""The fleet can open more connections than the server has ordinary slots.

What counts is the peak: the autoscaler's most replicas, the pods that a rolling deploy adds, those of
the old revision that still terminate, each process of each pod, each pool of each process with its overflow,
and what does not multiply: listeners, workers, cron jobs, migrations, exporters. Ordinary slots are
max_connections less superuser_reserved_connections and reserved_connections; a reserve is kept of them, so
that people get in as well. Behind a pooler, its server connections count instead of the pools.

It is an error where the peak and the reserve do not fit, a warning above four fifths of the ordinary slots.

Instead of:
    max_size = 20    # 13 pods at the peak: 260 connections for 97 slots
Use:
    max_size = 6     # 78 connections

Ignore when: never as an error. Then the last pods of a deploy get "too many clients already", and so does
whatever else connects to the server.
Source: https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-MAX-CONNECTIONS
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom, Unknown
from pgtune.model.place import Place
from pgtune.model.pools.demand import Demand, demand, largest_pool, reserve
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.slots import ConnectionSlots, SlotsOrigin

SEVERITY = Severity.ERROR
WARN_FRACTION = 0.8  # of the ordinary slots, reserve included; chosen


def check(
    fleet: Fleet, slots: ConnectionSlots, *, warn_fraction: float = WARN_FRACTION
) -> Iterator[Symptom | Note | Unknown]:
    """Yield the fleet when its peak does not fit, or hardly."""
    wanted = demand(fleet)
    if wanted.unknown:
        yield Unknown(f"max_size of {', '.join(wanted.unknown)}")
    if not wanted.lines:
        return
    kept = reserve(fleet, slots)
    total = wanted.connections + kept
    sum_up = f"{wanted.connections} connections at the peak and a reserve of {kept}"
    if total <= warn_fraction * slots.ordinary:
        if not wanted.unknown:
            yield Note(f"{sum_up} fit into {slots.ordinary} ordinary slots", None)
        return
    over = total > slots.ordinary
    yield Symptom(
        message=f"{sum_up} {'do not fit' if over else 'hardly fit'} into {slots.ordinary} ordinary slots",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.ERROR if over else Severity.WARNING,
        object="fleet",
        at="fleet",
        place=_place(fleet, wanted),
        detail=_breakdown(wanted, slots),
        hint=_hint(fleet, slots) if over else "Leave room for the next service, or raise max_connections.",
    )


def _place(fleet: Fleet, wanted: Demand) -> Place:
    largest = max(wanted.lines, key=lambda line: line.connections)
    return largest.place or fleet.place


def _breakdown(wanted: Demand, slots: ConnectionSlots) -> str:
    lines = sorted(wanted.lines, key=lambda line: -line.connections)
    parts = [
        f"{line.name}: {line.reckoned} = {line.connections}"
        if line.reckoned
        else f"{line.name}: {line.connections}"
        for line in lines
    ]
    assumed = ", by default" if slots.origin is SlotsOrigin.ASSUMED else ""
    kept = slots.superuser_reserved + slots.reserved
    server = f"{slots.max_connections} max_connections - {kept} reserved = {slots.ordinary}{assumed}"
    return f"{'; '.join(parts)}; pgtune: 1. Slots: {server}."


def _hint(fleet: Fleet, slots: ConnectionSlots) -> str:
    largest = largest_pool(fleet, slots)
    if largest is None:
        return "Not even pools of one connection fit: put a pooler in front, or run fewer replicas."
    return f"Largest max_size that passes: {largest}. Or put a pooler in front of the server."
