"""The script of index advice: psql and plain splitters run it, and nothing in it escapes its comment."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pgtune.embedded.binaries import wheel_programs
from pgtune.parse.sql_split import read_script
from pgtune.report.index_advice_sql import render_sql
from tests.conftest import Database
from tests.report.index_advices import BY_TITLE, DROPS, HOSTILE, NOTHING, TYPICAL

_INDEXES = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relname ~ '^orders.*_idx$'"


@pytest.fixture
def with_index(database: Database) -> Database:
    database.execute("CREATE INDEX orders_total_idx ON orders (total)")
    return database


def run_psql(database: Database, script: Path) -> None:
    psql = wheel_programs() / "psql"
    command = [str(psql), "-X", "-v", "ON_ERROR_STOP=1", "-d", database.conninfo, "-f", str(script)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"}
    )
    assert (done.returncode, done.stderr) == (0, "")


def undo_part(script: str) -> str:
    """What a reader gets who takes the dashes away."""
    _, _, undo = script.partition("-- Undo, without the dashes:\n")
    return "".join(f"{line.removeprefix('-- ')}\n" for line in undo.splitlines())


def test_psql_runs_the_script_and_its_undo(with_index: Database, tmp_path: Path) -> None:
    script = tmp_path / "indexes.sql"
    script.write_text(render_sql(DROPS), encoding="utf-8")
    run_psql(with_index, script)
    assert with_index.scalar(_INDEXES) == "orders_user_id_status_total_idx"
    script.write_text(undo_part(render_sql(DROPS)), encoding="utf-8")
    run_psql(with_index, script)
    assert with_index.scalar(_INDEXES) == "orders_total_idx"


def test_a_splitter_at_semicolons_finds_the_statements(with_index: Database) -> None:
    parts = [
        "\n".join(line for line in part.splitlines() if not line.startswith("--")).strip()
        for part in render_sql(DROPS).split(";")
    ]
    statements = [part for part in parts if part]
    assert len(statements) == 2
    for statement in statements:
        with_index.execute(statement)
    assert with_index.scalar(_INDEXES) == "orders_user_id_status_total_idx"


@pytest.mark.parametrize("title", BY_TITLE)
def test_the_statements_are_those_of_the_advice_in_order(title: str) -> None:
    made = BY_TITLE[title]
    statements = read_script(render_sql(made)).statements
    assert [f"{statement.text};" for statement in statements] == [action.sql for action in made.actions]


def test_hostile_text_stays_in_its_comment() -> None:
    script = render_sql(HOSTILE)
    statements = read_script(script).statements
    assert [f"{statement.text};" for statement in statements] == [action.sql for action in HOSTILE.actions]
    comments = [line for line in script.split("\n") if line.startswith("--")]
    assert len(comments) > 20
    assert not {"\x1b", "\x07", "\u202e", "\udcff", "\r"} & set("".join(comments))
    assert "look at it with cat -v" in script


def test_comments_are_ascii_where_the_advice_is() -> None:
    assert render_sql(TYPICAL).isascii()


def test_a_script_with_nothing_to_do_says_so() -> None:
    script = render_sql(NOTHING)
    assert "-- No index to suggest." in script
    assert all(line.startswith("-- ") for line in script.splitlines())
