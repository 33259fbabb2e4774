"""What EXPLAIN on a real server answers, and what it does not do to the data."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from pgtune.errors import StatementError, StatementRefused
from pgtune.sources.explain_options import ExplainOptions, ExplainOutput, explain_prefix
from pgtune.sources.postgres import Server, open_server
from tests.conftest import Database
from tests.postgres_server import PostgresServer

PLAN_ONLY = ExplainOptions(analyze=False)
WRITES = ExplainOptions(allow_writes=True)
GENERIC = ExplainOptions(generic_plan=True)


def plan(output: ExplainOutput) -> dict[str, Any]:
    (explained,) = json.loads(output.json_text)
    return explained["Plan"]  # type: ignore[no-any-return]  # JSON


def fingerprint(database: Database) -> object:
    return database.scalar("SELECT sum(hashtext(o::text)) FROM orders AS o")


def test_a_select_is_executed_and_measured(opened: Server) -> None:
    output = opened.explain("SELECT * FROM orders WHERE user_id = 8")
    assert output.executed
    assert not output.writes
    assert plan(output)["Actual Rows"] == 10
    assert "Shared Hit Blocks" in plan(output)
    assert plan(output)["Schema"] == "public"
    assert output.wall_ms > 0


def test_without_analyze_nothing_is_measured(opened: Server) -> None:
    output = opened.explain("SELECT * FROM orders", options=PLAN_ONLY)
    assert not output.executed
    assert "Actual Rows" not in plan(output)


@pytest.mark.parametrize(("value", "rows"), [("8", 10), ("-1", 0), (None, 0)])
def test_values_are_read_as_the_type_that_the_statement_needs(
    opened: Server, value: str | None, rows: int
) -> None:
    output = opened.explain("SELECT * FROM orders WHERE user_id = $1 AND status <> $2", [value, "it's; $1"])
    assert plan(output)["Actual Rows"] == rows


def test_percent_signs_and_semicolons_in_literals_reach_the_server(opened: Server) -> None:
    output = opened.explain("SELECT * FROM users WHERE email LIKE '%s;%%' -- ; %d\n;")
    assert plan(output)["Filter"] == "(users.email ~~ '%s;%%'::text)"


def test_settings_hold_for_one_statement_and_are_shown(opened: Server) -> None:
    output = opened.explain("SELECT 1", options=ExplainOptions(settings={"work_mem": "77kB"}))
    assert json.loads(output.json_text)[0]["Settings"]["work_mem"] == "77kB"
    assert "77kB" not in opened.explain("SELECT 1").json_text


def test_notices_of_the_server_are_kept(database: Database, opened: Server) -> None:
    database.execute(
        "CREATE FUNCTION warn() RETURNS int LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE WARNING 'the index is corrupt'; RETURN 1; END $$"
    )
    assert opened.explain("SELECT warn()").notices == ("WARNING: the index is corrupt",)
    assert opened.explain("SELECT 1").notices == ()


def test_serialization_is_measured_on_request(opened: Server) -> None:
    output = opened.explain("SELECT * FROM users", options=ExplainOptions(serialize=True))
    if opened.version_num >= 170000:
        assert json.loads(output.json_text)[0]["Serialization"]["Output Volume"] > 0


def test_relation_with_quotes_and_umlauts_in_its_name(database: Database, opened: Server) -> None:
    database.execute('CREATE TABLE "Ünï ""x""" (i int)')
    assert plan(opened.explain('SELECT * FROM "Ünï ""x"""'))["Relation Name"] == 'Ünï "x"'


WRITING = [
    "INSERT INTO users VALUES (-1, 'x')",
    "UPDATE orders SET total = 0",
    "DELETE FROM orders",
    "WITH gone AS (DELETE FROM orders RETURNING *) SELECT count(*) FROM gone",
    "SELECT * FROM orders WHERE id = 1 FOR UPDATE",
    "MERGE INTO users AS u USING orders AS o ON u.id = o.id WHEN MATCHED THEN UPDATE SET email = 'x' || o.id",
    "CREATE TABLE copy AS SELECT * FROM orders",
    "SELECT * INTO copy FROM orders",
    "CREATE MATERIALIZED VIEW copy AS SELECT * FROM orders",
]


