"""A server with few slots whose log tells of every connection, shared by the tests of this directory."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from tests.postgres_server import PostgresServer, running_server

SETTINGS = {
    "max_connections": "14",
    "superuser_reserved_connections": "3",
    "reserved_connections": "2",
    "log_connections": "on",
    "log_line_prefix": "'%a|'",
    "shared_preload_libraries": "pg_stat_statements",
    "lock_timeout": "7s",
    "work_mem": "5MB",
    "tcp_keepalives_idle": "90s",
}


@pytest.fixture(scope="package")
def small_server() -> Iterator[PostgresServer]:
    with running_server(SETTINGS) as own:
        with psycopg.connect(own.conninfo(), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")
        yield own


@pytest.fixture
def role(small_server: PostgresServer) -> Iterator[str]:
    """A login role without privileges, of one test's own."""
    name = f"role_{uuid.uuid4().hex[:8]}"
    identifier = sql.Identifier(name)
    with psycopg.connect(small_server.conninfo(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(identifier))
    yield name
    with psycopg.connect(small_server.conninfo(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP OWNED BY {}").format(identifier))
        connection.execute(sql.SQL("DROP ROLE {}").format(identifier))
