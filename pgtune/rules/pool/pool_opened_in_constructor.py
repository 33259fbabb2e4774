"""A pool is opened where it is made, before the service forks its processes.

A connection does not survive a fork: the processes write to the same socket, TLS breaks, and the threads
that look after the pool exist in the parent alone. Servers such as gunicorn import the application and fork
then. A pool is made closed, and each process opens its own.

Instead of:
    pool = ConnectionPool(conninfo)    # at import, open=True
Use:
    pool = ConnectionPool(conninfo, open=False)
    def post_fork(server, worker):
        pool.open()

Ignore when: each process imports the application after the fork (gunicorn without --preload).
Source: https://www.psycopg.org/psycopg3/docs/api/pool.html#psycopg_pool.ConnectionPool
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.declared_pool import PoolKind
from pgtune.model.pools.fleet import Fleet

SEVERITY = Severity.WARNING


def check(fleet: Fleet) -> Iterator[Symptom | Note]:
    """Yield each psycopg_pool that is opened in its constructor by a service of several processes."""
    for service, pool in fleet.pools:
        if pool.kind is not PoolKind.PSYCOPG or pool.opened_in_constructor is None:
            continue
        name = f"{service.name}.{pool.name}"
        processes = service.processes_with(pool)
        if not pool.opened_in_constructor:
            yield Note(f"{name}: the pool is made closed", None)
        elif processes == 1:
            yield Note(f"{name}: opened in the constructor, by the only process", None)
        else:
            yield Symptom(
                message=f"opened in its constructor, before {processes} processes are forked",
                cause=Cause.CONNECTIONS,
                object=name,
                at=name,
                place=pool.place,
                detail="Processes that share a connection garble what each other sends; the pool's threads "
                "do not exist in the children.",
                hint="Pass open=False and call pool.open() in each process.",
            )
