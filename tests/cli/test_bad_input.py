"""Bad input: one clear line with the object, the cause and the next step; exit code 2 or 3, no traceback."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pgtune.errors import InputError
from pgtune.sources.files import find_inputs, read_input
from tests.cli.program import Result, environment, pgtune
from tests.conftest import Database
from tests.postgres_server import PostgresServer

PLAN = '[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "t", "Startup Cost": 0.0, "Total Cost": 1.0'


def check(result: Result, code: int, *words: str) -> str:
    """The error line, after looking that it is one line and says the words."""
    assert "Traceback" not in result.err
    lines = [line for line in result.err.splitlines() if line.startswith("pgtune: error: ")]
    assert len(lines) == 1, result.err
    for word in words:
        assert word in lines[0]
    assert result.code == code
    return lines[0]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.sql", b"", ("empty.sql: nothing in it",)),
        ("empty.json", b"  \n", ("empty.json: nothing in it",)),
        ("program.sql", b"\x7fELF\x00\x01\x02", ("program.sql: binary",)),
        ("latin.sql", b"SELECT 'caf\xe9'", ("latin.sql: not UTF-8, byte 11",)),
        ("half.json", PLAN.encode(), ("half.json: ", "cut")),
        ("other.json", b'{"name": "no plan"}', ("other.json: ", "Plan")),
        ("prose.txt", b"Dear reader,\nthis is not a plan.\n", ("prose.txt: ", "plan")),
        ("comment.sql", b"-- nothing but a comment\n", ("comment.sql: no statement",)),
        ("utility.sql", b"CREATE INDEX ON t (a);", ("utility.sql: no statement that EXPLAIN takes",)),
        ("open.sql", b"SELECT 'never closed", ("open.sql: ",)),
    ],
)
def test_a_file_that_holds_nothing_usable(
    tmp_path: Path, name: str, content: bytes, words: tuple[str, ...]
) -> None:
    (tmp_path / name).write_bytes(content)
    check(pgtune("explain", name, cwd=tmp_path), 2, *words)


def test_no_such_file() -> None:
    check(pgtune("explain", "missing.sql"), 2, "missing.sql: no such file")


def test_a_directory_without_sql(tmp_path: Path) -> None:
    check(pgtune("explain", str(tmp_path)), 2, "no .sql file in this directory")


def test_an_empty_name_is_not_the_working_directory() -> None:
    check(pgtune("explain", ""), 2, "empty file name")


def test_sql_in_place_of_a_file_name_is_told_where_to_go() -> None:
    check(pgtune("explain", "select * from orders"), 2, "no such file", "| pgtune explain -")


def test_a_name_that_is_too_long_is_an_ordinary_error() -> None:
    check(pgtune("explain", "a" * 5000), 2, "file name too long")


def test_a_compressed_log_says_how_to_unpack_it(tmp_path: Path) -> None:
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(b"LOG:  duration: 1 ms"))
    check(pgtune("explain", "a.log.gz", cwd=tmp_path), 2, "compressed", "zcat")


def test_one_bad_path_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "plan.txt").write_text("Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)")
    result = pgtune("explain", "empty", "missing.sql", "plan.txt", cwd=tmp_path)
    assert result.code == 2
    assert "Seq Scan on t" in result.out
    assert "empty: no .sql file" in result.err
    assert "missing.sql: no such file" in result.err


@contextmanager
def as_anybody() -> Iterator[None]:
    """Root may read everything, so be somebody else for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_what_may_not_be_read_is_named_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)
    closed = tmp_path / "queries" / "closed"
    closed.mkdir(parents=True)
    (tmp_path / "queries" / "a.sql").write_text("SELECT 1")
    (tmp_path / "secret.sql").write_text("SELECT 1")
    closed.chmod(0)
    (tmp_path / "secret.sql").chmod(0)
    with as_anybody():
        with pytest.raises(InputError, match="closed: permission denied; check its permissions"):
            find_inputs("queries")
        with pytest.raises(InputError, match=r"secret\.sql: permission denied; check its permissions"):
            read_input("secret.sql")


