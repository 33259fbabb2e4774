"""A loaded database in, hollow copies of it in the same server out, with the sizes of its files."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from pgtune.embedded.account import server_account
from pgtune.model.index_shape import BLOCK_BYTES, IndexSize
from pgtune.shadow.database import Shadow, ShadowDatabase
from pgtune.shadow.files import btree_file, hollow_files
from tests.postgres_server import PostgresServer, embedded_binaries

ROLE = "planner"
_STORED = """
SELECT pg_class.oid::regclass::text, relkind, amname, reltuples
FROM pg_class LEFT JOIN pg_am ON pg_am.oid = relam
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')
"""
_TABLES = """
SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
"""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What the server keeps in the file of a relation."""

    path: Path
    size: IndexSize


@contextmanager
def unchecked_server() -> Iterator[PostgresServer]:
    """A server that reads pages without checksums."""
    server = PostgresServer(embedded_binaries())
    try:
        server.create()
        server.run("pg_checksums", "--disable", "-D", str(server.directory / "data"))
        server.start()
        yield server
    finally:
        server.stop()


def connect(conninfo: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(conninfo, autocommit=True)


def create_database(server: PostgresServer, name: str, schema: str) -> str:
    """Make the database, fill it and return its connection string."""
    with connect(server.conninfo()) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    with connect(server.conninfo(name)) as connection:
        connection.execute(schema.encode())
        connection.execute("VACUUM (ANALYZE, FREEZE)")
    return server.conninfo(name)


def stored_files(server: PostgresServer, conninfo: str) -> Mapping[str, tuple[str, StoredFile]]:
    """Kind, path, size and, of B-trees and GIN indexes, what the metapage says."""
    with connect(conninfo) as connection:
        connection.execute("CHECKPOINT")
        return {
            str(name): (str(kind), _stored(server, connection, str(name), access_method, tuples))
            for name, kind, access_method, tuples in connection.execute(_STORED).fetchall()
        }


def _stored(
    server: PostgresServer,
    connection: psycopg.Connection[tuple[object, ...]],
    name: str,
    access_method: object,
    tuples: object,
) -> StoredFile:
    row = connection.execute("SELECT pg_relation_filepath(%s::regclass)", [name]).fetchone()
    assert row is not None
    path = server.directory / "data" / str(row[0])
    blocks, metapage = path.stat().st_size // BLOCK_BYTES, path.read_bytes()[24:BLOCK_BYTES]
    entries = float(str(tuples))
    if access_method == "btree":
        return StoredFile(path, IndexSize(blocks, struct.unpack_from("<I", metapage, 20)[0], entries))
    if access_method == "gin":
        _, entry_blocks, data_blocks, items = struct.unpack_from("<IIIq", _aligned(metapage))
        return StoredFile(path, IndexSize(blocks, 0, entries, entry_blocks, data_blocks, items))
    return StoredFile(path, IndexSize(blocks, 0, entries))


def _aligned(metapage: bytes) -> bytes:
    """From nTotalPages on, without the padding before nEntries."""
    return metapage[24:36] + metapage[40:48]


@contextmanager
def hollow_shadow(server: PostgresServer, database: str, copies: int) -> Iterator[Shadow]:
    """Copy *database* without its rows, with all that the planner knows; drop all of it afterwards."""
    names = [f"{database}_{number}" for number in range(copies)]
    with connect(server.conninfo()) as connection:
        connection.execute(f"DROP ROLE IF EXISTS {ROLE}; CREATE ROLE {ROLE} LOGIN")
        version_num = connection.info.server_version
        try:
            for name in names:
                connection.execute(f"CREATE DATABASE {name} TEMPLATE {database} STRATEGY file_copy")
            shadows = tuple(_emptied(server, server.conninfo(name)) for name in names)
            yield Shadow(version_num, shadows, (), True)
        finally:
            for name in (*names, database):
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            connection.execute(f"DROP ROLE {ROLE}")


def _emptied(server: PostgresServer, conninfo: str) -> ShadowDatabase:
    account = server_account()
    with connect(conninfo) as connection:
        connection.execute(f"ALTER SCHEMA public OWNER TO {ROLE}")
        for (table,) in connection.execute(_TABLES).fetchall():
            connection.execute(f"ALTER TABLE {table} OWNER TO {ROLE}")
    for kind, stored in stored_files(server, conninfo).values():
        if kind == "r":
            hollow_files.empty(stored.path)
            hollow_files.extend(stored.path, stored.size.blocks, account)
        else:
            btree_file.write_tree(stored.path, stored.size.blocks, stored.size.height, account)
    return ShadowDatabase(conninfo, make_conninfo(conninfo, user=ROLE), server.directory / "data", account)
