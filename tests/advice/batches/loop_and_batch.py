"""A loop and its batch, run from the same state of one database."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import make_conninfo

from pgtune.model.catalog import Catalog
from pgtune.model.equivalence import LoopPair
from pgtune.model.loop import Loop, LoopOrigin, Parent, Transaction
from pgtune.model.names import RelationName
from pgtune.sources.catalog import read_catalog

Connection = psycopg.Connection[tuple[object, ...]]
Turns = Sequence[tuple[object, ...]]


def live_catalog(connection: Connection) -> Catalog:
    """Read all tables; the connection is READ ONLY afterwards."""
    rows = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v')"
    ).fetchall()
    return read_catalog(connection, [RelationName(str(schema), str(name)) for schema, name in rows])


@contextmanager
def own_database(server: str, schema: str) -> Iterator[str]:
    """Make a database with *schema* for the tests of one module; yield its connection string."""
    name = f"pgtune_test_{uuid.uuid4().hex[:12]}"
    conninfo = make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        try:
            with psycopg.connect(conninfo, autocommit=True) as own:
                own.execute(schema.encode())
            yield conninfo
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def loop_of(
    text: str,
    *,
    turns: int = 1000,
    parent: Parent | None = None,
    cycle: tuple[str, ...] = (),
    transaction: Transaction = Transaction.ONE,
    gap_ms: float | None = None,
) -> Loop:
    return Loop(
        origin=LoopOrigin.FILES,
        place="seed.sql:1-1000",
        text=text,
        fingerprint="f",
        turns=turns,
        parent=parent,
        cycle=cycle,
        transaction=transaction,
        gap_ms=gap_ms,
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    rows: Counter[str]
    tables: tuple[Counter[str], ...]
    error: str


def run_loop(connection: Connection, pair: LoopPair, turns: Turns, tables: Sequence[str]) -> Outcome:
    return _run(connection, [(pair.single, turn) for turn in turns], tables)


def run_batch(connection: Connection, pair: LoopPair, turns: Turns, tables: Sequence[str]) -> Outcome:
    width = max(int(number) for number in re.findall(r"\$(\d+)", pair.single))
    arrays = tuple([turn[n] for turn in turns] for n in range(width))
    return _run(connection, [(pair.batch, arrays)], tables)


def differences(connection: Connection, pair: LoopPair, turns: Turns, tables: Sequence[str]) -> str:
    """Empty where both leave and return the same."""
    loop, batch = (run(connection, pair, turns, tables) for run in (run_loop, run_batch))
    if loop.error:
        return ""  # a loop that fails promises nothing
    return "" if loop == batch else f"{turns}\nloop  {loop}\nbatch {batch}"


def _run(
    connection: Connection, statements: Sequence[tuple[str, Sequence[object]]], tables: Sequence[str]
) -> Outcome:
    rows: Counter[str] = Counter()
    with connection.transaction(force_rollback=True):
        try:
            with connection.transaction(), psycopg.RawCursor(connection) as cursor:
                for statement, values in statements:
                    cursor.execute(statement.encode(), values)
                    rows.update(map(str, cursor.fetchall() if cursor.description else ()))
        except psycopg.Error as error:
            return Outcome(Counter(), (), f"{error.sqlstate} {error}")
        after = tuple(_rows(connection, table) for table in tables)
    return Outcome(rows, after, "")


def _rows(connection: Connection, table: str) -> Counter[str]:
    return Counter(str(row) for row in connection.execute(f"SELECT * FROM {table} AS t".encode()))
