"""Schemas that a shadow cannot restore in full, and schemas that mean harm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from pgtune.model.names import RelationName
from pgtune.model.snapshot import DatabaseLocale, ExtendedStatistics, Extension
from pgtune.shadow.database import Shadow
from pgtune.shadow.server import open_shadow
from tests.shadow.snapshots import column_statistics, quietly, schema_snapshot

pytestmark = pytest.mark.usefixtures("shadow_cache")


def reasons(shadow: Shadow) -> dict[str, str]:
    return {left_out.object: left_out.reason for left_out in shadow.left_out}


def ask(shadow: Shadow, query: str) -> object:
    """The first value of the answer to the superuser."""
    with psycopg.connect(shadow.databases[0].conninfo) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_an_extension_that_is_not_installed_is_named_with_what_needs_it() -> None:
    snapshot = replace(
        schema_snapshot(
            "CREATE TABLE public.places (id int, spot public.geometry)",
            "CREATE INDEX places_spot ON public.places USING gist (spot)",
            "CREATE TABLE public.plain (id int)",
            "CREATE VIEW public.near AS SELECT id FROM public.places",
        ),
        extensions=(Extension("no_such_extension", "public", "3.5"), Extension("pg_trgm", "extras", "1.6")),
    )
    with open_shadow(snapshot, None, 1, quietly) as shadow:
        found = reasons(shadow)
        assert 'extension "no_such_extension" is not available' in found.pop("extension no_such_extension")
        assert found == {
            "table public.places": 'type "public.geometry" does not exist',
            "index places_spot": 'relation "public.places" does not exist',
            "view public.near": 'relation "public.places" does not exist',
        }
        assert ask(shadow, "SELECT count(*) FROM pg_class WHERE relname = 'plain'") == 1
        assert ask(
            shadow, "SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'pg_trgm'"
        )


def test_hostile_statements_do_nothing_and_are_named(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    attacks = (
        f"COPY (SELECT 1) TO PROGRAM 'touch {mark}'",
        f"DO $$ BEGIN COPY (SELECT 1) TO PROGRAM 'touch {mark}'; END $$",
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE c AS '/tmp/evil.so', 'f'",
        "CREATE TABLE public.t AS SELECT pg_read_file('/etc/passwd')",
        "ALTER ROLE pgtune_planner SUPERUSER",
        f"ALTER SYSTEM SET archive_command = 'touch {mark}'",
        "ALTER DATABASE original SET search_path = public",
    )
    with open_shadow(schema_snapshot(*attacks), None, 1, quietly) as shadow:
        assert len(shadow.left_out) == len(attacks)
        assert ask(shadow, "SELECT count(*) FROM pg_roles WHERE rolsuper") == 1
        assert ask(shadow, "SELECT count(*) FROM pg_class WHERE relname = 't'") == 0
        assert ask(shadow, "SHOW archive_command") == "(disabled)"
    assert not mark.exists()


ESCALATE = """CREATE FUNCTION public.escalate() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    ALTER ROLE pgtune_planner SUPERUSER;
EXCEPTION WHEN insufficient_privilege THEN
END $$
"""
INNOCENT = """CREATE FUNCTION public.innocent(anyelement) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    PERFORM public.escalate();
    RETURN true;
