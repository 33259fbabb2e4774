"""`pgtune suggest-rewrites` as a user runs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest

from tests.cli.program import REPOSITORY, Result, pgtune
from tests.conftest import Database
from tests.postgres_server import PostgresServer, server_of

SCHEMA = json.loads((REPOSITORY / "docs" / "rewrite-advice-schema.json").read_text())
COUNTED = (
    "SELECT u.email FROM users u\nWHERE (SELECT count(*) FROM orders o WHERE o.user_id = u.id) > 0 -- any\n"
)
CHILD = "SELECT title FROM books WHERE author_id = $1"
NULLABLE = "SELECT id FROM users WHERE id NOT IN (SELECT referrer FROM visits);\n"


@dataclass(frozen=True, slots=True)
class Rewrites:
    """Runs the command on SQL in a file of its own, on a database of the test's."""

    folder: Path
    database: Database

    def __call__(self, *arguments: str, sql: str | None = None) -> Result:
        files = []
        if sql is not None:
            (self.folder / "q.sql").write_text(sql)
            files = ["q.sql"]
        environment = {"PGTUNE_DSN": self.database.conninfo}
        return pgtune("suggest-rewrites", *files, *arguments, cwd=self.folder, env=environment)

    def advice(self, *arguments: str, sql: str | None = None) -> Mapping[str, Any]:
        result = self("--report", "json", "--quiet", *arguments, sql=sql)
        assert result.code == 0, result.err
        found: Mapping[str, Any] = json.loads(result.out)
        jsonschema.validate(found, SCHEMA)
        return found


@pytest.fixture
def rewrites(tmp_path: Path, database: Database) -> Rewrites:
    return Rewrites(tmp_path, database)


def insert_script(turns: int) -> str:
    return "".join(
        f"INSERT INTO users (id, email) VALUES ({90_000 + n}, 'x{n}@example.com');\n" for n in range(turns)
    )


def test_a_rewrite_is_proven_tested_and_keeps_the_comment(rewrites: Rewrites) -> None:
    (rewrite,) = rewrites.advice(sql=COUNTED)["rewrites"]
    assert rewrite["label"] == "proven"
    assert rewrite["sql"] == (
        "SELECT u.email FROM users u\nWHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id) -- any"
    ).removesuffix(" -- any")
    assert rewrite["test"]["outcome"] == "equal"
    assert rewrite["test"]["databases"] >= 200
    assert rewrite["cost_factor"] >= 1.2


def test_what_may_be_null_is_not_rewritten(rewrites: Rewrites) -> None:
    rewrites.database.execute("CREATE TABLE visits (referrer int)")
    assert rewrites.advice(sql=NULLABLE)["rewrites"] == []


def test_nothing_is_changed_in_the_database(rewrites: Rewrites) -> None:
    before = rewrites.database.scalar("SELECT sum(hashtext(o::text)) FROM orders AS o")
    rewrites("--data", sql=COUNTED + ";" + insert_script(6))
    assert rewrites.database.scalar("SELECT sum(hashtext(o::text)) FROM orders AS o") == before
    assert rewrites.database.scalar("SELECT count(*) FROM users") == 1000


def test_the_users_rows_are_compared_when_that_is_asked_for(rewrites: Rewrites) -> None:
    (rewrite,) = rewrites.advice("--data", sql=COUNTED)["rewrites"]
    assert (rewrite["data"]["is_equal"], rewrite["data"]["rows"]) == (True, 1000)


def test_single_row_inserts_become_one_statement(rewrites: Rewrites) -> None:
    (loop,) = rewrites.advice(sql=insert_script(12))["loops"]
    assert loop["rule"] == "row-by-row-insert"
    assert loop["loop"]["turns"] == 12
    assert loop["label"] == "tested"
    assert "unnest($1::integer[], $2::text[])" in loop["batch"]["sql"]
    assert {"psycopg", "asyncpg", "SQLAlchemy", "Django", "node-postgres", "JDBC"} <= set(
        loop["batch"]["calls"]
    )


