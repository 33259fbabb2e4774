"""Schemas that a trial is opened on: files of users, snapshots, and those that mean harm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pgtune.errors import ConnectionLost, StatementError
from pgtune.model.equivalence import Outcome, QueryPair, TestLimits
from pgtune.model.names import RelationName
from pgtune.shadow.trial.open_trial import open_trial
from pgtune.shadow.trial.schema_script import SchemaScript
from pgtune.shadow.trial.trial import Trial
from tests.conftest import Database
from tests.shadow.snapshots import quietly, schema_snapshot, snapshot_of
from tests.shadow.trial.judged import difference, judged

OLDER = Path("/usr/lib/postgresql/15/bin")

pytestmark = pytest.mark.usefixtures("shadow_cache")


def test_what_is_no_definition_is_left_out_and_said(trial: Trial) -> None:
    assert [(left.object, left.reason) for left in trial.left_out] == [
        ("shop.sql:2: \\connect shop", "no definition of an object"),
        ("shop.sql:34: INSERT INTO audit and 1 more", "no definition of an object"),
    ]


def test_the_catalog_is_that_of_the_schema(trial: Trial) -> None:
    found = trial.catalog([RelationName(None, "orders")]).relations[RelationName("public", "orders")]
    assert [key.referenced for key in found.foreign_keys] == [RelationName("public", "customers")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CREATE TABLE a (id int);\n\nCREATE TABLE b (id ints);", 's.sql:3: type "ints" does not exist; '),
        ("CREATE TABLE a (id int REFERENCES c);", 's.sql:1: relation "c" does not exist; '),
        ("CREATE TABLE a (id int", "s.sql:1: syntax error at end of input; "),
        ("SELECT 'no end", "s.sql: line 1: string has no closing quote; "),
    ],
)
def test_a_script_that_is_refused_is_one_line_with_its_place(text: str, message: str) -> None:
    with (
        pytest.raises(StatementError) as refused,
        open_trial(SchemaScript("s.sql", text), None, quietly),
    ):
        pass
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


def test_a_hostile_script_gets_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    attacks = (
        f"DO $$ BEGIN COPY (SELECT 1) TO PROGRAM 'touch {mark}'; END $$",
        "ALTER SYSTEM SET archive_command = 'true'",
        "CREATE ROLE other SUPERUSER",
        "ALTER ROLE pgtune_planner SUPERUSER",
    )
    for attack in attacks:
        with (
            pytest.raises(StatementError, match=r"permission denied|must be|[Oo]nly roles with"),
            open_trial(SchemaScript("s.sql", attack), None, quietly),
        ):
            pass
    assert not mark.exists()


def test_a_hostile_check_runs_without_privileges_and_ends_in_time(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    script = f"""
        CREATE FUNCTION trap(i int) RETURNS bool LANGUAGE plpgsql VOLATILE AS
        $$ BEGIN COPY (SELECT 1) TO PROGRAM 'touch {mark}'; RETURN true; END $$;
        CREATE TABLE a (id int CHECK (trap(id)));
    """
    with open_trial(SchemaScript("s.sql", script), None, quietly) as trial:
        report = judged(trial, "SELECT id FROM a", "SELECT id FROM a")
    assert report.outcome is Outcome.UNDECIDED
    assert report.reason.startswith("test rows cannot be inserted: 42501 ")
    assert not mark.exists()


def test_a_snapshot_brings_its_constraints_triggers_and_settings(database: Database) -> None:
    database.execute(
        """
        CREATE SCHEMA audit;
        CREATE TABLE audit.seen (user_id int);
        CREATE FUNCTION audit.see() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO audit.seen VALUES (new.id); RETURN new; END $$;
        CREATE TRIGGER seen AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION audit.see();
        CREATE MATERIALIZED VIEW totals AS SELECT user_id, sum(total) AS total FROM orders GROUP BY user_id;
        CREATE UNIQUE INDEX ON totals (user_id);
        """
    )
    snapshot = snapshot_of(database.conninfo)
    snapshot = replace(snapshot, settings={**snapshot.settings, "TimeZone": "Asia/Tokyo"})
    with open_trial(snapshot, None, quietly) as trial:
        assert trial.left_out == ()
        assert trial.version_num == snapshot.version_num
        joined = judged(
            trial, "SELECT o.id FROM orders AS o JOIN users AS u ON u.id = o.user_id", "SELECT id FROM orders"
        )
        assert joined.outcome is Outcome.EQUAL
        noticed = judged(
            trial, "UPDATE users SET email = email", "UPDATE users SET email = email WHERE id > 0"
        )
        assert noticed.outcome is Outcome.DIFFERENT
        once = judged(
            trial,
            "SELECT DISTINCT user_id FROM totals WHERE user_id = 1",
            "SELECT user_id FROM totals WHERE user_id = 1",
        )
        assert once.outcome is Outcome.EQUAL
        zone = judged(
            trial,
            "SELECT id FROM users WHERE current_setting('TimeZone') = 'Asia/Tokyo'",
            "SELECT id FROM users",
        )
        assert zone.outcome is Outcome.EQUAL


def test_no_row_is_where_no_value_can_be_made() -> None:
    snapshot = schema_snapshot("CREATE TABLE public.a (id int NOT NULL CHECK (id > 1 AND id < 1))")
    with open_trial(snapshot, None, quietly) as trial:
        report = judged(trial, "SELECT id FROM public.a", "SELECT id FROM public.a WHERE id > 0")
    assert (report.outcome, report.reason) == (Outcome.UNDECIDED, "no database gave a row")


def test_rows_are_of_the_tables_that_inherit_too() -> None:
    script = "CREATE TABLE a (id int); CREATE TABLE b (x int) INHERITS (a);"
    with open_trial(SchemaScript("s.sql", script), None, quietly) as trial:
        report = judged(trial, "SELECT id FROM a", "SELECT id FROM ONLY a")
    assert difference(report) == "the original returns 1 row, the other 0"


def test_a_column_whose_values_cannot_be_made_takes_its_default() -> None:
    script = """
        CREATE TYPE spot AS (x int, y int);
        CREATE TABLE a (id int, at spot NOT NULL DEFAULT (1, 2)::spot, CHECK ((at).x > 0));
        CREATE TABLE b (at spot NOT NULL);
    """
    with open_trial(SchemaScript("s.sql", script), None, quietly) as trial:
        report = judged(trial, "SELECT id, at FROM a", "SELECT id, (1, 2)::spot FROM a WHERE id IS NOT NULL")
        without = judged(trial, "SELECT at FROM b", "SELECT at FROM b")
    assert difference(report) == "the original returns 1 row, the other 0"
    assert without.outcome is Outcome.UNDECIDED
    assert without.reason == "no values can be made for public.b.at of type public.spot"


def test_a_check_that_never_ends_is_given_up() -> None:
    script = """
        CREATE FUNCTION wait(i int) RETURNS bool LANGUAGE plpgsql AS
        $$ BEGIN PERFORM set_config('statement_timeout', '0', false), pg_sleep(60); RETURN true; END $$;
        CREATE TABLE a (id int CHECK (wait(id)));
    """
    pair = QueryPair(("SELECT id FROM a",), ("SELECT id FROM a",))
    with open_trial(SchemaScript("s.sql", script), None, quietly) as trial:
        report = trial.test(pair, TestLimits(time_limit_ms=1000))
    assert report.outcome is Outcome.UNDECIDED


def test_a_server_that_ends_itself_is_one_line() -> None:
    script = """
        CREATE FUNCTION leave() RETURNS bool LANGUAGE sql AS 'SELECT pg_terminate_backend(pg_backend_pid())';
        CREATE TABLE a (id int);
    """
    pair = QueryPair(("SELECT leave()",), ("SELECT leave()",))
    with (
        open_trial(SchemaScript("s.sql", script), None, quietly) as trial,
        pytest.raises(ConnectionLost) as lost,
    ):
        trial.test(pair)
    assert str(lost.value).startswith("scratch server: it ended: ")


@pytest.mark.other_major
@pytest.mark.skipif(not (OLDER / "postgres").exists(), reason="PostgreSQL 15 is not installed")
def test_an_older_server_tries_pairs_too() -> None:
    script = SchemaScript("shop.sql", Path(__file__).with_name("shop.sql").read_text())
    with open_trial(script, OLDER, quietly) as trial:
        assert trial.version_num // 10000 == 15
        assert (
            judged(trial, "SELECT count(v) FROM kv", "SELECT count(*) FROM kv").outcome is Outcome.DIFFERENT
        )
        assert judged(trial, "DELETE FROM orders", "DELETE FROM orders").outcome is Outcome.EQUAL


def test_the_search_path_of_a_script_holds_for_the_pairs() -> None:
    script = "SET lock_timeout = 1; CREATE SCHEMA s; SET search_path = s; CREATE TABLE a (id int);"
    with open_trial(SchemaScript("s.sql", script), None, quietly) as trial:
        assert trial.left_out == ()
        report = judged(trial, "SELECT id FROM a", "SELECT id FROM s.a")
    assert report.outcome is Outcome.EQUAL
