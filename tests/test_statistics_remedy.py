"""The statistics that a finding proposes correct the estimate: on a real PostgreSQL, before and after."""

from __future__ import annotations

import json

import psycopg
import pytest

from pgtune.analysis.attribution import attribute
from pgtune.analysis.review import review
from pgtune.analysis.rule_book import find_rule
from pgtune.model.evidence import Evidence
from pgtune.model.finding import Finding
from pgtune.model.policy import Policy
from pgtune.parse.plans import parse_plans
from tests.conftest import Database

_TABLE = """
CREATE SCHEMA "Möbel";
CREATE TABLE "Möbel"."Order" AS
SELECT i AS id, i % 100 AS "City", i % 100 AS country, i / 100 AS "group" FROM generate_series(1, 20000) AS i;
ANALYZE "Möbel"."Order";
SET max_parallel_workers_per_gather = 0;
"""


def findings(connection: psycopg.Connection, query: str) -> tuple[Finding, ...]:
    row = connection.execute(f"EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) {query}").fetchone()
    assert row is not None
    (plan,) = parse_plans(json.dumps(row[0]))
    evidence = Evidence((attribute(plan),))
    return review([find_rule("misestimated-rows")], evidence, Policy(min_share=0.0)).findings


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * FROM "Möbel"."Order" WHERE "City" = 7 AND country = 7',
        'SELECT * FROM "Möbel"."Order" o WHERE o."City" IN (7, 8) AND o.country IN (7, 8)',
        'SELECT * FROM "Möbel"."Order" o JOIN generate_series(1, 2) g ON o.id > g WHERE o."City" / 100 = 0',
        'SELECT * FROM "Möbel"."Order" WHERE country + 1 = 8 AND "City" = 7',
        'SELECT "City", country, count(*) FROM "Möbel"."Order" GROUP BY "City", country',
    ],
)
def test_the_proposed_extended_statistics_correct_the_estimate(query: str, database: Database) -> None:
    with database.connect() as connection:
        connection.execute(_TABLE)
        (found,) = findings(connection, query)
        assert found.action is not None
        for statement in found.action.sql.split("\n"):
            connection.execute(statement.encode())
        assert findings(connection, query) == ()
        assert found.action.undo is not None
        connection.execute(found.action.undo.encode())


def test_analyze_corrects_the_estimate_of_one_column(database: Database) -> None:
    with database.connect() as connection:
        connection.execute(_TABLE + 'UPDATE "Möbel"."Order" SET country = 7')
        query = 'SELECT * FROM "Möbel"."Order" WHERE country = 7'
        (found,) = findings(connection, query)
        assert found.action is not None
        assert found.action.sql == 'ANALYZE "Möbel"."Order";'
        connection.execute(found.action.sql.encode())
        assert findings(connection, query) == ()
