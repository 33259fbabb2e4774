"""What is declared for a role or a database is more than its connection limit allows.

A deploy then fails although the server has free slots: the sessions above the limit of ALTER ROLE ...
CONNECTION LIMIT or ALTER DATABASE ... CONNECTION LIMIT are refused. What counts is the peak, as for the
whole fleet: the most replicas, the pods of a rolling deploy, each process, each pool with its overflow.
Only pools that name their role or database are looked at, and only those without a pooler in between.

Instead of:
    ALTER ROLE api CONNECTION LIMIT 50;     -- 13 pods of 6 connections at the peak
Use:
    ALTER ROLE api CONNECTION LIMIT 100;

Ignore when: never as long as the role or database is the one that serves requests.
Source: https://www.postgresql.org/docs/current/sql-createrole.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.declared_pool import DeclaredPool
from pgtune.model.pools.demand import DemandLine, demand
from pgtune.model.pools.fleet import Fleet, Service
from pgtune.model.pools.sessions import ConnectionLimit, ConnectionLimits, Limited
from pgtune.rules.session_clients import at_most

SEVERITY = Severity.ERROR


def check(fleet: Fleet, limits: ConnectionLimits) -> Iterator[Symptom | Note]:
    """Yield each limit that the declared peak exceeds."""
    peak = demand(fleet).lines
    for limit in limits.all:
        held = _names(fleet, limit)
        lines = sorted((line for line in peak if line.name in held), key=lambda line: -line.connections)
        if not lines:
            continue
        name, wanted = f"{limit.of.value} {limit.name}", sum(line.connections for line in lines)
        if wanted <= limit.limit:
            yield Note(f"the declared peak of {name}, {wanted}, is within its limit of {limit.limit}", None)
            continue
        yield Symptom(
            message=f"{wanted} connections at the peak, and the connection limit is {limit.limit}",
            cause=Cause.CONNECTIONS,
            object=name,
            at=name,
            place=lines[0].place,
            detail=f"{at_most([_described(line) for line in lines])}.",
            hint=f"Make the pools smaller, or raise the limit with ALTER {limit.of.value.upper()} ..."
            " CONNECTION LIMIT.",
        )


def _names(fleet: Fleet, limit: ConnectionLimit) -> frozenset[str]:
    """The lines of the demand that are of the role or the database."""
    if limit.of is Limited.DATABASE:
        return frozenset(_name(*each) for each in fleet.pools if each[1].database == limit.name)
    pools = (_name(*each) for each in fleet.pools if each[1].role == limit.name)
    return frozenset((*pools, *(client.name for client in fleet.clients if client.role == limit.name)))


def _name(service: Service, pool: DeclaredPool) -> str:
    return f"{service.name}.{pool.name}"


def _described(line: DemandLine) -> str:
    return (
        f"{line.name}: {line.reckoned} = {line.connections}"
        if line.reckoned
        else f"{line.name}: {line.connections}"
    )
