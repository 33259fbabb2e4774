"""TPC-H of scale 1: a database to build indexes in, the costs and the times of its queries."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from pgtune.parse.sql_split import read_script
from tests.bench.section import Options
from tests.postgres_server import server_of
from tests.tpch.load import generate, load

QUERIES = tuple(sorted((Path(__file__).parents[1] / "tpch" / "queries").glob("q*.sql")))
# Published comparisons of index selection leave these out: each would cost more than all others together.
LEFT_OUT = ("q02", "q17", "q20")
NINETEEN = tuple(query for query in QUERIES if query.stem not in LEFT_OUT)
RUNS = 3
_TIMEOUT = "120s"
# Plans need what PostgreSQL has by default; the tests' servers have less.
_SETTINGS = {
    "max_parallel_workers_per_gather": "2",
    "jit": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "8GB",
}

Connection = psycopg.Connection[tuple[Any, ...]]


@contextmanager
def tpch_database(options: Options) -> Iterator[str]:
    """Yield the connection string of the database that was given, or of one that is made for some minutes."""
    if options.tpch is not None:
        yield options.tpch
        return
    with server_of(_SETTINGS) as conninfo:
        with tempfile.TemporaryDirectory(prefix="pgtune-bench-") as folder:
            generate(Path(folder), 1.0)
            load(conninfo, Path(folder))
        yield conninfo


def connect(conninfo: str) -> Connection:
    return psycopg.connect(conninfo, autocommit=True)


@contextmanager
def built(connection: Connection, actions: Sequence[Mapping[str, str]]) -> Iterator[int]:
    """Build indexes as the JSON report says, yield their bytes, and undo it."""
    names = []
    try:
        for action in actions:
            for statement in read_script(action["sql"]).statements:
                connection.execute(statement.text.replace(" CONCURRENTLY", "", 1).encode())
            names.append(action["undo"].split()[-1].rstrip(";"))
        connection.execute("VACUUM")
        yield sum(map(int, (_scalar(connection, f"SELECT pg_relation_size('{name}')") for name in names)))
    finally:
        for action in actions:
            connection.execute(action["undo"].replace("INDEX CONCURRENTLY", "INDEX IF EXISTS").encode())


def _scalar(connection: Connection, query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def total_cost(connection: Connection, queries: Sequence[Path]) -> float:
    """The sum of what EXPLAIN says."""
    return sum(plan(connection, query.read_text())["Total Cost"] for query in queries)


def plan(connection: Connection, query: str) -> Any:
    """The plan as EXPLAIN's JSON, without execution."""
    return _scalar(connection, f"EXPLAIN (FORMAT JSON) {query}")[0]["Plan"]


def total_run_s(connection: Connection, queries: Sequence[Path]) -> float:
    """The sum of the medians of warm runs.

    Raises:
        psycopg.errors.QueryCanceled: a query took longer than the timeout.
    """
    connection.execute(f"SET statement_timeout = '{_TIMEOUT}'".encode())
    try:
        return sum(_median_run_s(connection, query.read_bytes()) for query in queries)
    finally:
        connection.execute("RESET statement_timeout")


def _median_run_s(connection: Connection, query: bytes) -> float:
    times_s = []
    for _ in range(1 + RUNS):
        start_s = time.perf_counter()
        connection.execute(query)
        times_s.append(time.perf_counter() - start_s)
    return statistics.median(times_s[1:])