def test_a_script_with_the_values_of_the_file_is_written(rewrites: Rewrites) -> None:
    result = rewrites("--out", "rewrites", sql=insert_script(40))
    assert "VALUES (90000, 'x0@example.com'),\n       (90001," in result.out
    assert "21 more lines: --all shows them, --out DIR writes them" in result.out
    assert "def run_batch" not in result.out
    (script,) = (rewrites.folder / "rewrites").glob("*.sql")
    rewrites.database.execute(script.read_text())
    assert rewrites.database.scalar("SELECT count(*) FROM users WHERE id >= 90000") == 40


def test_values_of_a_file_are_in_no_report_for_others(rewrites: Rewrites) -> None:
    result = rewrites("--report", "json=a.json", "--report", "markdown", "--quiet", sql=insert_script(8))
    assert "row-by-row-insert" in result.out
    for text in (result.out, (rewrites.folder / "a.json").read_text()):
        assert "example.com" not in text


def test_a_batch_whose_rows_may_conflict_says_why_it_is_refused(rewrites: Rewrites) -> None:
    script = "".join(f"UPDATE users SET email = 'y{n}' WHERE id = {n};\n" for n in range(1, 9))
    (loop,) = rewrites.advice(sql=script)["loops"]
    assert loop["batch"] is None
    assert "email" in loop["refused"]


def test_an_allow_comment_silences_and_is_counted(rewrites: Rewrites) -> None:
    advice = rewrites.advice(sql=f"-- pgtune: allow count-above-zero few rows\n{COUNTED}")
    assert advice["rewrites"] == []
    assert [key.split(":")[0] for key in advice["allowed"]] == ["count-above-zero"]


def test_statements_that_cannot_be_looked_at_are_counted(rewrites: Rewrites) -> None:
    result = rewrites(
        "--all", sql=f"{COUNTED};\nCREATE INDEX ON orders (total);\nSELECT 1 FROM nowhere;\nSELEC 1;"
    )
    assert result.code == 0
    assert "Left out: q.sql:4: utility statement" in result.out
    assert 'Left out: q.sql:5: cannot be planned: relation "nowhere" does not exist' in result.out
    assert 'Left out: q.sql:6: no SQL command begins with "SELEC"' in result.out


def test_the_replacement_goes_to_a_file(rewrites: Rewrites) -> None:
    result = rewrites("--out", "rewrites", sql=COUNTED)
    assert result.code == 0
    (file,) = (rewrites.folder / "rewrites").iterdir()
    assert file.name.startswith("01-count-above-zero")
    with rewrites.database.connect() as connection:
        text = file.read_text()
        assert len(connection.execute(text.encode()).fetchall()) == 1000


def test_ci_is_told_by_the_exit_code(rewrites: Rewrites) -> None:
    assert rewrites("--fail-on", "warning", sql=COUNTED).code == 1
    assert rewrites("--fail-on", "error", sql=COUNTED).code == 0
    assert rewrites("--fail-on", "warning", sql="SELECT id FROM users").code == 0


def test_a_snapshot_serves_without_the_database(rewrites: Rewrites) -> None:
    pgtune("snapshot", "--dsn", rewrites.database.conninfo, "--out", "db.pgtune", cwd=rewrites.folder)
    (rewrites.folder / "q.sql").write_text(COUNTED)
    result = pgtune("suggest-rewrites", "q.sql", "--snapshot", "db.pgtune", cwd=rewrites.folder)
    assert "count-above-zero" in result.out


