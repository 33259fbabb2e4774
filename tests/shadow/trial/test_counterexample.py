"""A counterexample is small, and whoever pastes it into psql sees the same."""

from __future__ import annotations

from pathlib import Path

import psycopg

from pgtune.shadow.trial.trial import Trial
from tests.conftest import Database
from tests.shadow.trial.judged import judged

ORIGINAL = (
    "SELECT c.email, count(*) FROM customers AS c LEFT JOIN orders AS o ON o.customer_id = c.id GROUP BY 1"
)
OTHER = (
    "SELECT c.email, count(o.id) FROM customers AS c LEFT JOIN orders AS o ON o.customer_id = c.id GROUP BY 1"
)
SCHEMA = Path(__file__).with_name("shop.sql")


def test_its_inserts_show_the_difference_in_any_database(trial: Trial, database: Database) -> None:
    found = judged(trial, ORIGINAL, OTHER).counterexample
    assert found is not None
    definitions = (
        SCHEMA.read_text()
        .replace("\\connect shop", "DROP TABLE orders;")
        .partition("INSERT INTO audit VALUES ('not")[0]
    )
    with psycopg.connect(database.conninfo, autocommit=True) as connection:
        connection.execute(definitions.encode())
        for table in found.tables:
            for insert in table.inserts():
                connection.execute(insert.encode())
        for statement, side in ((ORIGINAL, found.original), (OTHER, found.rewritten)):
            rows = connection.execute(statement.encode()).fetchall()
            assert [tuple(map(str, row)) for row in rows] == list(side.results[0].rows)


def test_nothing_is_in_it_that_is_not_needed(trial: Trial) -> None:
    found = judged(trial, ORIGINAL, OTHER).counterexample
    assert found is not None
    assert [(table.relation.name, len(table.rows)) for table in found.tables] == [("customers", 1)]
    (row,) = found.tables[0].rows
    values = dict(zip(found.tables[0].columns, row, strict=True))
    assert (values["mood"], values["points"]) == (None, None)


def test_it_names_the_columns_of_the_results(trial: Trial) -> None:
    found = judged(trial, ORIGINAL, OTHER).counterexample
    assert found is not None
    columns = [(column.name, column.type) for column in found.original.results[0].columns]
    assert columns == [("email", "text"), ("count", "bigint")]
