"""Connection strings of --pgbouncer and declared poolers in; what their admin consoles say out."""

from __future__ import annotations

import psycopg
from psycopg.conninfo import conninfo_to_dict

from pgtune.cli.pool_check_request import PoolCheckRequest
from pgtune.model.pools.declared_pooler import DeclaredPooler, PoolerKind
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.pooler_state import Poolers
from pgtune.sources.pools.pgbouncer import read_pooler

MAX_CONSOLE_S = 30.0  # of looking at a pooler; chosen: what waits for half a minute waits

Console = tuple[str | None, str]  # name of the declared pooler, where it is one; connection string


def ask_consoles(request: PoolCheckRequest, fleet: Fleet | None) -> Poolers | None:
    """Ask those of --pgbouncer, and the admin_dsn of declared ones unless no server may be asked.

    None: there is none to ask.

    Raises:
        UsageError: no connection string.
        ServerError: a console cannot be reached, or refuses.
    """
    declared = fleet.poolers if fleet is not None else ()
    consoles = _given(request.pgbouncers, declared)
    if request.target is not None:
        named = {name for name, _ in consoles}
        consoles += [
            (each.name, each.admin_dsn) for each in declared if each.admin_dsn and each.name not in named
        ]
    sample_s = min(request.watch_s, MAX_CONSOLE_S)
    return Poolers(tuple(read_pooler(name, dsn, sample_s) for name, dsn in consoles)) if consoles else None


def _given(dsns: tuple[str, ...], declared: tuple[DeclaredPooler, ...]) -> list[Console]:
    """Each with the pooler that is declared with the same host and port, or the only one there is."""
    by_address = {_address(each.admin_dsn): each.name for each in declared if each.admin_dsn}
    nowhere = [each.name for each in declared if each.kind is PoolerKind.PGBOUNCER and not each.admin_dsn]
    only = nowhere[0] if len(nowhere) == len(dsns) == 1 else None
    return [(by_address.get(_address(dsn), only), dsn) for dsn in dsns]


def _address(dsn: str) -> tuple[object, object] | None:
    """Host and port; None where that is no connection string, which the console says better."""
    try:
        told = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        return None
    return told.get("host"), told.get("port")
