"""`suggest-rewrites --measure` runs what it advises on a copy, and leaves the original as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pgtune.sources.disposable_copy import COPY
from tests.cli.program import Result, pgtune
from tests.conftest import Database

COPIES = f"SELECT count(*) FROM pg_database WHERE datname = '{COPY}'"
STATE = "SELECT concat_ws(' ', count(*), sum(total), max(status)) FROM orders"
COUNTED = "(SELECT count(*) FROM orders o WHERE o.user_id = u.id) > 0"
GIVEN = f"SELECT u.id FROM users u WHERE {COUNTED};\n"
UNKNOWN = f"SELECT u.id FROM users u WHERE u.id > $1 AND {COUNTED};\n"
LOOP = "".join(f"UPDATE orders SET status = 'box {n}' WHERE id = {n};\n" for n in range(1, 101))


WAYS = {
    "row by row, autocommit",
    "row by row, one transaction",
    "pipeline",
    "VALUES list, 1,000 rows",
    "unnest, 1,000 rows",
    "COPY",
}


def suggest(database: Database, path: Path, *arguments: str) -> Result:
    return pgtune("suggest-rewrites", str(path), "--dsn", database.conninfo, *arguments)


def measured(database: Database, folder: Path, text: str) -> Any:
    path = folder / "queries.sql"
    path.write_text(text)
    done = suggest(
        database, path, "--measure-dsn", database.conninfo, "--fail-on", "never", "--report", "json"
    )
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_rewrites_and_loops_are_measured_and_nothing_is_left(database: Database, tmp_path: Path) -> None:
    before = database.scalar(STATE)
    advice = measured(database, tmp_path, GIVEN + LOOP)
    (rewrite,) = advice["rewrites"]
    assert rewrite["times"]["reason"] == ""
    assert rewrite["times"]["before_blocks"] > 100 * rewrite["times"]["after_blocks"]
    assert rewrite["times"]["before_ms"] > rewrite["times"]["after_ms"] > 0
    (loop,) = advice["loops"]
    rates = {timing["way"]: timing["rows_per_s"] for timing in loop["timings"]}
    assert rates["unnest, 1,000 rows"] > rates["row by row, autocommit"]
    (remark,) = advice["remarks"]
    assert remark.endswith("(a copy of what --measure-dsn names)")
    assert (database.scalar(STATE), database.scalar(COPIES)) == (before, 0)


def test_ten_thousand_inserts_of_the_sample_become_a_batch_tested_and_measured(tmp_path: Path) -> None:
    path, markdown, report = tmp_path / "seed.sql", tmp_path / "seed.md", tmp_path / "seed.json"
    path.write_text("".join(f"INSERT INTO logs (data) VALUES ('{{\"n\": {n}}}');\n" for n in range(10_000)))
    files = ("--report", f"markdown={markdown}", "--report", f"json={report}", "--report", "terminal")
    done = pgtune("suggest-rewrites", str(path), "--measure", "--fail-on", "never", *files)
    assert done.code == 0, done.err
    (loop,) = json.loads(report.read_text())["loops"]
    assert (loop["label"], loop["batch"]["form"], loop["saved_round_trips"]) == ("tested", "COPY", 9_999)
    rates = {timing["way"]: timing["rows_per_s"] for timing in loop["timings"]}
    assert set(rates) == WAYS
    assert rates["COPY"] > rates["row by row, autocommit"]
    for way in WAYS:
        assert way in done.out
        assert f"| {way} |" in markdown.read_text()


def test_parameters_get_values_that_the_statistics_hold(database: Database, tmp_path: Path) -> None:
    (rewrite,) = measured(database, tmp_path, UNKNOWN)["rewrites"]
    assert rewrite["times"]["reason"] == ""
    assert rewrite["times"]["before_blocks"] > rewrite["times"]["after_blocks"] > 0


def test_without_anything_to_run_that_is_said(database: Database, tmp_path: Path) -> None:
    advice = measured(database, tmp_path, "SELECT total FROM orders WHERE id = 1;\n")
    assert (advice["rewrites"], advice["loops"]) == ([], [])
    assert advice["remarks"] == ["nothing was measured: there is no replacement to run"]


def test_a_copy_that_cannot_be_made_costs_no_advice(database: Database, tmp_path: Path) -> None:
    with database.connect():
        advice = measured(database, tmp_path, GIVEN)
    assert advice["rewrites"][0]["times"] is None
    (remark,) = advice["remarks"]
    assert remark.startswith("nothing was measured: copy of database")
    assert remark.endswith("close the other sessions and try again")
    assert database.scalar(COPIES) == 0


@pytest.fixture
def role_without_createdb(server: str) -> Any:
    role = sql.Identifier("cannot_copy")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
        yield "cannot_copy"
        connection.execute(sql.SQL("DROP ROLE {}").format(role))


def test_a_role_that_may_not_copy_is_told_at_once(
    database: Database, tmp_path: Path, role_without_createdb: str
) -> None:
    path = tmp_path / "queries.sql"
    path.write_text(GIVEN)
    done = suggest(
        database, path, "--measure-dsn", make_conninfo(database.conninfo, user=role_without_createdb)
    )
    assert (done.code, done.out) == (3, "")
    assert done.err == (
        f"pgtune: error: copy of database {database.name}: role cannot_copy may not make one; "
        "name one that owns the database and has CREATEDB\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--measure",), 2, "name a database that you can spare with --measure-dsn"),
        (("--measure-dsn", "not a dsn"), 2, "connection string cannot be read"),
        (("--measure-dsn", "host=/nowhere dbname=x"), 3, "/nowhere"),
    ],
)
def test_what_cannot_be_measured_is_told_at_once(
    database: Database, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    path = tmp_path / "queries.sql"
    path.write_text(GIVEN)
    done = suggest(database, path, *arguments)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1
