"""Statements of pg_dump, and what becomes of them."""

from __future__ import annotations

import pytest

from pgtune.shadow.database import LeftOut
from pgtune.shadow.restore.definition import ROW_SECURITY, object_of, prepare


def test_a_foreign_table_becomes_a_plain_one() -> None:
    statement = """CREATE FOREIGN TABLE public.far (
    id integer OPTIONS (column_name 'ID (1)') NOT NULL,
    "options" text,
    "server" text DEFAULT 'a OPTIONS (b) SERVER c'::text
)
INHERITS (public.near)
SERVER elsewhere
OPTIONS (
    schema_name 'a',
    table_name 'b'
)"""
    assert " ".join(str(prepare(statement)).split()) == (
        'CREATE TABLE public.far ( id integer NOT NULL, "options" text, '
        "\"server\" text DEFAULT 'a OPTIONS (b) SERVER c'::text ) INHERITS (public.near)"
    )


@pytest.mark.parametrize("ending", ["", "\n  WITH NO DATA", "\n  WITH DATA"])
def test_a_materialized_view_is_made_without_rows(ending: str) -> None:
    statement = "CREATE MATERIALIZED VIEW a.b AS\n SELECT 1 AS x" + ending
    assert prepare(statement) == "CREATE MATERIALIZED VIEW a.b AS\n SELECT 1 AS x WITH NO DATA"


@pytest.mark.parametrize(
    "statement",
    [
        "SET statement_timeout = 0",
        "SELECT pg_catalog.set_config('search_path', '', false)",
        "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public",
        "CREATE TRIGGER t BEFORE UPDATE ON public.a FOR EACH ROW EXECUTE FUNCTION public.f()",
        'ALTER TABLE public."A b" DISABLE TRIGGER t',
        "ALTER FOREIGN TABLE ONLY public.far ALTER COLUMN id OPTIONS (\n    column_name 'x'\n)",
        "CREATE SERVER s FOREIGN DATA WRAPPER w",
        "GRANT SELECT ON TABLE public.a TO b",
    ],
)
def test_what_shapes_no_plan_is_passed_over(statement: str) -> None:
    assert prepare(statement) is None


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE POLICY p ON public.a USING (true)",
        'ALTER TABLE public."A b" ENABLE ROW LEVEL SECURITY',
        "ALTER TABLE ONLY public.a FORCE ROW LEVEL SECURITY",
    ],
)
def test_row_level_security_is_named(statement: str) -> None:
    assert prepare(statement) is ROW_SECURITY


@pytest.mark.parametrize(
    "statement", ["COPY public.a FROM '/etc/passwd'", "DROP TABLE a", "ALTER SYSTEM RESET ALL"]
)
def test_what_defines_no_object_is_not_run(statement: str) -> None:
    assert isinstance(prepare(statement), LeftOut)


def test_a_rule_is_named() -> None:
    assert prepare("CREATE RULE keep AS ON DELETE TO public.a DO INSTEAD NOTHING") == LeftOut(
        "rule keep", "rewrite rules are not restored"
    )


@pytest.mark.parametrize(
    ("statement", "described"),
    [
        ("CREATE TABLE public.a (\n    id int\n)", "table public.a"),
        ('CREATE UNLOGGED TABLE "Odd one"."a b" (id int)', 'table "Odd one"."a b"'),
        ("CREATE UNIQUE INDEX a_idx ON public.a USING btree (id)", "index a_idx"),
        (
            "ALTER TABLE ONLY public.a\n    ADD CONSTRAINT a_pkey PRIMARY KEY (id)",
            "constraint a_pkey of public.a",
        ),
        (
            "ALTER TABLE ONLY public.a ATTACH PARTITION public.b FOR VALUES IN (1)",
            "partition public.b of public.a",
        ),
        ("CREATE FUNCTION public.f(integer) RETURNS integer", "function public.f"),
        ("CREATE OPERATOR FAMILY public.o USING btree", "operator family public.o"),
        ("CREATE TEXT SEARCH CONFIGURATION public.c (PARSER = x)", "text search configuration public.c"),
    ],
)
def test_objects_are_named_as_their_owner_knows_them(statement: str, described: str) -> None:
    assert object_of(statement) == described