END $$
"""


def test_code_in_a_domain_or_an_index_is_never_run_as_superuser() -> None:
    table = RelationName("public", "trap")
    snapshot = replace(
        schema_snapshot(
            ESCALATE,
            INNOCENT,
            "CREATE DOMAIN public.evil AS int CHECK (public.innocent(VALUE))",
            "CREATE TYPE public.pair AS (a public.evil)",
            "CREATE TABLE public.trap (plain public.evil, many public.evil[], pair public.pair, words text)",
            "CREATE INDEX trap_expression ON public.trap "
            "USING gin (to_tsvector('simple', CASE WHEN public.innocent(1) THEN words END))",
        ),
        settings={"search_path": "public"},
        statistics=(
            column_statistics(table, "plain", common="{1,2}"),
            column_statistics(table, "many", common='{"{1}","{2}"}'),
            column_statistics(table, "pair", common='{"(1)","(2)"}'),
            column_statistics(RelationName("public", "trap_expression"), "to_tsvector"),
        ),
    )
    with open_shadow(snapshot, None, 1, quietly) as shadow:
        assert ask(shadow, "SELECT count(*) FROM pg_roles WHERE rolsuper") == 1
        assert ask(shadow, "SELECT count(*) FROM pg_statistic WHERE starelid = 'public.trap'::regclass") == 3
        assert set(reasons(shadow)) <= {
            "statistics of public.trap.many",
            "statistics of public.trap.pair",
            "index trap_expression",
        }


def test_statistics_that_do_not_fit_are_named_and_the_others_kept() -> None:
    table = RelationName("public", "t")
    snapshot = replace(
        schema_snapshot("CREATE TABLE public.t (a int, b int)"),
        statistics=(
            column_statistics(table, "a", histogram="{1,2,3}"),
            column_statistics(table, "b", histogram="{one,two}"),
            column_statistics(table, "c"),
            column_statistics(RelationName("public", "unknown"), "a"),
        ),
        extended_statistics=(ExtendedStatistics(RelationName("public", "unknown"), inherited=False),),
    )
    with open_shadow(snapshot, None, 1, quietly) as shadow:
        assert reasons(shadow) == {
            "statistics of public.t.b": 'invalid input syntax for type integer: "one"',
            "statistics of public.t.c": "the restored relation has no such column",
        }
        assert ask(
            shadow, "SELECT stavalues1::text FROM pg_statistic WHERE starelid = 'public.t'::regclass"
        ) == ("{1,2,3}")


def test_settings_of_the_planner_are_those_of_the_snapshot_and_no_others_are_taken() -> None:
    snapshot = replace(
        schema_snapshot('CREATE SCHEMA "odd one"'),
        settings={
            "work_mem": "77MB",
            "enable_hashjoin": "off",
            "search_path": '"odd one", public',
            "session_preload_libraries": "/tmp/evil.so",
            "shared_buffers": "8GB",
            "enable_telepathy": "on",
        },
    )
    with open_shadow(snapshot, None, 1, quietly) as shadow:
        assert reasons(shadow) == {"setting enable_telepathy": "unknown to the shadow's PostgreSQL"}
        with psycopg.connect(shadow.databases[0].planner_conninfo) as planner:
            rows = planner.execute(
                "SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", [list(snapshot.settings)]
            )
            found: dict[str, str] = dict(rows.fetchall())
        assert ask(shadow, "SHOW session_preload_libraries") == ""
    assert found == {
        "work_mem": str(77 * 1024),
        "enable_hashjoin": "off",
        "search_path": '"odd one", public',
        "shared_buffers": "2048",
    }


def test_the_locale_is_that_of_the_snapshot() -> None:
    snapshot = replace(
        schema_snapshot(),
        locale=DatabaseLocale("LATIN1", provider="b", locale="C"),
    )
    with open_shadow(snapshot, None, 1, quietly) as shadow:
        assert shadow.left_out == ()
        assert ask(shadow, "SELECT datlocale FROM pg_database WHERE datname = current_database()") == "C"
        assert ask(shadow, "SELECT getdatabaseencoding()") == "LATIN1"


def test_a_locale_that_the_machine_lacks_is_named() -> None:
    snapshot = replace(schema_snapshot(), locale=DatabaseLocale(collate="xx_YY.utf8", ctype="xx_YY.utf8"))
    with open_shadow(snapshot, None, 1, quietly) as shadow:
        assert list(reasons(shadow)) == ["locale xx_YY.utf8"]
        assert ask(shadow, "SELECT datcollate FROM pg_database WHERE datname = current_database()") == "C"