def skip_what_the_server_does_not_know(opened: Server, statement: str) -> None:
    if statement.startswith("MERGE") and opened.version_num < 150000:
        pytest.skip("MERGE came with 15")


@pytest.mark.parametrize("statement", WRITING)
def test_a_write_is_planned_but_not_run(database: Database, opened: Server, statement: str) -> None:
    skip_what_the_server_does_not_know(opened, statement)
    before, xid = fingerprint(database), database.scalar("SELECT pg_snapshot_xmax(pg_current_snapshot())")
    output = opened.explain(statement)
    assert output.writes
    assert not output.executed
    assert "Actual Rows" not in plan(output)
    assert fingerprint(database) == before
    assert (
        database.scalar("SELECT pg_snapshot_xmax(pg_current_snapshot())") == xid
    )  # no transaction id was used
    assert database.scalar("SELECT to_regclass('copy')") is None


@pytest.mark.parametrize("statement", WRITING)
def test_an_allowed_write_is_run_and_rolled_back(database: Database, opened: Server, statement: str) -> None:
    skip_what_the_server_does_not_know(opened, statement)
    before = fingerprint(database)
    output = opened.explain(statement, options=WRITES)
    assert output.writes
    assert output.executed
    assert plan(output)["Actual Loops"] == 1
    assert "WAL Records" in plan(output)
    assert fingerprint(database) == before
    assert database.scalar("SELECT to_regclass('copy')") is None


WRITING_FUNCTION = """
    CREATE FUNCTION forget() RETURNS bigint LANGUAGE sql AS
    $$ WITH gone AS (DELETE FROM orders RETURNING 1) SELECT count(*) FROM gone $$
"""


def test_a_function_that_writes_is_refused_by_read_only(database: Database, opened: Server) -> None:
    database.execute(WRITING_FUNCTION)
    with pytest.raises(StatementRefused, match=r"in a read-only transaction; --allow-writes runs it"):
        opened.explain("SELECT forget()")
    assert database.scalar("SELECT count(*) FROM orders") == 10_000


def test_a_function_that_writes_runs_when_allowed_and_is_rolled_back(
    database: Database, opened: Server
) -> None:
    database.execute(WRITING_FUNCTION)
    output = opened.explain("SELECT forget()", options=WRITES)
    assert output.executed
    assert output.writes
    assert database.scalar("SELECT count(*) FROM orders") == 10_000


@pytest.mark.parametrize("options", [ExplainOptions(), PLAN_ONLY, GENERIC, WRITES])
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1; COMMIT; BEGIN READ WRITE; DELETE FROM orders; COMMIT",
        "SELECT 1; SELECT 2",
        "COMMIT; DELETE FROM orders",
        "SELECT 1 \\; COMMIT",
    ],
)
def test_two_statements_glued_together_are_refused(
    database: Database, opened: Server, statement: str, options: ExplainOptions
) -> None:
    with pytest.raises(StatementError):
        opened.explain(statement, options=options)
    assert database.scalar("SELECT count(*) FROM orders") == 10_000


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT set_config('transaction_read_only', 'off', true)",
        "SELECT nextval('numbers')",
    ],
)
def test_read_only_cannot_be_lifted_from_inside(database: Database, opened: Server, statement: str) -> None:
    database.execute("CREATE SEQUENCE numbers")
    with pytest.raises(StatementRefused):
        opened.explain(statement)
    assert database.scalar("SELECT is_called FROM numbers") is False


def test_settings_cannot_lift_read_only(opened: Server) -> None:
    with pytest.raises(StatementRefused):
        opened.explain("SELECT 1", options=ExplainOptions(settings={"transaction_read_only": "off"}))


