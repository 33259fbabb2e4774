"""What observe() finds on a server of the tests."""

from __future__ import annotations

from typing import Any, TypeVar

import psycopg
from psycopg import sql

from pgtune.model.evidence import Evidence
from pgtune.model.pool_settings import PoolSettings
from pgtune.sources.connect import prepare_conninfo
from pgtune.sources.pools.observe import Observation, ObserveRequest, observe
from tests.postgres_server import PostgresServer, wait_for

Kind = TypeVar("Kind")


def observation(conninfo: str, **request: Any) -> Observation:
    """Observe, with *request* as the fields of an ObserveRequest."""
    notices: list[str] = []
    seen = observe(prepare_conninfo(conninfo, PoolSettings()), ObserveRequest(**request), notices.append)
    assert notices == []  # nothing was waited for
    return seen


def one(seen: Observation, kind: type[Kind]) -> Kind:
    """The evidence of that type."""
    item = Evidence(seen.items).find(kind)
    assert item is not None, seen.missing[kind]
    return item


def execute(server: PostgresServer, statement: str, *names: str) -> None:
    """Run *statement* as the superuser; its braces are identifiers."""
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        identifiers = map(sql.Identifier, names)
        connection.execute(sql.SQL(statement).format(*identifiers))


def settle(server: PostgresServer) -> None:
    """Wait until the sessions that were closed are gone from the server."""
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:

        def alone() -> bool:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
            ).fetchone()
            return row == (1,)

        assert wait_for(alone, timeout_s=5)
