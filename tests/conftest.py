"""Servers and databases for the tests that need a real PostgreSQL.

The server is PGTUNE_TEST_DSN (a superuser) if set, else the embedded PostgreSQL 18, one per session and
xdist worker: it starts in half a second.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.postgres_server import PostgresServer, embedded_binaries, running_server

_TEMPLATE = """
CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL UNIQUE);
CREATE TABLE orders (
    id int PRIMARY KEY, user_id int NOT NULL REFERENCES users, status text NOT NULL, total numeric NOT NULL
);
INSERT INTO users SELECT i, 'user' || i || '@example.com' FROM generate_series(1, 1000) AS i;
INSERT INTO orders
SELECT i, 1 + i * 7 % 1000, CASE WHEN i % 100 = 0 THEN 'pending' ELSE 'delivered' END, i % 500
FROM generate_series(1, 10000) AS i;
"""


@dataclass(frozen=True, slots=True)
class Database:
    """A database of one test's own: tables users (1,000 rows) and orders (10,000 rows), analyzed."""

    name: str
    conninfo: str  # of a superuser

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.conninfo, autocommit=True)

    def execute(self, statement: str) -> None:
        with self.connect() as connection:
            connection.execute(statement.encode())

    def scalar(self, statement: str) -> object:
        with self.connect() as connection:
            row = connection.execute(statement.encode()).fetchone()
        assert row is not None
        return row[0]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Connection string of a superuser on the session's server."""
    if dsn := os.environ.get("PGTUNE_TEST_DSN"):
        yield dsn
        return
    with running_server() as own:
        yield own.conninfo()


@pytest.fixture(scope="session")
def template_database(server: str) -> Iterator[str]:
    """Name of the database that `database` clones; it is made once per session."""
    name = f"pgtune_template_{uuid.uuid4().hex[:12]}"
    yield from _created(
        server, name, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)), fill=_TEMPLATE
    )


@pytest.fixture
def database(server: str, template_database: str) -> Iterator[Database]:
    """A fresh database, dropped after the test."""
    name = f"pgtune_test_{uuid.uuid4().hex[:12]}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(template_database)
    )
    for created in _created(server, name, create):
        yield Database(created, make_conninfo(server, dbname=created))


def _created(server: str, name: str, create: sql.Composed, fill: str = "") -> Iterator[str]:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(create)
    try:
        if fill:
            with psycopg.connect(make_conninfo(server, dbname=name), autocommit=True) as connection:
                connection.execute(fill.encode())
                connection.execute("VACUUM ANALYZE")
        yield name
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def private_server() -> Iterator[PostgresServer]:
    """A server for one test alone, which may stop it."""
    with running_server() as own:
        yield own


@pytest.fixture(scope="session")
def other_major() -> Iterator[PostgresServer]:
    """A server of another major: PGTUNE_TEST_POSTGRES_BIN, else the newest under /usr/lib/postgresql."""
    binaries = _other_binaries()
    if binaries is None:
        pytest.skip(
            "no other PostgreSQL major here; PGTUNE_TEST_POSTGRES_BIN names the directory of its binaries"
        )
    with running_server(binaries=binaries) as own:
        with psycopg.connect(own.conninfo(), autocommit=True) as connection:
            connection.execute(_TEMPLATE.encode())
            connection.execute("VACUUM ANALYZE")
        yield own


def _other_binaries() -> Path | None:
    if named := os.environ.get("PGTUNE_TEST_POSTGRES_BIN"):
        return Path(named)
    installed = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "postgres").exists()]
    others = [path for path in installed if path.parent.name != _major(embedded_binaries())]
    return max(others, key=lambda path: int(path.parent.name), default=None)


def _major(binaries: Path) -> str:
    answer = subprocess.run(
        [str(binaries / "postgres"), "--version"], check=True, capture_output=True, text=True
    )
    match = re.search(r"\d+", answer.stdout)
    assert match is not None
    return match[0]


@pytest.fixture(scope="session")
def container_server() -> Iterator[str]:
    """Connection string of a PostgreSQL in a container; PGTUNE_TEST_IMAGE names the image."""
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "info"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no Docker engine answers")
    from testcontainers.postgres import PostgresContainer

    with PostgresContainer(os.environ.get("PGTUNE_TEST_IMAGE", "postgres:18"), driver=None) as container:
        yield container.get_connection_url()