def test_a_removed_working_directory_is_an_ordinary_error(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"cd {gone} && rmdir {gone} && exec {sys.executable} -m pgtune explain /dev/null"
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=environment(), check=False
    )
    check(Result(done.returncode, done.stdout, done.stderr), 2, "working directory", "removed")


def test_closed_standard_input() -> None:
    check(pgtune("explain", "-"), 2, "standard input: nothing in it")


def test_unreachable_host() -> None:
    result = pgtune("explain", "-", "--dsn", "postgresql://me:sesame@localhost:1/db", stdin="SELECT 1")
    check(result, 3, "localhost")
    assert "sesame" not in result.out + result.err


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://me:open%2Dsesame@localhost:1/db",
        "host=localhost port=1 user=me password=open-sesame",
        "host=localhost port=1 password='open-sesame'  bogus=1",
        "postgresql://me:open-sesame@[::1",
    ],
)
def test_a_password_appears_nowhere(dsn: str) -> None:
    result = pgtune("--debug", "explain", "-", "--report", "json", "--dsn", dsn, stdin="SELECT 1")
    assert result.code in (2, 3)
    assert "sesame" not in result.out + result.err


def test_the_password_of_the_environment_appears_nowhere() -> None:
    result = pgtune(
        "explain", "-", stdin="SELECT 1", env={"PGHOST": "localhost", "PGPORT": "1", "PGPASSWORD": "sesame"}
    )
    assert result.code == 3
    assert "sesame" not in result.out + result.err


def test_a_syntax_error_is_shown_as_psql_shows_it(database: Database) -> None:
    result = pgtune("explain", "-", "--dsn", database.conninfo, stdin="SELECT *\nFORM orders\nWHERE id = 1")
    check(result, 2, "syntax error")
    assert "LINE 2: FORM orders\n        ^" in result.err


def test_an_unknown_relation_is_named(database: Database) -> None:
    check(pgtune("explain", "-", "--dsn", database.conninfo, stdin="SELECT * FROM nowhere"), 3, '"nowhere"')


def test_a_missing_value_is_not_invented(database: Database) -> None:
    result = pgtune("explain", "-", "--dsn", database.conninfo, stdin="SELECT * FROM orders WHERE id = $1")
    assert result.code == 0
    assert "generic plan" in result.out


def test_the_parameter_without_a_value_is_named(other_major: PostgresServer) -> None:
    sql = "SELECT * FROM orders WHERE id = $2"
    result = pgtune("explain", "-", "-p", "2=5", "--dsn", other_major.conninfo(), stdin=sql)
    check(result, 2, "no value for parameter 1", "--param 1=VALUE")


def test_a_value_for_no_parameter_is_told(database: Database) -> None:
    result = pgtune("explain", "-", "-p", "id=5", "--dsn", database.conninfo, stdin="SELECT 1")
    assert "--param id: no statement has a parameter of that name" in result.out


def test_a_wrong_value_is_named(database: Database) -> None:
    sql = "SELECT * FROM orders WHERE id = $1"
    result = pgtune("explain", "-", "-p", "1=many", "--dsn", database.conninfo, stdin=sql)
    check(result, 2, '"many"')


def test_statement_timeout(database: Database) -> None:
    arguments = ("explain", "-", "--timeout", "200ms", "--dsn", database.conninfo)
    check(pgtune(*arguments, stdin="SELECT pg_sleep(20)"), 3, "timeout", "--timeout")


def test_lock_timeout(database: Database) -> None:
    with database.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        arguments = ("explain", "-", "--lock-timeout", "200ms", "--dsn", database.conninfo)
        check(pgtune(*arguments, stdin="SELECT * FROM orders"), 3, "lock")