def test_an_n_plus_one_in_a_log_is_joined(private_server: PostgresServer, tmp_path: Path) -> None:
    log = tmp_path / "postgresql.log"
    dsn = private_server.conninfo()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE authors (id int PRIMARY KEY, name text)")
        connection.execute(
            "CREATE TABLE books (id int PRIMARY KEY, author_id int REFERENCES authors, title text)"
        )
        connection.execute("INSERT INTO authors SELECT i, 'a' || i FROM generate_series(1, 150) AS i")
        connection.execute(
            "INSERT INTO books SELECT i, 1 + i % 150, 't' || i FROM generate_series(1, 900) AS i"
        )
    lines = [
        "2026-11-21 10:00:00.000 UTC [42] LOG:  duration: 0.100 ms  statement: SELECT id, name FROM authors\n"
    ]
    for turn in range(1, 151):
        stamp = f"2026-11-21 10:00:{turn // 100:02}.{turn % 100 * 10:03} UTC [42] "
        lines += [
            f"{stamp}LOG:  duration: 0.150 ms  execute <unnamed>: {CHILD}\n",
            f"{stamp}DETAIL:  Parameters: $1 = '{turn}'\n",
        ]
    log.write_text("".join(lines))
    result = pgtune(
        "suggest-rewrites", "--logs", str(log), "--dsn", dsn, "--report", "json", "--quiet", cwd=tmp_path
    )
    (loop,) = json.loads(result.out)["loops"]
    assert (loop["rule"], loop["loop"]["turns"], loop["label"]) == ("n-plus-one", 150, "tested")
    assert loop["loop"]["parent"]["column"] == "id"
    with psycopg.connect(dsn) as connection:
        assert len(connection.execute(loop["batch"]["sql"].encode()).fetchall()) == 900


def test_rows_that_are_not_alike_can_still_stand_in_one_insert(rewrites: Rewrites) -> None:
    rows = [
        "('NO', true)",
        "('SE', NULL)",
        "('DK', DEFAULT)",
        "('FI', false)",
        "('IS', true)",
        "('DE', true)",
    ]
    rewrites.database.execute("CREATE TABLE countries (code char(2) PRIMARY KEY, eu boolean DEFAULT false)")
    script = "".join(f"INSERT INTO countries VALUES {row};\n" for row in rows)
    (loop,) = rewrites.advice(sql=script)["loops"]
    assert loop["loop"]["turns"] == len(rows)
    assert loop["refused"] == (
        "more than values changes from turn to turn (?, DEFAULT); as they are written, the rows can stand"
        " in one INSERT: VALUES (...), (...)"
    )
    rewrites.database.execute(f"INSERT INTO countries VALUES {', '.join(rows)}")


def test_a_server_that_counted_nothing_but_single_inserts(tmp_path: Path) -> None:
    settings = {"shared_preload_libraries": "pg_stat_statements"}
    with server_of(settings) as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
        connection.execute("CREATE TABLE logs (id bigserial PRIMARY KEY, data text)")
        connection.execute("SELECT pg_stat_statements_reset()")
        for number in range(10_000):
            connection.execute("INSERT INTO logs (data) VALUES (%s)", [f"line {number}"])
        result = pgtune("suggest-rewrites", "--dsn", dsn, "--report", "json", "--quiet", cwd=tmp_path)
        (loop,) = json.loads(result.out)["loops"]
        assert (loop["rule"], loop["loop"]["turns"]) == ("row-by-row-insert", 10_000)
        assert loop["label"] == "tested"
        connection.execute(loop["batch"]["sql"].encode().replace(b"$1", b"%s"), [["a", "b"]])
        assert connection.execute("SELECT count(*) FROM logs").fetchone() == (10_002,)
    skipped = [each["reason"] for each in json.loads(result.out)["examined"]["skipped"]]
    assert "INSERT of values: a write that looks nothing up" not in skipped


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("missing.sql",), "missing.sql: no such file"),
        (("--logs", "missing.log"), "missing.log: no such file"),
        (("q.sql", "--logs", "q.sql"), "--logs: SQL files are given too"),
        (("q.sql", "--snapshot", "missing.pgtune"), "missing.pgtune"),
        (("q.sql", "--time-limit", "soon"), '"soon" is no duration'),
        (("q.sql", "--out", "q.sql"), "--out q.sql: not a directory"),
        (("q.sql", "--measure"), "name a database that you can spare with --measure-dsn"),
    ],
)
def test_bad_input_is_one_line(rewrites: Rewrites, arguments: tuple[str, ...], words: str) -> None:
    (rewrites.folder / "q.sql").write_text(COUNTED)
    result = rewrites(*arguments)
    assert result.code == 2
    assert words in result.err
    assert len(result.err.splitlines()) == 1
