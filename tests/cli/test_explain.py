"""`pgtune explain` as a user meets it: what goes in, what comes out, what is left behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import psycopg
import pytest

from tests.cli.program import REPOSITORY, environment, pgtune
from tests.conftest import Database

CORPUS = REPOSITORY / "tests" / "corpus"
LOGS = sorted(path for path in (CORPUS / "logs").iterdir() if path.suffix != ".md")
SLOW = "SELECT * FROM orders WHERE user_id = 42"


def test_a_query_gets_a_plan_findings_and_sql(database: Database) -> None:
    result = pgtune("explain", "-", "--dsn", database.conninfo, stdin=SLOW)
    assert result.code == 0
    assert "Seq Scan on orders" in result.out
    assert "seq-scan-discards (warning)" in result.out
    assert "CREATE INDEX CONCURRENTLY orders_user_id_idx ON public.orders (user_id);" in result.out
    assert result.err == ""


def test_fail_on_decides_the_exit_code_and_the_format_does_not(database: Database) -> None:
    for report in ("terminal", "json", "markdown"):
        arguments = ("explain", "-", "--dsn", database.conninfo, "--report", report)
        assert pgtune(*arguments, "--fail-on", "warning", stdin=SLOW).code == 1
        assert pgtune(*arguments, "--fail-on", "error", stdin=SLOW).code == 0
        assert pgtune(*arguments, "--fail-on", "never", stdin=SLOW).code == 0


def test_the_suggested_index_can_be_pasted_and_silences_the_finding(database: Database) -> None:
    arguments = ("explain", "-", "--dsn", database.conninfo, "--report", "json")
    before = json.loads(pgtune(*arguments, stdin=SLOW).out)["statements"][0]
    (finding,) = before["findings"]
    database.execute(finding["action"]["sql"])
    after = json.loads(pgtune(*arguments, stdin=SLOW).out)["statements"][0]
    assert finding["rule"] == "seq-scan-discards"
    assert "seq-scan-discards" not in [found["rule"] for found in after["findings"]]
    assert after["execution_ms"] < before["execution_ms"]
    database.execute(finding["action"]["undo"])


def test_the_json_report_follows_its_schema_for_every_origin(database: Database, tmp_path: Path) -> None:
    schema = json.loads((REPOSITORY / "docs" / "report-schema.json").read_text())
    sql = f"{SLOW};\nSELECT * FROM orders WHERE id = $1;\nUPDATE orders SET total = 0;"
    (tmp_path / "a.sql").write_text(sql)
    (tmp_path / "bad.sql").write_text("SELECT nonsense FROM orders")
    inputs = [
        tmp_path / "a.sql",
        tmp_path / "bad.sql",
        CORPUS / "matrix" / "parallel.18.json",
        CORPUS / "logs" / "json.18.log",
    ]
    arguments = (
        "explain",
        *map(str, inputs),
        "--dsn",
        database.conninfo,
        "--repeat",
        "3",
        "--report",
        "json",
    )
    report = json.loads(pgtune(*arguments).out)
    jsonschema.validate(report, schema)
    origins = {statement["origin"] for statement in report["statements"]}
    assert origins == {"analyzed", "generic", "planned", "read", "logged"}
    assert report["failures"][0]["exit_code"] == 3


def test_own_times_in_the_report_sum_to_the_root(database: Database) -> None:
    cte = "WITH x AS MATERIALIZED (SELECT * FROM orders)"
    sql = f"{cte} SELECT count(*) FROM x JOIN users u ON u.id = x.user_id"
    out = pgtune("explain", "-", "--dsn", database.conninfo, "--report", "json", stdin=sql).out
    nodes = json.loads(out)["statements"][0]["nodes"]
    assert sum(node["own_ms"] for node in nodes) == pytest.approx(nodes[0]["wall_ms"], abs=0.01)


def test_several_reports_at_once(database: Database, tmp_path: Path) -> None:
    reports = ("--report", "json=out.json", "--report", "terminal=out.txt", "--report", "markdown")
    result = pgtune("explain", "-", "--dsn", database.conninfo, *reports, stdin=SLOW, cwd=tmp_path)
    assert result.out.startswith("# pgtune\n")
    assert json.loads((tmp_path / "out.json").read_text())["tool"]["name"] == "pgtune"
    assert "Seq Scan on orders" in (tmp_path / "out.txt").read_text()


def test_a_write_is_planned_and_not_run(database: Database) -> None:
    result = pgtune("explain", "-", "--dsn", database.conninfo, stdin="DELETE FROM orders")
    assert result.code == 0
    assert "planned, not run, because it writes; --allow-writes" in result.out
    assert database.scalar("SELECT count(*) FROM orders") == 10000


def test_an_allowed_write_is_run_and_rolled_back(database: Database) -> None:
    result = pgtune("explain", "-", "--allow-writes", "--dsn", database.conninfo, stdin="DELETE FROM orders")
    assert "run and rolled back; not undone" in result.out
    assert database.scalar("SELECT count(*) FROM orders") == 10000


def test_repeat_shows_median_spread_and_the_cold_run(database: Database) -> None:
    result = pgtune("explain", "-", "--repeat", "4", "--dsn", database.conninfo, stdin=SLOW)
    assert "of 3 warm runs, spread" in result.out
    assert "first run (cold)" in result.out


def test_parameters_of_every_style(database: Database) -> None:
    for sql, options in (
        ("SELECT * FROM orders WHERE id = $1", ("-p", "1=5")),
        ("SELECT * FROM orders WHERE id = :id", ("-p", "id=5")),
        ("SELECT * FROM orders WHERE id = %(id)s", ("-p", "id=5")),
        ("-- pgtune: param 1=5\nSELECT * FROM orders WHERE id = $1", ()),
    ):
        result = pgtune("explain", "-", *options, "--dsn", database.conninfo, stdin=sql)
        assert "executed in" in result.out, sql
        assert "Index Scan using orders_pkey on orders" in result.out


def test_an_allow_silences_and_a_useless_one_is_told(database: Database) -> None:
    sql = f"-- pgtune: allow seq-scan-discards small\n-- pgtune: allow disk-sort\n{SLOW}"
    result = pgtune("explain", "-", "--fail-on", "warning", "--dsn", database.conninfo, stdin=sql)
    assert "Allowed: seq-scan-discards" in result.out
    assert '"allow disk-sort" silences nothing' in result.out
    assert "CREATE INDEX" not in result.out
    assert result.code == 1


def test_settings_of_the_project_hold(database: Database, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.pgtune]\nfail-on = "error"\n[tool.pgtune.rules.seq-scan-discards]\nseverity = "error"\n'
    )
    assert pgtune("explain", "-", "--dsn", database.conninfo, stdin=SLOW, cwd=tmp_path).code == 1
    (tmp_path / "pgtune.toml").write_text('ignore = ["seq-scan-discards"]')
    assert pgtune("explain", "-", "--dsn", database.conninfo, stdin=SLOW, cwd=tmp_path).code == 0


def test_server_notices_are_kept(database: Database) -> None:
    database.execute(
        "CREATE FUNCTION chatty() RETURNS int LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE WARNING 'mind the gap'; RETURN 1; END $$"
    )
    assert "mind the gap" in pgtune("explain", "-", "--dsn", database.conninfo, stdin="SELECT chatty()").out


@pytest.mark.parametrize("name", ["parallel.18.txt", "parallel.18.json", "cte.12.txt", "insert.18.json"])
def test_a_plan_needs_no_server(name: str) -> None:
    result = pgtune("explain", str(CORPUS / "matrix" / name))
    assert result.code == 0
    assert result.err == ""
    assert "own time" in result.out


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name)
def test_every_log_is_read(path: Path) -> None:
    result = pgtune("explain", str(path), "--all")
    assert result.code == 0, result.err
    assert "plan from the log" in result.out


def test_a_log_on_standard_input() -> None:
    log = (CORPUS / "logs" / "text.18.log").read_bytes()
    assert "plan from the log" in pgtune("explain", "-", stdin=log).out


def test_a_cut_log_entry_is_told_and_skipped(tmp_path: Path) -> None:
    log = (CORPUS / "logs" / "json.18.log").read_text()
    (tmp_path / "cut.log").write_text(log[: log.rindex('"Node Type"')])
    result = pgtune("explain", "cut.log", cwd=tmp_path)
    assert result.code == 0
    assert "1 cut entry skipped (line " in result.out


def test_piped_output_is_stable_and_plain(database: Database) -> None:
    result = pgtune("explain", str(CORPUS / "matrix" / "parallel.18.json"))
    assert result == pgtune("explain", str(CORPUS / "matrix" / "parallel.18.json"), env={"COLUMNS": "40"})
    assert "\x1b[" not in result.out
    assert all(line == line.rstrip() for line in result.out.splitlines())


@pytest.mark.parametrize(
    ("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_leaves_no_backend_behind(database: Database, signum: signal.Signals, code: int) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "pgtune", "explain", "-", "--dsn", database.conninfo],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert running.stdin is not None
    running.stdin.write(b"SELECT pg_sleep(60)")
    running.stdin.close()
    running.stdin = None
    with database.connect() as watcher:
        wait_for(watcher, "count(*) FILTER (WHERE query LIKE '%pg_sleep(60)%' AND state = 'active')", 1)
        running.send_signal(signum)
        out, err = running.communicate(timeout=10)
        assert running.returncode == code
        assert b"Traceback" not in err
        assert out == b""
        wait_for(watcher, "count(*)", 0)


def wait_for(watcher: psycopg.Connection[tuple[object, ...]], what: str, wanted: int) -> None:
    """Wait until pg_stat_activity says so of pgtune's backends in this database; 10 s at most."""
    query = (
        f"SELECT {what} FROM pg_stat_activity"
        " WHERE application_name = 'pgtune' AND datname = current_database()"
    )
    for _ in range(200):
        row = watcher.execute(query.encode()).fetchone()
        if row is not None and row[0] == wanted:
            return
        time.sleep(0.05)
    pytest.fail(f"{what} of pgtune's backends never was {wanted}")


def test_a_closed_pipe_is_no_error(database: Database) -> None:
    command = f"{sys.executable} -m pgtune rules | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, env=environment(), check=False)
    assert done.stderr == b""


def test_a_log_of_50_mb_is_read_in_bounded_memory(tmp_path: Path) -> None:
    entries = (CORPUS / "logs" / "json.18.log").read_bytes()
    log = tmp_path / "postgresql.log"
    log.write_bytes(entries * (50_000_000 // len(entries) + 1))
    # A small process in between: ru_maxrss of a child counts what its parent had when it forked.
    between = "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], check=True); "
    between += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", between, sys.executable, "-m", "pgtune", "explain", str(log)],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "plans checked" in done.stdout
    # kB; the log itself is 50,000, read at once it takes several times that
    assert int(done.stderr.split()[-1]) < 200_000
