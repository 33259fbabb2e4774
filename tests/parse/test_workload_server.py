"""What a server counts and logs of statements that ran is planned again by that server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgtune.cli.workload_inputs import read_workload
from pgtune.model.snapshot import StatementStatistics
from pgtune.model.workload import Query, Workload
from pgtune.parse.workload import workload_of_statements
from tests.postgres_server import PostgresServer, running_server

TPCH = Path(__file__).parents[1] / "tpch"
SCHEMA = """
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t (
    id int PRIMARY KEY, kind text, at timestamptz, day date, total numeric, doc jsonb, tags text[]
);
CREATE TABLE u (id int PRIMARY KEY, n int);
CREATE FUNCTION sums(int) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM t WHERE id > $1';
INSERT INTO t SELECT i, 'k' || i % 7, now(), current_date, i, '{"a": 1}', '{x}'
FROM generate_series(1, 500) AS i;
SELECT pg_stat_statements_reset();
"""
PLANNED = [
    "SELECT * FROM t WHERE at > now() - interval '1 day' AND day = date '2026-01-01'",
    "SELECT 1 FROM t WHERE at BETWEEN timestamp with time zone '2026-01-01 UTC' AND timestamptz(0) 'now'",
    "SELECT count(*) FROM t WHERE at > '2026-01-01'::date + interval '3' day",
    "SELECT count(*) FROM t WHERE at > current_date - 30 AND day < current_date + 1",
    "SELECT * FROM t WHERE id IN (1, 2, 3) AND kind NOT IN ('a', 'b')",
    "SELECT * FROM t WHERE (id, kind) IN ((1, 'a'), (2, 'b')) OR id = ANY ('{4,5}'::int[])",
    "SELECT date_trunc('day', at), sum(total) FROM t WHERE id > 5 GROUP BY date_trunc('day', at) ORDER BY 2",
    "SELECT date_trunc('month', at) m, extract(year FROM at) FROM t GROUP BY 1, 2 ORDER BY 1 DESC LIMIT 3",
    "SELECT id % 5, CASE WHEN id % 5 = 1 THEN 'one' END FROM t GROUP BY id % 5 ORDER BY id % 5",
    "SELECT * FROM t WHERE doc @> '{\"a\": 1}' AND tags && '{x}' AND doc ->> 'a' = '1'",
    "SELECT * FROM t WHERE upper(kind) = 'K1' AND kind LIKE 'k%' ESCAPE '!' ORDER BY at LIMIT 5 OFFSET 2",
    "SELECT lag(total, 1) OVER (PARTITION BY kind ORDER BY id ROWS 3 PRECEDING) FROM t",
    "SELECT DISTINCT ON (kind) 'literal', id FROM t ORDER BY kind, id FETCH FIRST 3 ROWS ONLY",
    "SELECT numeric '1.5' + total, numeric(5,2) '1', pg_catalog.text 'x' FROM t WHERE total > float '1'",
    "WITH x AS MATERIALIZED (SELECT * FROM t WHERE id = 5) TABLE x UNION ALL SELECT * FROM t WHERE id = 6",
    "SELECT * FROM t TABLESAMPLE bernoulli (10) REPEATABLE (5) WHERE id > 5",
    "SELECT * FROM t JOIN LATERAL (SELECT * FROM u WHERE u.id = t.id LIMIT 2) l ON true WHERE t.id = 5",
    "SELECT * FROM t WHERE id = 1 FOR UPDATE",
    "SELECT sums(3) FROM t WHERE id = 1",
    "UPDATE t SET kind = 'z', total = total + 1 WHERE id = 3",
    "INSERT INTO u SELECT id, 1 FROM t WHERE id < 5 ON CONFLICT (id) DO UPDATE SET n = u.n + 1",
    "MERGE INTO u USING t ON u.id = t.id WHEN MATCHED AND t.id > 3 THEN UPDATE SET n = 9",
    "DELETE FROM u WHERE id = 3",
    "CREATE TABLE made AS SELECT * FROM t WHERE id < 5",
    "SELECT * INTO made_too FROM t WHERE id < 6",
    "COPY (SELECT * FROM t WHERE id < 7) TO '/dev/null'",
    "PREPARE p (int, text) AS SELECT * FROM t WHERE id = $1 AND kind = $2 AND total > 8",
    "BEGIN; DECLARE c CURSOR FOR SELECT * FROM t WHERE id > 9; FETCH 2 FROM c; COMMIT",
]
SKIPPED = [
    "SELECT 1",
    "SET work_mem = '4MB'",
    "INSERT INTO u VALUES (1000, 1)",
    "EXPLAIN SELECT * FROM t",
    "SELECT relname FROM pg_class WHERE oid = 5",
    "EXECUTE p(1, 'k1')",
    "ANALYZE t",
]


@pytest.fixture(scope="module")
def used_server() -> Iterator[PostgresServer]:
    """A server that has counted and logged PLANNED and SKIPPED, in all formats of log."""
    settings = {
        "shared_preload_libraries": "pg_stat_statements",
        "logging_collector": "on",
        "log_destination": "'stderr,csvlog,jsonlog'",
        "log_directory": "'logs'",
        "log_filename": "'server.log'",
    }
    with running_server(settings) as own:
        with psycopg.connect(own.conninfo(), autocommit=True) as connection:
            connection.execute(SCHEMA.encode())
            connection.execute("SET log_min_duration_statement = 0")
            for statement in PLANNED + SKIPPED:
                connection.execute(statement.encode())
            connection.execute("CREATE DATABASE tpch")
            for number in (1, 2, 400):
                connection.execute("SELECT * FROM t WHERE id < %s AND kind <> %s", (number, "it's\n$2"))
        yield own


def counted(connection: psycopg.Connection[tuple[object, ...]]) -> Workload:
    rows = connection.execute(
        "SELECT queryid, query, calls, total_exec_time, rows FROM pg_stat_statements"
        " JOIN pg_database AS d ON d.oid = dbid WHERE datname = current_database()"
    )
    return workload_of_statements(StatementStatistics(*row) for row in rows)  # type: ignore[arg-type]


def refusals(connection: psycopg.Connection[tuple[object, ...]], queries: tuple[Query, ...]) -> list[str]:
    """Plan each query and return what the server says against any."""
    found = []
    for query in queries:
        option = "GENERIC_PLAN" if query.values is None else "COSTS"
        values = query.values or None
        cursor = psycopg.RawCursor(connection)
        try:
            cursor.execute(f"EXPLAIN ({option}) {query.text}".encode(), values)
        except psycopg.Error as error:
            found.append(f"{query.text}: {error}")
    return found


def test_every_statement_that_was_counted_is_planned_again(used_server: PostgresServer) -> None:
    with psycopg.connect(used_server.conninfo(), autocommit=True) as connection:
        workload = counted(connection)
        assert refusals(connection, workload.queries) == []
    texts = [query.text for query in workload.queries]
    assert len(texts) == len(PLANNED) + 1
    assert any("FROM t WHERE id > $1" in text and "CURSOR" not in text for text in texts)
    assert {skipped.reason for skipped in workload.skipped} == {
        "transaction control",
        "session setting",
        "cursor command: its DECLARE is planned",
        "INSERT of values: a write that looks nothing up",
        "EXPLAIN",
        "system catalog",
        "reads no table",
        "utility statement",
    }


def test_the_queries_of_tpch_are_planned_without_their_constants(used_server: PostgresServer) -> None:
    with psycopg.connect(used_server.conninfo("tpch"), autocommit=True) as connection:
        connection.execute((TPCH / "schema.sql").read_bytes())
        connection.execute("CREATE EXTENSION pg_stat_statements")
        for query in sorted((TPCH / "queries").iterdir()):
            connection.execute(query.read_bytes())
        queries = counted(connection).queries
        assert len(queries) == 22
        assert refusals(connection, queries) == []


def test_a_squashed_list_is_planned_as_a_list(used_server: PostgresServer) -> None:
    with psycopg.connect(used_server.conninfo(), autocommit=True) as connection:
        (query,) = [query for query in counted(connection).queries if "NOT IN" in query.text]
        rows = connection.execute(f"EXPLAIN (GENERIC_PLAN) {query.text}".encode()).fetchall()
    plan = "\n".join(str(row[0]) for row in rows)
    assert "id = ANY" in plan
    assert "kind <> ALL" in plan


def test_updates_are_weighed_by_the_rows_that_were_written(used_server: PostgresServer) -> None:
    with psycopg.connect(used_server.conninfo(), autocommit=True) as connection:
        writes = counted(connection).writes
    updates = [write for write in writes if write.columns]
    assert {(update.relation.name, update.columns, update.rows) for update in updates} == {
        ("t", frozenset({"kind", "total"}), 1.0),
        ("u", frozenset({"n"}), 4.0),
        ("u", frozenset({"n"}), 1.0),
    }


@pytest.mark.parametrize("ending", ["log", "csv", "json"])
def test_every_statement_that_was_logged_is_planned_again(used_server: PostgresServer, ending: str) -> None:
    log = used_server.directory / "data" / "logs" / f"server.{ending}"
    workload = read_workload([], [str(log)], {})
    with psycopg.connect(used_server.conninfo(), autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS made, made_too")
        assert refusals(connection, workload.queries) == []
    assert {query.text for query in workload.queries} > set(PLANNED[:23])
    (bound,) = [query for query in workload.queries if query.values]
    assert bound.values is not None
    assert bound.calls == 3
    assert bound.values[0] in ("1", "2", "400")
    assert bound.values[1] == "it's\n$2"
    assert workload.is_timed
    assert workload.seen_ms is not None
    assert workload.seen_ms >= sum(query.total_ms or 0.0 for query in workload.queries)
