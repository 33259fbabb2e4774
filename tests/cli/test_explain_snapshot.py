"""`pgtune explain --snapshot`: the plan that the server would choose, without the server."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from tests.cli.program import pgtune
from tests.conftest import Database
from tests.postgres_server import PostgresServer, embedded_binaries

QUERY = (
    "SELECT o.total FROM orders AS o JOIN users AS u ON u.id = o.user_id WHERE u.email = 'user7@example.com'"
)


@pytest.fixture
def snapshot(database: Database, tmp_path: Path) -> Path:
    return taken(database.conninfo, tmp_path)


def taken(conninfo: str, folder: Path) -> Path:
    result = pgtune("snapshot", "--dsn", conninfo, "--out", str(folder / "prod.pgtune"))
    assert result.code == 0, result.err
    return folder / "prod.pgtune"


def root_cost(conninfo: str, query: str) -> float:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(f"EXPLAIN (FORMAT JSON) {query}".encode()).fetchone()
    assert row is not None
    return float(row[0][0]["Plan"]["Total Cost"])


def test_the_plan_is_the_servers_own_when_the_server_is_stopped(
    private_server: PostgresServer, tmp_path: Path
) -> None:
    with psycopg.connect(private_server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE)")
        connection.execute("CREATE TABLE orders (id int PRIMARY KEY, user_id int, total numeric)")
        connection.execute(
            "INSERT INTO users SELECT i, 'user' || i || '@example.com' FROM generate_series(1, 9000) i"
        )
        connection.execute("INSERT INTO orders SELECT i, i % 9000, i FROM generate_series(1, 90000) i")
        connection.execute("VACUUM ANALYZE")
    cost = root_cost(private_server.conninfo(), QUERY)
    path = taken(private_server.conninfo(), tmp_path)
    private_server.stop()
    result = pgtune("explain", "-", "--snapshot", str(path), "--report", "json", stdin=QUERY)
    assert result.code == 0, result.err
    report = json.loads(result.out)
    (statement,) = report["statements"]
    assert statement["origin"] == "planned"
    assert statement["nodes"][0]["estimate"]["total_cost"] == cost
    assert report["server"] == f"shadow of {path} (PostgreSQL 18.6)"
    assert report["remarks"] == []
    assert result.err == ""


def test_what_writes_is_planned_without_a_word_on_running_it(snapshot: Path) -> None:
    result = pgtune("explain", "-", "--snapshot", str(snapshot), stdin="UPDATE orders SET total = 0")
    assert result.code == 0, result.err
    assert "Update on orders" in result.out
    assert "--allow-writes" not in result.out


def test_without_values_the_plan_is_generic(snapshot: Path) -> None:
    query = "SELECT * FROM orders WHERE id = :id"
    result = pgtune("explain", "-", "--snapshot", str(snapshot), stdin=query)
    assert "to plan it with values, add --param id=VALUE" in result.out
    given = pgtune("explain", "-", "--snapshot", str(snapshot), "--param", "id=5", stdin=query)
    assert "Index Scan using orders_pkey on orders" in given.out
    assert "generic" not in given.out


def test_a_table_that_the_snapshot_lacks_is_told(snapshot: Path) -> None:
    result = pgtune("explain", "-", "--snapshot", str(snapshot), stdin="SELECT * FROM elsewhere")
    assert result.code == 3
    assert 'relation "elsewhere" does not exist' in result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--analyze"], "--snapshot: --analyze needs rows, and a snapshot has none; leave one of them out"),
        (["--allow-writes"], "--snapshot: --allow-writes needs rows, and a snapshot has none; leave one"),
        (["--dsn", "dbname=x"], "--snapshot: --dsn names another database; leave one of them out"),
        (["--postgres-bin", "/nowhere"], '"/nowhere": no PostgreSQL server in it; name the directory'),
        (["--snapshot", "/nowhere"], "/nowhere: no such file or directory; check the path"),
    ],
)
def test_wrong_usage_is_one_line(snapshot: Path, arguments: list[str], message: str) -> None:
    result = pgtune("explain", "-", "--snapshot", str(snapshot), *arguments, stdin="SELECT 1")
    assert result.code == 2
    (line,) = result.err.splitlines()
    assert message in line


@pytest.mark.other_major
def test_another_major_is_told(other_major: PostgresServer, tmp_path: Path) -> None:
    path = taken(other_major.conninfo(), tmp_path)
    programs = ("--postgres-bin", str(embedded_binaries()))
    result = pgtune("explain", "-", "--snapshot", str(path), *programs, "--report", "json", stdin=QUERY)
    assert result.code == 0, result.err
    remark = json.loads(result.out)["remarks"][0]
    assert remark.startswith(f"{path}: the server is PostgreSQL ")
    assert "its shadow 18." in remark
    assert "may plan otherwise; --postgres-bin names programs of" in remark
