"""`pgtune equivalent` as a user runs it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest

from pgtune.embedded.binaries import wheel_programs
from pgtune.model.pool_settings import PoolSettings
from pgtune.sources.postgres import open_server
from pgtune.sources.snapshot_file import write_snapshot
from tests.cli.program import REPOSITORY, Result, pgtune
from tests.conftest import Database

SCHEMA = json.loads((REPOSITORY / "docs" / "equivalence-schema.json").read_text(encoding="utf-8"))
TABLES = "CREATE TABLE t (id int PRIMARY KEY, a int, b int NOT NULL);\n"
NOT_IN = "SELECT id FROM t WHERE id NOT IN (SELECT a FROM t);\n"
NOT_EXISTS = "SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM t u WHERE u.a = t.id);\n"


@dataclass(frozen=True, slots=True)
class Folder:
    """Two statements and a schema in files."""

    path: Path

    def __call__(self, original: str, rewritten: str, *arguments: str, schema: str | None = TABLES) -> Result:
        (self.path / "a.sql").write_text(original)
        (self.path / "b.sql").write_text(rewritten)
        given: tuple[str, ...] = ()
        if schema is not None:
            (self.path / "schema.sql").write_text(schema)
            given = ("--schema", "schema.sql")
        return pgtune("equivalent", "a.sql", "b.sql", *given, *arguments, cwd=self.path)

    def json(self, original: str, rewritten: str, *arguments: str, schema: str | None = TABLES) -> Any:
        result = self(original, rewritten, "--report", "json", *arguments, schema=schema)
        verdict = json.loads(result.out)
        jsonschema.validate(verdict, SCHEMA)
        assert {"equal": 0, "different": 1, "undecided": 3}[verdict["verdict"]] == result.code
        return verdict


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_statements_that_mean_the_same_end_in_0(folder: Folder) -> None:
    result = folder("SELECT a FROM t WHERE b = 1 OR b = 2", "SELECT a FROM t WHERE b IN (1, 2);")
    assert result.code == 0
    assert result.out.startswith("Equal on 1,000 test databases, ")
    assert "no proof" in result.out
    assert result.err == ""


def test_a_difference_ends_in_1_and_can_be_replayed(folder: Folder, database: Database) -> None:
    verdict = folder.json(NOT_IN, NOT_EXISTS)
    assert verdict["verdict"] == "different"
    example = verdict["counterexample"]
    with psycopg.connect(database.conninfo) as connection:
        for statement in (TABLES, *example["inserts"]):
            connection.execute(statement.encode())
        for side, text in (("original", NOT_IN), ("rewritten", NOT_EXISTS)):
            rows = connection.execute(text.encode()).fetchall()
            expected = [(int(row[0]),) for row in example[side]["rows"]]
            assert sorted(rows) == sorted(expected)
        connection.rollback()
    assert example["original"]["rows"] != example["rewritten"]["rows"]


def test_a_result_that_the_rows_do_not_decide_ends_in_3(folder: Folder) -> None:
    result = folder("SELECT id FROM t LIMIT 1", "SELECT id FROM t LIMIT 1")
    assert result.code == 3
    assert result.out.startswith("Undecided: LIMIT without ORDER BY")


def test_the_same_seed_gives_the_same_answer(folder: Folder) -> None:
    first, again = (folder.json(NOT_IN, NOT_EXISTS, "--seed", "5") for _ in range(2))
    assert first["seed"] == 5
    assert {**first, "elapsed_ms": 0} == {**again, "elapsed_ms": 0}


def test_the_number_of_databases_can_be_chosen(folder: Folder) -> None:
    assert folder.json("SELECT b FROM t", "SELECT b + 0 FROM t", "--databases", "25")["databases"] == 25


def test_the_time_limit_is_kept(folder: Folder) -> None:
    verdict = folder.json(
        "SELECT b FROM t", "SELECT b + 0 FROM t", "--databases", "100000", "--time-limit", "300ms"
    )
    assert verdict["databases"] < 100_000
    assert verdict["elapsed_ms"] < 5_000


def test_a_name_is_the_same_value_in_both_files(folder: Folder) -> None:
    swapped = folder.json(
        "SELECT id FROM t WHERE a = :first AND b = :second",
        "SELECT id FROM t WHERE b = %(second)s AND a = %(first)s",
    )
    assert (swapped["verdict"], swapped["parameters"]) == ("equal", ["first", "second"])
    crossed = folder.json(
        "SELECT id FROM t WHERE a = $1 AND b = $2", "SELECT id FROM t WHERE a = $2 AND b = $1"
    )
    assert crossed["verdict"] == "different"
    assert len(crossed["counterexample"]["values"][0]) == 2


def test_a_statement_need_not_use_every_parameter(folder: Folder) -> None:
    dropped = folder.json(
        "SELECT id FROM t WHERE a = :first AND b = :second", "SELECT id FROM t WHERE b = :second"
    )
    assert (dropped["verdict"], dropped["parameters"]) == ("different", ["first", "second"])
    added = folder.json(
        "SELECT id FROM t WHERE b = $2", "SELECT id FROM t WHERE b = $2 AND ($1::int IS NULL OR a >= $1)"
    )
    assert added["verdict"] == "different"
    scripts = folder.json(
        "SELECT a FROM t WHERE id = $1; SELECT b FROM t WHERE id = $2",
        "SELECT a FROM t WHERE $1 = id; SELECT b FROM t WHERE $2 = id",
    )
    assert (scripts["verdict"], scripts["remarks"]) == ("equal", [])


def test_scripts_are_run_in_their_order(folder: Folder) -> None:
    verdict = folder.json(
        "UPDATE t SET b = 2 WHERE b = 1; UPDATE t SET b = 3 WHERE b = 2;",
        "UPDATE t SET b = 3 WHERE b = 2; UPDATE t SET b = 2 WHERE b = 1;",
    )
    assert verdict["verdict"] == "different"
    assert verdict["counterexample"]["original"]["tables"]
    assert len(verdict["counterexample"]["original"]["earlier"]) == 1


def test_one_of_the_two_may_be_standard_input(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("SELECT 1")
    (tmp_path / "s.sql").write_text(TABLES)
    result = pgtune("equivalent", "a.sql", "-", "--schema", "s.sql", stdin="SELECT 2", cwd=tmp_path)
    assert result.code == 1
    assert "standard input returns 1 row" in result.out


def test_the_schema_of_the_database_is_read_and_its_rows_are_not(folder: Folder, database: Database) -> None:
    rows_read = "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables"
    before = database.scalar(rows_read)
    verdict = folder.json(
        "SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id",
        "SELECT id FROM orders",
        "--dsn",
        database.conninfo,
        schema=None,
    )
    assert (verdict["verdict"], verdict["data"]) == ("equal", None)
    assert database.scalar(rows_read) == before


def test_a_snapshot_gives_the_tables(folder: Folder, database: Database) -> None:
    with open_server(database.conninfo, PoolSettings()) as server:
        write_snapshot(folder.path / "prod.pgtune", server.snapshot(wheel_programs()))
    verdict = folder.json(
        "SELECT count(email) FROM users",
        "SELECT count(*) FROM users",
        "--snapshot",
        "prod.pgtune",
        schema=None,
    )
    assert verdict["verdict"] == "equal"
    assert verdict["schema"].endswith("(prod.pgtune)")


def test_data_compares_the_rows_of_the_database(folder: Folder, database: Database) -> None:
    same = ("SELECT id FROM orders WHERE user_id = :user", "SELECT id FROM orders WHERE user_id IN (:user)")
    given = ("--dsn", database.conninfo, "--data")
    checked = folder.json(*same, *given, "--param", "user=8", schema=None)
    assert (checked["verdict"], checked["data"]["is_equal"], checked["data"]["rows"]) == ("equal", True, 10)
    without = folder.json(*same, *given, schema=None)
    assert (without["verdict"], without["data"]["is_equal"]) == ("undecided", None)
    assert "--param" in without["data"]["reason"]
    assert database.scalar("SELECT count(*) FROM orders") == 10_000


def test_a_difference_is_found_on_the_data_too(folder: Folder, database: Database) -> None:
    verdict = folder.json(
        "SELECT count(*) FROM orders",
        "SELECT count(*) + 1 FROM orders",
        "--dsn",
        database.conninfo,
        "--data",
        schema=None,
    )
    assert verdict["verdict"] == "different"
    assert verdict["data"]["only_original"] == ["(10000)"]
    assert verdict["data"]["only_rewritten"] == ["(10001)"]


def test_markdown_goes_to_a_file(folder: Folder) -> None:
    result = folder(NOT_IN, NOT_EXISTS, "--report", "terminal", "--report", "markdown=out.md")
    assert result.code == 1
    assert (folder.path / "out.md").read_text().startswith("# pgtune equivalent\n\n**Different: ")


@pytest.mark.parametrize(
    ("original", "rewritten", "message"),
    [
        ("SELECT 1", "", "b.sql: nothing in it"),
        ("SELECT 1", "-- only a comment", "b.sql: no statement in it; give one on each side"),
        ("SELECT 1", "CREATE TABLE x ()", 'b.sql:1: "CREATE" cannot be compared'),
        ("SELECT 1", "SELECT 1;\nSET work_mem = '1MB'", 'b.sql:2: "SET" cannot be compared'),
        ("SELECT 1", "EXPLAIN SELECT 1", 'b.sql:1: "EXPLAIN" cannot be compared'),
        ("SELECT 1 INTO x", "SELECT 1", "a.sql:1: SELECT INTO cannot be compared"),
        ("SELECT 1", "SELEC 1", 'b.sql:1: "SELEC" cannot be compared'),
        ("SELECT 1", "SELECT FROM WHERE", 'b.sql:1: syntax error at or near "WHERE"'),
        ("SELECT 1", "SELECT 'open", "b.sql: "),
        ("SELECT 1", "SELECT * FROM nowhere", 'b.sql:1: relation "nowhere" does not exist in schema.sql'),
        ("SELECT nope FROM t", "SELECT 1", 'a.sql:1: column "nope" does not exist'),
        ("SELECT $1::int", "SELECT :x::int", "a.sql and b.sql: parameters with names and with numbers"),
    ],
)
def test_bad_input_is_one_line(folder: Folder, original: str, rewritten: str, message: str) -> None:
    result = folder(original, rewritten)
    assert result.code == 2
    assert result.err.startswith(f"pgtune: error: {message}")
    assert "Traceback" not in result.err
    assert result.out == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-", "-"), "both files are standard input"),
        (("missing.sql", "a.sql"), "missing.sql"),
        (("a.sql", "a.sql", "--data", "--schema", "a.sql"), "--data: --schema has no rows"),
        (("a.sql", "a.sql", "--schema", "a.sql", "--dsn", "dbname=x"), "--schema: --dsn names tables, too"),
        (("a.sql", "a.sql", "--schema", "a.sql", "--snapshot", "b"), "--schema: --snapshot gives the tables"),
        (("a.sql", "a.sql", "--param", "x=1"), "--param x: values are drawn"),
        (("a.sql", "a.sql", "--time-limit", "0"), "--time-limit 0: no time to test in"),
    ],
)
def test_contradicting_options_are_refused(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    (tmp_path / "a.sql").write_text("SELECT 1")
    result = pgtune("equivalent", *arguments, cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert message in result.err


def test_an_error_in_the_schema_names_its_line(folder: Folder) -> None:
    result = folder(
        "SELECT 1", "SELECT 1", schema="CREATE TABLE ok (id int);\nCREATE TABLE t (id nothing);\n"
    )
    assert result.code == 2
    assert result.err.startswith('pgtune: error: schema.sql:2: type "nothing" does not exist')
