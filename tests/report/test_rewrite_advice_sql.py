"""The scripts of rewrite advice: one statement each, and nothing in them escapes its comment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pgtune.model.rewrite import Rewrite
from pgtune.parse.sql_split import read_script
from pgtune.report.rewrite_advice_sql import SQL_MARK, loop_code, loop_script, rewrite_script
from tests.report.rewrite_advices import HOSTILE, INSERT_LOOP, NEVER, PROVEN_REWRITE, TESTED_REWRITE, TYPICAL


@pytest.mark.parametrize("rewrite", [PROVEN_REWRITE, TESTED_REWRITE, *HOSTILE.rewrites])
def test_a_script_holds_the_replacement_and_nothing_else(rewrite: Rewrite) -> None:
    statements = read_script(rewrite_script(rewrite, HOSTILE)).statements
    assert [statement.text.strip() for statement in statements] == [
        read_script(rewrite.sql).statements[0].text
    ]


def test_the_original_and_what_speaks_for_the_replacement_stand_above_it() -> None:
    script = rewrite_script(PROVEN_REWRITE, TYPICAL)
    header, _, _ = script.partition("\n\n")
    lines = header.split("\n")
    assert lines[0] == f"{SQL_MARK} 0.0 for PostgreSQL 18.4"
    assert "-- label: proven" in lines
    assert "-- proven: orders.user_id is NOT NULL" in lines
    assert "-- cost: 12,345 -> 678 (/18), in planner units" in lines
    assert [f"-- {line}" for line in NEVER.text.split("\n")] == lines[-4:]
    assert script.isascii()


def test_the_script_of_a_loop_shows_a_turn_and_what_to_mind() -> None:
    assert INSERT_LOOP.batch is not None
    script = loop_script(INSERT_LOOP, INSERT_LOOP.batch, TYPICAL)
    assert [one.text for one in read_script(script).statements] == [INSERT_LOOP.batch.sql]
    assert "-- mind: one row that fails takes the whole batch with it\n" in script
    assert "-- INSERT INTO logs (data) VALUES ($1)\n\n" in script


def test_the_code_of_a_loop_is_one_block_for_each_driver() -> None:
    assert INSERT_LOOP.batch is not None
    code = loop_code(INSERT_LOOP, INSERT_LOOP.batch, TYPICAL)
    assert "## psycopg\n\n```python\nimport psycopg\n" in code
    assert "## JDBC\n\n```java\nvoid insertAll" in code


def test_hostile_text_stays_in_its_comment() -> None:
    loop = HOSTILE.loops[0]
    assert loop.batch is not None
    script = loop_script(loop, replace(loop.batch, sql="SELECT 1"), HOSTILE)
    assert [one.text for one in read_script(script).statements] == ["SELECT 1"]
    assert not {"\x1b", "\x07", "\u202e", "\udcff", "\r"} & set(script)
    assert "look at it with cat -v" in loop_script(loop, loop.batch, HOSTILE)
