"""`suggest-indexes --verify` measures what it recommends, and leaves no trace where it built."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgtune.sources.disposable_copy import COPY
from tests.cli.program import pgtune
from tests.conftest import Database

STATE = """
SELECT string_agg(concat_ws(' ', relname, relkind, relpages, reltuples, relallvisible), ', ' ORDER BY relname)
FROM pg_class WHERE relnamespace = 'public'::regnamespace
"""
DATABASES = "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database"
INDEXES = "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'public'"


@dataclass(frozen=True, slots=True)
class Run:
    """One run on the sample, which nobody else uses meanwhile."""

    advice: dict[str, Any]
    before: tuple[object, object]
    after: tuple[object, object]


@pytest.fixture(scope="module")
def run(own_sample: dict[str, str]) -> Run:
    sample = pgtune("sample", "start", env=own_sample).out.strip()
    before = (scalar(sample, STATE), scalar(sample, DATABASES))
    done = pgtune("suggest-indexes", "--verify", "--report", "json", env=own_sample)
    assert done.code == 0, done.err
    return Run(json.loads(done.out), before, (scalar(sample, STATE), scalar(sample, DATABASES)))


def scalar(conninfo: str, statement: str) -> object:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


def test_most_queries_of_the_sample_are_measured(run: Run) -> None:
    verification = run.advice["verification"]
    assert re.fullmatch(r"PostgreSQL 18\.\d+ \(embedded, a copy of the sample\)", verification["place"])
    assert len(verification["measurements"]) >= 0.8 * run.advice["coverage"]["planned_statements"]
    assert {line.partition(": ")[2] for line in verification["unmeasured"]} == {"it writes"}
    assert verification["built_bytes"] == pytest.approx(verification["estimated_bytes"], rel=0.05)


def test_the_values_that_queries_ran_with_are_told(run: Run) -> None:
    texts = {query["query"]: query["text"] for query in run.advice["queries"]}
    for measured in run.advice["verification"]["measurements"]:
        assert measured["values_from_statistics"]
        assert len(measured["values"]) == texts[measured["query"]].count("$")


def test_an_index_counts_as_measured_when_a_query_ran_faster(run: Run) -> None:
    faster = {
        measured["query"]
        for measured in run.advice["verification"]["measurements"]
        if measured["after_ms"] < measured["before_ms"]
    }
    by_proof: dict[str, list[set[int]]] = {"measured": [], "planned": []}
    for index in run.advice["indexes"]:
        users = {
            effect["query"] for effect in index["effects"] if effect["cost_after"] < effect["cost_before"]
        }
        by_proof[index["action"]["proof"]].append(users)
    assert len(by_proof["measured"]) >= 5
    assert all(users & faster for users in by_proof["measured"])


def test_the_sample_is_as_it_was(run: Run) -> None:
    assert run.after == run.before
    assert COPY not in str(run.after[1])


@pytest.fixture
def query_file(tmp_path: Path) -> str:
    path = tmp_path / "of_user.sql"
    path.write_text("SELECT total FROM orders WHERE user_id = $1;")
    return str(path)


def suggest(database: Database, *arguments: str) -> Any:
    done = pgtune("suggest-indexes", "--dsn", database.conninfo, *arguments, "--report", "json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_a_disposable_database_is_built_in_and_left_as_it_was(database: Database, query_file: str) -> None:
    before = database.scalar(INDEXES)
    advice = suggest(database, query_file, "--verify-dsn", database.conninfo)
    (measured,) = advice["verification"]["measurements"]
    assert advice["verification"]["place"].endswith("(named by --verify-dsn)")
    assert measured["after_blocks"] < measured["before_blocks"]
    assert (len(measured["values"]), measured["values_from_statistics"]) == (1, True)
    assert [index["action"]["proof"] for index in advice["indexes"]] == ["measured"]
    assert database.scalar(INDEXES) == before


def test_values_that_are_given_are_used(database: Database, query_file: str) -> None:
    advice = suggest(database, query_file, "--param", "1=8", "--verify-dsn", database.conninfo)
    (measured,) = advice["verification"]["measurements"]
    assert (measured["values"], measured["values_from_statistics"]) == (["8"], False)


def test_with_nothing_to_build_nothing_is_measured(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "by_key.sql"
    path.write_text("SELECT total FROM orders WHERE id = 1;")
    advice = suggest(database, str(path), "--verify-dsn", database.conninfo)
    assert (advice["indexes"], advice["verification"]) == ([], None)
    assert advice["remarks"] == ["Nothing was measured: there is no index to build"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--verify",), 2, "name a database that you can spare with --verify-dsn"),
        (("--verify-dsn", "not a dsn"), 2, "connection string cannot be read"),
        (("--verify-dsn", "host=/nowhere dbname=x"), 3, "/nowhere"),
    ],
)
def test_what_cannot_be_verified_is_told_at_once(
    database: Database, query_file: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = pgtune("suggest-indexes", query_file, "--dsn", database.conninfo, *arguments)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_a_database_without_the_tables_is_refused(server: str, database: Database, query_file: str) -> None:
    other = make_conninfo(server, dbname="postgres")
    done = pgtune("suggest-indexes", query_file, "--dsn", database.conninfo, "--verify-dsn", other)
    assert (done.code, done.out) == (3, "")
    assert "table public.orders: the disposable database does not have it" in done.err
