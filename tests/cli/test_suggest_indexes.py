"""`pgtune suggest-indexes` as a user runs it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgtune.cli.suggestion import interruptible
from pgtune.embedded.binaries import wheel_programs
from pgtune.model.snapshot import STATEMENTS_VIEW, Unseen
from pgtune.sources.snapshot_file import read_snapshot, write_snapshot
from tests.cli.program import REPOSITORY, Result, pgtune
from tests.conftest import Database
from tests.postgres_server import PostgresServer

SCHEMA = json.loads((REPOSITORY / "docs" / "index-advice-schema.json").read_text())
BY_USER = "SELECT total FROM orders WHERE user_id = 7;\n"
BY_STATUS = "SELECT id FROM orders WHERE status = 'pending';\n"
INDEXES = "SELECT count(*) FROM pg_index WHERE indisvalid"


@dataclass(frozen=True, slots=True)
class Advised:
    """One run with its files."""

    result: Result
    advice: Mapping[str, Any]
    script: Path


@pytest.fixture
def suggest(tmp_path: Path, sample_cache: dict[str, str]) -> Iterator[Suggest]:
    yield Suggest(tmp_path, sample_cache)
    assert not left_behind(sample_cache)


@dataclass(frozen=True, slots=True)
class Suggest:
    """Runs the command on SQL in a file of its own."""

    folder: Path
    cache: Mapping[str, str]

    def __call__(self, *arguments: str, sql: str | None = None) -> Result:
        files = []
        if sql is not None:
            (self.folder / "queries.sql").write_text(sql)
            files = ["queries.sql"]
        return pgtune("suggest-indexes", *files, *arguments, cwd=self.folder, env=self.cache)


def left_behind(cache: Mapping[str, str]) -> Sequence[str]:
    """Directories of shadows, and processes in one, whose pgtune has ended; others belong to other tests."""
    shadows = Path(cache["PGTUNE_CACHE_DIR"]) / "shadow"
    found = [path.name for path in shadows.glob("run-*")]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has just ended
            found += re.findall(rf"{re.escape(str(shadows))}/(run-[^/]+)", path.read_text(errors="replace"))
    return [name for name in found if not Path(f"/proc/{name.split('-')[1]}").exists()]


def error_of(result: Result) -> str:
    (line,) = [line for line in result.err.splitlines() if line.startswith("pgtune: error: ")]
    assert "Traceback" not in result.err
    return line.removeprefix("pgtune: error: ")


def psql(conninfo: str, script: Path) -> None:
    """Run the script as its head says."""
    command = [str(wheel_programs() / "psql"), "-X", "-v", "ON_ERROR_STOP=1", "-f", str(script), conninfo]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def undo_of(script: Path) -> str:
    """The statements below the undo heading, without their dashes."""
    _, _, undo = script.read_text().partition("-- Undo, without the dashes:\n")
    assert undo
    return re.sub("^-- ", "", undo, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def sample_run(sample_cache: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Advised:
    """The command without any option but where to write."""
    folder = tmp_path_factory.mktemp("sample")
    outputs = ["--out", "indexes.sql", "--report", "terminal", "--report", "json=advice.json"]
    result = pgtune("suggest-indexes", *outputs, cwd=folder, env=sample_cache)
    assert result.code == 0, result.err
    return Advised(result, json.loads((folder / "advice.json").read_text()), folder / "indexes.sql")


def test_the_sample_needs_no_options(sample_run: Advised) -> None:
    out = sample_run.result.out
    assert re.search(r"^\d+ indexes, \d+ MB: workload cost 100 → \d", out)
    assert "(pg_stat_statements)\nPlanned by PostgreSQL 18" in out
    assert "CREATE INDEX CONCURRENTLY orders_user_id" in out
    jsonschema.validate(sample_run.advice, SCHEMA)


def test_no_index_goes_because_of_one_that_goes_too(sample_cache: dict[str, str], tmp_path: Path) -> None:
    result = pgtune("suggest-indexes", "--drop", "--report", "json", cwd=tmp_path, env=sample_cache)
    assert result.code == 0, result.err
    advice = json.loads(result.out)
    dropped = {each["name"].partition(".")[2] for each in advice["drops"]}
    assert dropped
    for finding in advice["existing_findings"]:
        assert not any(name in finding["message"] for name in dropped)


def test_the_script_has_what_the_report_has(sample_run: Advised) -> None:
    script = sample_run.script.read_text()
    indexes = sample_run.advice["indexes"]
    assert indexes
    for index in indexes:
        assert f"\n{index['action']['sql']}\n" in script
    assert script.count("\n-- DROP INDEX ") == len(indexes)


def test_psql_runs_the_script_and_its_undo(database: Database, suggest: Suggest) -> None:
    database.execute(
        'CREATE TABLE " T ""x""\n" ("I d" int, v int); INSERT INTO " T ""x""\n" '
        "SELECT i % 5000, i FROM generate_series(1, 20000) AS i"
    )
    database.execute('ANALYZE " T ""x""\n"')
    odd = 'SELECT "I d", v FROM " T ""x""\n" WHERE "I d" = 5;\n'
    before = database.scalar(INDEXES)
    arguments = ["--dsn", database.conninfo, "--budget", "10MB", "--out", "i.sql"]
    result = suggest(*arguments, sql=BY_USER + BY_STATUS + odd)
    assert result.code == 0, result.err
    assert result.out.startswith("3 indexes, ")
    script = suggest.folder / "i.sql"
    psql(database.conninfo, script)
    assert database.scalar(INDEXES) == int(str(before)) + 3
    undo = suggest.folder / "undo.sql"
    undo.write_text(undo_of(script))
    psql(database.conninfo, undo)
    assert database.scalar(INDEXES) == before


def test_a_snapshot_is_enough_when_the_server_is_gone(
    private_server: PostgresServer, suggest: Suggest
) -> None:
    with psycopg.connect(private_server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE TABLE t AS SELECT i, i % 1000 AS v FROM generate_series(1, 30000) AS i")
        connection.execute("VACUUM ANALYZE t")
    taken = pgtune("snapshot", "--dsn", private_server.conninfo(), "--out", "s", cwd=suggest.folder)
    assert taken.code == 0, taken.err
    private_server.stop()
    result = suggest("--snapshot", "s", sql="SELECT i FROM t WHERE v = 7")
    assert result.code == 0, result.err
    assert "ON public.t (v" in result.out
    assert re.search(r"copy of the statistics of PostgreSQL 18\.\d+ \(s\)", result.out)


def test_another_major_is_said(database: Database, suggest: Suggest) -> None:
    snapshot = suggest.folder / "s"
    assert pgtune("snapshot", "--dsn", database.conninfo, "--out", str(snapshot)).code == 0
    write_snapshot(snapshot, replace(read_snapshot(snapshot), version_num=190001))
    result = suggest("--snapshot", "s", sql=BY_USER)
    assert result.code == 0, result.err
    assert "MAJORS DIFFER: planned by PostgreSQL 18" in result.out
    assert "the server is PostgreSQL 19.1 (s)" in result.out


def test_a_log_is_a_workload_with_times(database: Database, suggest: Suggest) -> None:
    line = "2026-11-21 03:37:04.945 UTC [1] LOG:  duration: {} ms  statement: {}"
    lines = [line.format(90.0, BY_USER), line.format(10.0, BY_STATUS)]
    (suggest.folder / "server.log").write_text("".join(lines))
    result = suggest("--dsn", database.conninfo, "--logs", "server.log", "--max-indexes", "1")
    assert result.code == 0, result.err
    assert "2 of 2 statements, 100 % of the time (" in result.out
    assert "ON public.orders (user_id" in result.out


@pytest.mark.parametrize(("fail_on", "code"), [("never", 0), ("error", 0), ("info", 1)])
def test_advice_fails_a_build_that_asks_for_it(
    database: Database, suggest: Suggest, fail_on: str, code: int
) -> None:
    result = suggest("--dsn", database.conninfo, "--fail-on", fail_on, sql=BY_USER)
    assert result.code == code, result.err
    assert "CREATE INDEX" in result.out


@pytest.mark.parametrize("budget", ["0", "8kB"])
def test_a_budget_smaller_than_any_index_allows_none(
    database: Database, suggest: Suggest, budget: str
) -> None:
    result = suggest("--dsn", database.conninfo, "--budget", budget, "--out", "none.sql", sql=BY_USER)
    assert result.code == 0, result.err
    assert result.out.startswith("No index to suggest.\n")
    assert "budget: It needs " in result.out
    assert not re.search("^[^-\n]", (suggest.folder / "none.sql").read_text(), re.MULTILINE)


def test_max_indexes_keeps_the_best(database: Database, suggest: Suggest) -> None:
    sql = BY_USER * 3 + BY_STATUS
    result = suggest("--dsn", database.conninfo, "--max-indexes", "1", sql=sql)
    assert result.code == 0, result.err
    assert result.out.startswith("1 index, ")
    assert "ON public.orders (user_id" in result.out


def test_candidates_that_took_long_leave_time_to_choose(database: Database, suggest: Suggest) -> None:
    filters = "".join(f"SELECT id FROM orders WHERE user_id = {i} AND total > {i};\n" for i in range(200))
    result = suggest("--dsn", database.conninfo, "--time-limit", "500ms", sql=filters)
    assert result.code == 0, result.err
    assert "ON public.orders (user_id" in result.out


def test_a_domain_is_indexed_like_the_type_below_it(database: Database, suggest: Suggest) -> None:
    database.execute(
        "CREATE DOMAIN amount AS numeric(10, 2); CREATE DOMAIN price AS amount CHECK (VALUE > 0);"
        "CREATE TABLE items (id int, cost price);"
        "INSERT INTO items SELECT i, i FROM generate_series(1, 20000) AS i; ANALYZE items"
    )
    result = suggest(
        "--dsn", database.conninfo, "--budget", "10MB", sql="SELECT id FROM items WHERE cost = 5"
    )
    assert result.code == 0, result.err
    assert "ON public.items (cost)" in result.out


def test_one_statement_that_cannot_be_planned_does_not_stop_the_others(
    database: Database, suggest: Suggest
) -> None:
    result = suggest("--dsn", database.conninfo, sql=f"SELECT * FROM nowhere;\n{BY_USER}")
    assert result.code == 0, result.err
    assert "1 of 2 statements" in result.out
    assert 'Left out: relation "nowhere" does not exist (1)' in result.out


def test_a_query_of_an_empty_table_is_said_to_cost_nothing(database: Database, suggest: Suggest) -> None:
    database.execute("CREATE TABLE nothing (i int); ANALYZE nothing")
    result = suggest("--dsn", database.conninfo, sql=f"SELECT * FROM nothing WHERE i = 1;\n{BY_USER}")
    assert "Left out: no cost (1)" in result.out


def test_a_workload_of_another_database_was_not_checked(database: Database, suggest: Suggest) -> None:
    result = suggest("--dsn", database.conninfo, sql="SELECT * FROM nowhere")
    assert result.code == 3
    assert error_of(result).startswith(
        'workload: no statement can be planned (relation "nowhere" does not exist); '
    )


def test_without_pg_stat_statements_it_says_how_to_enable_it(database: Database, suggest: Suggest) -> None:
    result = suggest("--dsn", database.conninfo)
    assert result.code == 2
    assert "CREATE EXTENSION pg_stat_statements; or give SQL files, or --logs" in error_of(result)


def test_statements_of_other_roles_are_named_as_hidden(
    sample_cache: dict[str, str], suggest: Suggest
) -> None:
    snapshot = suggest.folder / "s"
    assert pgtune("snapshot", "--out", str(snapshot), env=sample_cache).code == 0
    taken = read_snapshot(snapshot)
    reason = "other roles' statements are hidden; GRANT pg_read_all_stats TO reader"
    unseen = replace(taken, statements=(), unseen=(Unseen(STATEMENTS_VIEW, reason),))
    write_snapshot(snapshot, unseen)
    result = suggest("--snapshot", "s")
    assert result.code == 2
    assert error_of(result) == f'pg_stat_statements of database "sample": {reason}'


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "-"], "--out -: standard output is the report's; name a file"),
        (["--out", "no/i.sql"], "--out no/i.sql: no such directory; name a file in a directory that can"),
        (["--snapshot", "s"], "--snapshot: --dsn names another database; leave one of them out"),
        (["--logs", "server.log"], "--logs: SQL files are given too, which hold no times; "),
        (["--budget", "much"], '"much" is no size; write 500MB or 1.5GB'),
        (["--max-regression", "x"], '"x" is no share; write 10% or 0.1'),
        (["--verify"], "--verify builds indexes: name a database that you can spare with --verify-dsn"),
        (["--postgres-bin", "/nowhere"], '"/nowhere": no PostgreSQL server in it; name the directory of '),
        (["."], ".: no .sql file"),
    ],
)
def test_wrong_usage_is_one_line(
    database: Database, suggest: Suggest, arguments: list[str], message: str
) -> None:
    sql = None if arguments == ["."] else BY_USER
    result = suggest("--dsn", database.conninfo, *arguments, sql=sql)
    assert (result.code, result.out) == (2, "")
    assert error_of(result).startswith(message)


def test_a_closed_port_is_no_advice(suggest: Suggest) -> None:
    result = suggest("--dsn", make_conninfo(host="127.0.0.1", port="1"), sql=BY_USER)
    assert result.code == 3
    assert "does not accept connections" in error_of(result)


def test_the_first_ctrl_c_is_noted_and_the_second_ends() -> None:
    with interruptible() as interrupted:
        assert not interrupted()
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupted()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
