"""Proposed indexes are tried on a shadow of the server: what `pgtune explain` then says of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.cli.program import pgtune
from tests.conftest import Database
from tests.postgres_server import PostgresServer, embedded_binaries

SLOW = "SELECT * FROM orders WHERE user_id = 42"
NOWHERE = {"PGTUNE_POSTGRES_BIN": "/nowhere"}


def explained(conninfo: str, query: str, *options: str, env: dict[str, str] | None = None) -> dict[str, Any]:
    result = pgtune("explain", "-", "--dsn", conninfo, "--report", "json", *options, stdin=query, env=env)
    assert result.code == 0, result.err
    assert result.err == ""
    report: dict[str, Any] = json.loads(result.out)
    return report


def finding(report: dict[str, Any], rule: str = "seq-scan-discards") -> dict[str, Any]:
    (statement,) = report["statements"]
    return next(found for found in statement["findings"] if found["rule"] == rule)


def root_cost(connection: psycopg.Connection[Any], query: str) -> float:
    row = connection.execute(f"EXPLAIN (FORMAT JSON) {query}".encode()).fetchone()
    assert row is not None
    return float(row[0][0]["Plan"]["Total Cost"])


def test_the_figures_are_those_of_the_index_really_built(database: Database) -> None:
    """Also with values: a rare status costs far less than a common one would."""
    query = "SELECT * FROM orders WHERE status = {}"
    found = finding(explained(database.conninfo, query.format("$1"), "--param", "1=pending"))
    action = found["action"]
    assert action["proof"] == "planned"
    with database.connect() as connection:
        assert action["planned_cost_before"] == root_cost(connection, query.format("'pending'"))
        connection.execute(action["sql"].encode())
        assert action["planned_cost_after"] == pytest.approx(
            root_cost(connection, query.format("'pending'")), rel=0.01
        )
        size = connection.execute("SELECT pg_relation_size('orders_status_idx')").fetchone()
    assert size is not None
    assert action["index_bytes"] == pytest.approx(size[0], rel=0.1)
    assert "The planner uses it (" in found["hint"]


def test_an_index_that_the_planner_would_not_use_is_not_proposed(database: Database) -> None:
    database.execute(f'ALTER DATABASE "{database.name}" SET random_page_cost = 1000000')
    found = finding(explained(database.conninfo, SLOW))
    assert found["action"] is None
    assert found["hint"].startswith(
        "No new index: an index on public.orders (user_id) was tried on the planner, which would not use it"
    )


_PARTITIONED = """
CREATE TABLE parts (a int, b int) PARTITION BY RANGE (b);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10000);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10000) TO (20000);
INSERT INTO parts SELECT i % 1000, i FROM generate_series(1, 19999) AS i;
ANALYZE parts
"""
_NOTES = """
CREATE TABLE notes AS SELECT md5(i::text) AS note FROM generate_series(1, 50000) AS i;
ANALYZE notes
"""


@pytest.mark.parametrize(
    ("schema", "query", "options"),
    [
        ("", "DELETE FROM orders WHERE user_id = 42", ["--allow-writes"]),
        (_PARTITIONED, "SELECT * FROM parts WHERE a = 7", []),
        (_NOTES, "SELECT * FROM notes WHERE note LIKE '%abcdef%'", []),
    ],
    ids=["a write", "a partitioned table", "an extension that the server lacks"],
)
def test_what_else_can_be_tried(database: Database, schema: str, query: str, options: list[str]) -> None:
    if schema:
        database.execute(schema)
    action = finding(explained(database.conninfo, query, *options))["action"]
    assert action["proof"] == "planned"
    for statement in action["sql"].split("\n"):
        database.execute(statement)


def test_nothing_is_tried_without_need(database: Database) -> None:
    report = explained(database.conninfo, "SELECT count(*) FROM orders", env=NOWHERE)
    assert report["remarks"] == []
    report = explained(database.conninfo, SLOW, "--no-what-if", env=NOWHERE)
    assert report["remarks"] == []
    assert finding(report)["action"]["proof"] == "unchecked"


def test_a_shadow_that_cannot_be_made_is_told_once(database: Database) -> None:
    report = explained(database.conninfo, f"{SLOW};{SLOW}", env=NOWHERE)
    (remark,) = report["remarks"]
    assert remark.startswith('proposed indexes were not tried on a shadow: "/nowhere": no PostgreSQL server')
    proofs = [found["action"]["proof"] for each in report["statements"] for found in each["findings"]]
    assert proofs == ["unchecked", "unchecked"]


@pytest.fixture
def reader(database: Database) -> Iterator[str]:
    """Connection string of a role that may read columns of orders, and no more."""
    database.execute(
        "DROP ROLE IF EXISTS pgtune_reader; CREATE ROLE pgtune_reader LOGIN PASSWORD 'reader-password';"
        "GRANT SELECT (id, user_id, status, total) ON orders TO pgtune_reader"
    )
    yield make_conninfo(database.conninfo, user="pgtune_reader", password="reader-password")
    database.execute("DROP OWNED BY pgtune_reader; DROP ROLE pgtune_reader")


def test_a_table_that_the_role_may_not_copy_leaves_the_index_unchecked(reader: str) -> None:
    found = finding(explained(reader, SLOW))
    assert found["action"]["proof"] == "unchecked"
    assert 'the shadow refuses the statement (relation "orders" does not exist)' in found["hint"]


def test_a_role_that_may_not_read_the_statistics_leaves_the_index_unchecked(
    database: Database, reader: str
) -> None:
    database.execute("REVOKE SELECT ON pg_catalog.pg_stats_ext FROM PUBLIC")
    report = explained(reader, SLOW)
    (remark,) = report["remarks"]
    assert remark.startswith("proposed indexes were not tried on a shadow: ")
    assert "reader-password" not in remark
    assert finding(report)["action"]["proof"] == "unchecked"


@pytest.mark.other_major
def test_another_major_is_told(other_major: PostgresServer) -> None:
    report = explained(other_major.conninfo(), SLOW, "--postgres-bin", str(embedded_binaries()))
    (remark,) = report["remarks"]
    assert remark.startswith("proposed indexes were tried on a shadow: the server is PostgreSQL ")
    assert finding(report)["action"]["proof"] == "planned"
