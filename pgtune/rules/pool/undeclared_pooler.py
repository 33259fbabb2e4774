"""Something between pgtune and the server shares sessions, and no pooler is declared.

The server process that answers is not the one that was announced when the connection was opened, as
behind PgBouncer in transaction mode. The pools' sizes are then no sessions of the server, and what a
session keeps (SET, LISTEN, prepared statements, advisory locks) may be another client's.

Instead of:
    [fleet.services.api]
    pool = { max_size = 20 }
Use:
    [fleet.poolers.pgbouncer]
    mode = "transaction"
    [fleet.services.api]
    pool = { max_size = 20, pooler = "pgbouncer" }

Ignore when: only pgtune goes through it, and the services do not.
Source: https://www.pgbouncer.org/features.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.server_facts import Route

SEVERITY = Severity.INFO


def check(route: Route, fleet: Fleet | None) -> Iterator[Symptom | Note]:
    """Yield the pooler that was met and is not declared."""
    declared = fleet.poolers if fleet is not None else ()
    names = ", ".join(pooler.name for pooler in declared)
    if not route.is_pooled:
        through = f"; the services go through {names}" if declared else ""
        yield Note(f"pgtune reaches the server directly{through}", None)
        return
    if declared:
        yield Note(f"pgtune reaches the server through a pooler, and {names} is declared", None)
        return
    yield Symptom(
        message="sessions are shared by a pooler, and none is declared",
        cause=Cause.CONNECTIONS,
        object="server",
        at="server",
        detail=_detail(route),
        hint="Declare it, so that its server connections are counted instead of the pools;"
        " give pgtune a connection that goes to the server directly.",
    )


def _detail(route: Route) -> str:
    told = f"Process {route.announced_pid} was announced, and process {route.backend_pid} answered"
    age_s = route.backend_age_at_connect_s
    return f"{told}; it was {age_s:.0f} s old when the connection was opened." if age_s >= 1 else f"{told}."
