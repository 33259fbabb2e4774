"""The script that takes the place of a SQL file's loop leaves what the loop leaves."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from pgtune.advice.batches.batch_advice import batch_advice
from pgtune.model.batch import LoopAdvice
from pgtune.parse.loops.file_loops import loops_of_script
from pgtune.parse.sql_split import read_script
from tests.advice.batches.loop_and_batch import live_catalog, own_database

SCHEMA = r"""
CREATE TABLE countries (
    code char(2) PRIMARY KEY, name varchar(20), eu boolean DEFAULT false, area numeric(8,2), people int,
    since date, langs text[], about jsonb, n int DEFAULT 5
);
INSERT INTO countries (code, name, eu, area, people)
VALUES ('XA', 'Xanadu', NULL, 1.5, -3), ('XB', 'Back\slash', true, NULL, 0), ('XC', 'c', false, 1, 2);
"""
INSERT = "INSERT INTO countries (code, name, eu, area, people, since, langs, about)"
FILES = {
    "values of all types": [
        f"{INSERT} VALUES ('NO', 'Nor''way', true, 385.2, -5, '1814-05-17', '{{no,se}}', '{{\"a\": [1]}}')",
        f"{INSERT} VALUES ('SE', E'Swe\\\\den\\n', FALSE, .5, 0, NULL, NULL, 'null')",
        f"{INSERT} VALUES ('DK', 'back\\slash', null, 1e2, 2147483647, '1849-06-05', '{{}}', NULL)",
        f"{INSERT} VALUES ('FI', $$dollars$$, true, -1.25, 7, 'epoch', '{{\"a,b\",NULL}}', '[]')",
        f"{INSERT} VALUES ('IS', '', NULL, 0, NULL, NULL, NULL, '1')",
    ],
    "values inside expressions": [
        f"INSERT INTO countries (code, name, people) VALUES ('N{n}', upper('n{n}'::text), 10-'{n - 3}'::int)"
        for n in range(6)
    ],
    "rows that are there already": [
        f"INSERT INTO countries (code, people) VALUES ('{code}', {n}) ON CONFLICT (code) DO UPDATE SET"
        " people = excluded.people"
        for n, code in enumerate(("XA", "NO", "XA", "XB", "NO", "SE"))
    ],
    "updates": [
        f"UPDATE countries SET name = {name}, area = {n}.5 WHERE code = '{code}'"
        for n, (name, code) in enumerate(
            [("'a'", "XA"), ("NULL", "XB"), ("'it''s'", "XC"), ("'d'", "XD"), ("'last'", "XA")]
        )
    ],
    "deletes": [f"DELETE FROM countries WHERE code = '{code}'" for code in ("XA", "XB", "XX", "XY", "XZ")],
    "many deletes": [f"DELETE FROM countries WHERE code = 'X{chr(65 + n)}'" for n in range(25)],
    "queries": [f"SELECT name FROM countries WHERE code = '{code}'" for code in ("XA", "XC", "X", "Y", "Z")],
}


@pytest.fixture(scope="module")
def conninfo(server: str) -> Iterator[str]:
    with own_database(server, SCHEMA) as own:
        yield own


def advice_on(conninfo: str, statements: list[str]) -> LoopAdvice:
    (loop,) = loops_of_script("seed.sql", read_script(";\n".join(statements)).statements)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        return batch_advice(loop, live_catalog(connection))


def left_by(conninfo: str, statements: list[str]) -> list[tuple[object, ...]]:
    """The table after the statements, which are undone."""
    with psycopg.connect(conninfo) as connection, connection.transaction(force_rollback=True):
        for statement in statements:
            connection.execute(statement.encode())
        return connection.execute("SELECT * FROM countries ORDER BY code").fetchall()


@pytest.mark.parametrize("name", FILES)
def test_the_script_leaves_what_the_file_leaves(name: str, conninfo: str) -> None:
    batch = advice_on(conninfo, FILES[name]).batch
    assert batch is not None
    assert batch.script is not None
    assert len(read_script(batch.script).statements) == 1
    before = left_by(conninfo, [])
    after = left_by(conninfo, FILES[name])
    assert (after == before) is (name == "queries")
    assert left_by(conninfo, [batch.script]) == after


def test_a_query_of_a_script_gives_the_rows_of_all_turns(conninfo: str) -> None:
    batch = advice_on(conninfo, FILES["queries"]).batch
    assert batch is not None
    assert batch.script is not None
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute(batch.script.encode()).fetchall()
    assert sorted(rows) == [("XA", "Xanadu"), ("XC", "c")]


def test_there_is_no_script_where_not_all_values_are_known(conninfo: str) -> None:
    many = [f"INSERT INTO countries (code, people) VALUES ('{n % 90 + 10}', {n})" for n in range(1001)]
    batch = advice_on(conninfo, many).batch
    assert batch is not None
    assert batch.script is None