def test_a_statement_that_explain_does_not_take_is_no_statement(opened: Server) -> None:
    for statement in (
        "VACUUM",
        "COMMIT",
        "SET work_mem = '1GB'",
        "",
        "-- nothing",
        "ANALYZE DELETE FROM orders",
    ):
        with pytest.raises(StatementError, match="syntax error"):
            opened.explain(statement)


def test_the_connection_is_usable_after_an_error(opened: Server) -> None:
    with pytest.raises(StatementError):
        opened.explain("SELEC 1")
    assert opened.explain("SELECT 1").executed


def test_a_generic_plan_keeps_the_parameter(opened: Server) -> None:
    if opened.version_num < 160000:
        pytest.skip("GENERIC_PLAN came with 16")
    output = opened.explain("SELECT * FROM users WHERE id = $1", options=GENERIC)
    assert plan(output)["Index Cond"] == "(users.id = $1)"
    assert not output.executed


def test_a_missing_value_is_named(opened: Server) -> None:
    with pytest.raises(StatementError, match=r"has 2 parameters, 1 values are given; give one --param"):
        opened.explain("SELECT * FROM users WHERE id = $1 AND email = $2", ["1"])


@pytest.mark.other_major
def test_another_major_gets_the_options_that_it_knows(other_major: PostgresServer) -> None:
    with open_server(other_major.conninfo()) as server:
        output = server.explain(
            "SELECT * FROM orders WHERE user_id = $1", ["8"], ExplainOptions(serialize=True)
        )
        assert plan(output)["Actual Rows"] == 10
        written = server.explain("CREATE TABLE copy AS SELECT 1")
        assert written.writes
        assert not written.executed
        if server.version_num < 160000:
            with pytest.raises(StatementError, match="needs PostgreSQL 16, the server is"):
                server.explain("SELECT $1::int", options=GENERIC)


@pytest.mark.docker
def test_a_container_is_explained_like_any_server(container_server: str) -> None:
    with open_server(container_server) as server:
        assert server.explain("SELECT 1").executed


@pytest.mark.parametrize(
    ("version_num", "options"),
    [
        (90600, {"FORMAT JSON", "VERBOSE", "ANALYZE", "BUFFERS"}),
        (120000, {"FORMAT JSON", "VERBOSE", "ANALYZE", "BUFFERS", "SETTINGS"}),
        (130000, {"FORMAT JSON", "VERBOSE", "ANALYZE", "BUFFERS", "SETTINGS", "WAL"}),
        (
            170000,
            {"FORMAT JSON", "VERBOSE", "ANALYZE", "BUFFERS", "SETTINGS", "WAL", "MEMORY", "SERIALIZE TEXT"},
        ),
        (
            190000,
            {
                "FORMAT JSON",
                "VERBOSE",
                "ANALYZE",
                "BUFFERS",
                "SETTINGS",
                "WAL",
                "MEMORY",
                "SERIALIZE TEXT",
                "IO",
            },
        ),
    ],
)
def test_each_version_gets_its_options(version_num: int, options: set[str]) -> None:
    prefix = explain_prefix(version_num, ExplainOptions(serialize=True), analyze=True, writes=True)
    assert set(prefix.removeprefix("EXPLAIN (").removesuffix(") ").split(", ")) == options


def test_no_session_state_is_left_behind(database: Database) -> None:
    with open_server(database.conninfo) as server:
        server.explain("SELECT 1", options=ExplainOptions(settings={"work_mem": "77kB"}, timeout_ms=1234))
        with server._pool.connection() as connection:
            shown = connection.execute(
                "SELECT current_setting('work_mem'), current_setting('statement_timeout'),"
                " (SELECT count(*) FROM pg_prepared_statements WHERE name <> '')"
            ).fetchone()
            assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert shown == ("4MB", "0", 0)
