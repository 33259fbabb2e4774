"""Where one statement would not leave what the loop leaves there is none, and the reason is said."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from pgtune.advice.batches.batch_advice import batch_advice
from pgtune.model.batch import BatchForm
from pgtune.model.catalog import Catalog
from pgtune.model.equivalence import LoopPair
from tests.advice.batches.loop_and_batch import differences, live_catalog, loop_of, own_database
from tests.conftest import Database

SCHEMA = """
CREATE TABLE stock (
    id int PRIMARY KEY, code text UNIQUE, amount int NOT NULL DEFAULT 0, note text, at timestamptz,
    tags text[], version int NOT NULL DEFAULT 1, price numeric
);
CREATE UNIQUE INDEX stock_note_lower ON stock (lower(note)) WHERE price > 0;
CREATE TABLE partial (k int, v int);
CREATE UNIQUE INDEX ON partial (k) WHERE v > 0;
CREATE TABLE late (k int UNIQUE DEFERRABLE, v int);
CREATE VIEW stock_view AS SELECT * FROM stock;
"""
UPSERT = "INSERT INTO stock (id, amount) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET "
REFUSED = {
    "INSERT INTO stock (id, amount) VALUES ($1, (SELECT max(amount) + 1 FROM stock))": "query reads stock",
    "INSERT INTO stock (id, amount) VALUES ($1, (SELECT max(id) FROM stock_view))": "query reads stock_view",
    "INSERT INTO stock (id, note) VALUES ($1, lower($2))": "nothing tells the type of $2",
    "INSERT INTO stock (id) VALUES ($1), ($2)": "it does not insert exactly one row",
    "INSERT INTO stock (id) SELECT $1": "it is not an INSERT of one row of VALUES",
    "INSERT INTO stock (id) VALUES (1)": "nothing in it changes from turn to turn",
    "INSERT INTO stock (id, nothing) VALUES ($1, $2)": 'public.stock has no column "nothing"',
    "INSERT INTO missing (id) VALUES ($1)": "missing is not in the catalog",
    f"{UPSERT}amount = greatest(stock.amount, excluded.amount)": "reads what earlier turns may have written",
    f"{UPSERT}amount = stock.amount - excluded.amount": "reads what earlier turns may have written",
    f"{UPSERT}amount = excluded.amount WHERE stock.amount < excluded.amount": "DO UPDATE has a WHERE",
    f"{UPSERT}note = excluded.amount": "reads what earlier turns may have written",
    f"{UPSERT}note = $3::text": "takes a parameter that is not the value inserted there",
    f"{UPSERT}code = 'x'": "SET writes what stock_code_key keeps unique",
    f"{UPSERT}note = 'x'": "SET writes what stock_note_lower keeps unique",
    f"{UPSERT}amount = excluded.amount RETURNING id, amount": "RETURNING shows amount as each turn left it",
    f"{UPSERT}amount = excluded.amount RETURNING xmax = 0": "RETURNING lists more than columns",
    "INSERT INTO partial VALUES ($1, $2) ON CONFLICT (k) WHERE v > 0 DO UPDATE SET v = excluded.v": (
        "no unique index of plain columns"
    ),
    "INSERT INTO late VALUES ($1, $2) ON CONFLICT (k) DO UPDATE SET v = excluded.v": "no unique index",
    "INSERT INTO stock (id, amount) VALUES (abs($1::int), 1) ON CONFLICT (id) DO UPDATE SET amount = 2": (
        "the key id is neither a parameter nor a constant"
    ),
    "INSERT INTO stock (id, tags) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET tags = excluded.tags": (
        "$2 is an array itself"
    ),
    "UPDATE stock SET id = $1 WHERE id = $2": "SET writes id, by which the rows are found",
    "UPDATE stock SET amount = amount * $1 WHERE id = $2": "nothing tells the type of $1",
    "UPDATE stock SET amount = amount * $1::int WHERE id = $2": "reads what earlier turns may have written",
    "UPDATE stock SET version = version + 1 WHERE id = $1 AND version = $2": "SET writes version, by which",
    "UPDATE stock SET amount = $1 WHERE id = $2 AND amount < 10": "reads what earlier turns may have written",
    "UPDATE stock SET price = $1 WHERE id = $2 AND at < $3": "a condition that is no equality has",
    "UPDATE stock SET amount = amount + $1, version = $1 WHERE id = $2": "used elsewhere too",
    "UPDATE stock SET at = at + $1::interval WHERE id = $2": "adds to what is no number",
    "UPDATE stock SET code = $1 WHERE id = $2": "SET writes what stock_code_key keeps unique",
    "UPDATE stock SET price = (SELECT 1) WHERE id = $1": "it has a sub-query",
    "UPDATE stock SET price = $1 WHERE price < 1": "no column is compared with a parameter by =",
    "UPDATE stock SET price = $1 WHERE id = $2 OR amount = $3": "no column is compared with a parameter by =",
    "UPDATE stock SET at = $1 WHERE id = $2 RETURNING *": "RETURNING lists more than columns",
    "UPDATE stock SET price = late.v FROM late WHERE id = $1": "the UPDATE has a FROM list",
    "UPDATE stock SET tags[1] = $1 WHERE id = $2": "SET writes a part of a column",
    "DELETE FROM stock WHERE at < $1": "no column is compared with a parameter by =",
    "DELETE FROM stock WHERE id = $1 AND NOT EXISTS (SELECT FROM stock)": "it has a sub-query",
    "SELECT * FROM stock WHERE id = ANY ($1)": "nothing tells the type of $1",
    "SELECT * FROM stock WHERE tags = $1": "$1 is an array itself",
    "WITH d AS (DELETE FROM stock WHERE id = $1 RETURNING *) SELECT * FROM d": "it changes data",
    "MERGE INTO stock USING late ON id = $1 WHEN MATCHED THEN DELETE": "it is no SELECT, INSERT, UPDATE or",
    "INSERT INTO stock (note) VALUES ('unclosed $1": "string has no closing quote",
}


@pytest.fixture(scope="module")
def catalog(server: str) -> Iterator[Catalog]:
    with own_database(server, SCHEMA) as conninfo, psycopg.connect(conninfo, autocommit=True) as connection:
        yield live_catalog(connection)


@pytest.mark.parametrize("statement", REFUSED)
def test_the_reason_is_said(catalog: Catalog, statement: str) -> None:
    advice = batch_advice(loop_of(statement), catalog)

    assert advice.batch is None
    assert advice.refused is not None
    assert REFUSED[statement] in advice.refused
    assert {each.form for each in advice.others} <= {BatchForm.PIPELINE}


@pytest.mark.parametrize(
    ("single", "batch", "turns"),
    [
        (
            (
                "INSERT INTO stock (id, amount) VALUES ($1, $2) ON CONFLICT (id)"
                " DO UPDATE SET amount = greatest(stock.amount, excluded.amount)"
            ),
            (
                "INSERT INTO stock (id, amount) SELECT DISTINCT ON (id) id, amount"
                " FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS v(id, amount, o) ORDER BY id, o DESC"
                " ON CONFLICT (id) DO UPDATE SET amount = greatest(stock.amount, excluded.amount)"
            ),
            [(1, 5), (1, 2)],
        ),
        (
            "UPDATE stock SET id = $1 WHERE id = $2",
            "UPDATE stock SET id = v.a FROM unnest($1::int[], $2::int[]) AS v(a, b) WHERE id = v.b",
            [(20, 10), (30, 20)],
        ),
        (
            "UPDATE stock SET code = $1 WHERE id = $2",
            "UPDATE stock SET code = v.code FROM unnest($1::text[], $2::int[]) AS v(code, k) WHERE id = v.k",
            [(None, 10), ("a", 11), ("b", 10)],
        ),
    ],
)
def test_the_reasons_are_good(
    database: Database, single: str, batch: str, turns: list[tuple[object, ...]]
) -> None:
    database.execute(SCHEMA)
    database.execute("INSERT INTO stock (id, code) VALUES (10, 'a'), (11, 'b')")
    with database.connect() as connection:
        assert differences(connection, LoopPair(single, batch), turns, ("stock",))