def test_two_statements_glued_by_a_comment_trick_do_not_write(database: Database) -> None:
    trick = "SELECT 1 /* ; */; COMMIT; BEGIN READ WRITE; CREATE TABLE intruder (); COMMIT; SELECT 2"
    pgtune("explain", "-", "--dsn", database.conninfo, stdin=trick)
    assert database.scalar("SELECT to_regclass('intruder') IS NULL") is True


def test_one_bad_statement_does_not_hide_the_others(database: Database) -> None:
    sql = "SELECT 1;\nSELECT nothing FROM nowhere;\nSELECT 2;"
    result = pgtune("explain", "-", "--dsn", database.conninfo, stdin=sql)
    assert result.code == 3
    assert "standard input:1\n" in result.out
    assert "standard input:3\n" in result.out
    assert "standard input:2: " in result.err


def test_terminal_escapes_of_a_plan_are_shown_not_sent() -> None:
    plan = (
        "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n  Filter: (a = '\x1b]0;owned\x07\x1b[31m'::text)\n"
    )
    result = pgtune("explain", "-", stdin=plan)
    assert result.code == 0
    assert "\x1b" not in result.out
    assert "\x07" not in result.out


def test_a_relation_with_a_difficult_name(database: Database) -> None:
    database.execute('CREATE TABLE "Ünï ""x""" AS SELECT i AS a FROM generate_series(1, 20000) AS i; ANALYZE')
    result = pgtune("explain", "-", "--dsn", database.conninfo, stdin='SELECT * FROM "Ünï ""x""" WHERE a = 5')
    assert result.code == 0
    assert 'ON public."Ünï ""x""" (a);' in result.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--report", "pdf"), ("pdf", "terminal, json, markdown")),
        (("--report", "json", "--report", "markdown"), ("two reports",)),
        (("--report", "json="), ("json=FILE",)),
        (("--report", "json=/nowhere/x.json"), ("/nowhere/x.json",)),
        (("--timeout", "soon"), ("soon", "30s")),
        (("--timeout", "9999999999"), ("9999999999", "24 days")),
        (("--fail-on", "always"), ("always", "never")),
        (("--param", "=1"), ("=1",)),
        (("--config", "missing.toml"), ("missing.toml",)),
    ],
)
def test_wrong_options(arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    plan = "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)"
    check(pgtune("explain", "-", *arguments, stdin=plan), 2, *words)


def test_an_unknown_option_is_a_usage_error() -> None:
    result = pgtune("explain", "--bogus")
    assert result.code == 2
    assert "No such option" in result.err


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("ignore = ['no-such-rule']", ("no-such-rule",)),
        ("colour = 'red'", ("colour", "known are")),
        ("[rules.disk-sort]\nbogus = 1", ("disk-sort", "bogus")),
        ("[rules.disk-sort]\nseverity = 'fatal'", ("fatal",)),
        ("[pool]\nmin_size = 5\nmax_size = 2", ("min_size",)),
        ("[pool]\nbogus = 1", ("pool.bogus",)),
        ("timeout = 'soon'", ("soon",)),
        ("no toml at all", ("no TOML",)),
    ],
)
def test_wrong_settings(tmp_path: Path, settings: str, words: tuple[str, ...]) -> None:
    (tmp_path / "pgtune.toml").write_text(settings)
    plan = "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)"
    check(
        pgtune("explain", "-", stdin=plan, cwd=tmp_path), 2, "pgtune.toml", *words
    ) if "rule" not in settings else (check(pgtune("explain", "-", stdin=plan, cwd=tmp_path), 2, *words))


def test_a_report_file_is_whole_or_not_there(tmp_path: Path) -> None:
    kept = tmp_path / "out.json"
    kept.write_text("before")
    check(
        pgtune("explain", "-", "--report", "json=out.json", "--config", "no.toml", cwd=tmp_path), 2, "no.toml"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]
