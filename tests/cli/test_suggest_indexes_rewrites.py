"""`pgtune suggest-indexes` plans rewritten queries too: this index, or this rewrite, or both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest

from tests.cli.program import REPOSITORY, pgtune
from tests.conftest import Database

COUNTED = "SELECT u.email, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) AS orders FROM users u"
AVERAGE = "SELECT avg(x.total) FROM orders x WHERE x.user_id = o.user_id"
DEARER = f"SELECT o.id FROM orders o WHERE o.total > ({AVERAGE})"
SCHEMA = json.loads((REPOSITORY / "docs" / "index-advice-schema.json").read_text())


def advised(database: Database, folder: Path, sql: str, *options: str) -> dict[str, Any]:
    (folder / "q.sql").write_text(sql)
    arguments = ("suggest-indexes", "q.sql", "--dsn", database.conninfo, "--budget", "1GB")
    result = pgtune(*arguments, "--report", "json", *options, cwd=folder)
    assert result.code == 0, result.err
    advice: dict[str, Any] = json.loads(result.out)
    jsonschema.validate(advice, SCHEMA)
    return advice


def planned_cost(connection: psycopg.Connection[Any], query: str) -> float:
    row = connection.execute(f"EXPLAIN (FORMAT JSON) {query}".encode()).fetchone()
    assert row is not None
    return float(row[0][0]["Plan"]["Total Cost"])


def test_the_four_costs_are_those_of_the_server_with_the_index_really_built(
    database: Database, tmp_path: Path
) -> None:
    advice = advised(database, tmp_path, COUNTED)
    (choice,) = advice["rewrites"]
    texts = COUNTED, choice["sql"]
    with database.connect() as connection:
        now = [planned_cost(connection, text) for text in texts]
        for index in advice["indexes"]:
            connection.execute(index["action"]["sql"].encode())
        connection.execute("VACUUM ANALYZE orders")
        then = [planned_cost(connection, text) for text in texts]
        rows = [sorted(connection.execute(text.encode())) for text in texts]
    assert advice["indexes"]
    assert (choice["cost_now"], choice["cost_rewrite"]) == (now[0], now[1])
    assert (choice["cost_index"], choice["cost_both"]) == pytest.approx((then[0], then[1]), rel=0.02)
    assert rows[0] == rows[1]


def test_the_set_of_indexes_is_the_same_with_and_without_rewrites(database: Database, tmp_path: Path) -> None:
    rule = "scalar-aggregate-per-row"
    allowed = advised(database, tmp_path, f"-- pgtune: allow {rule} for once\n{COUNTED}")
    advice = advised(database, tmp_path, COUNTED)
    assert (len(allowed["rewrites"]), len(advice["rewrites"])) == (0, 1)
    assert [each["name"] for each in allowed["indexes"]] == [each["name"] for each in advice["indexes"]]


def test_an_index_that_the_rewrite_makes_superfluous_is_marked(database: Database, tmp_path: Path) -> None:
    advice = advised(database, tmp_path, DEARER)
    (choice,) = advice["rewrites"]
    assert choice["take"] == "this rewrite"
    assert choice["cost_rewrite"] <= 1.1 * min(choice["cost_both"], choice["cost_index"])
    (index,) = advice["indexes"]
    assert index["notes"] == ["Superfluous once q.sql is rewritten: see the rewrites."]


def test_an_index_that_another_query_needs_is_not_superfluous(database: Database, tmp_path: Path) -> None:
    other = "SELECT total, id FROM orders WHERE user_id = 7"
    advice = advised(database, tmp_path, f"{DEARER};\n-- pgtune: calls 5000\n{other};\n")
    assert [each["name"] for each in advice["rewrites"]] == ["q.sql:1"]
    assert advice["indexes"]
    assert not any("Superfluous" in note for index in advice["indexes"] for note in index["notes"])


def test_what_rests_on_an_assumption_is_not_planned(database: Database, tmp_path: Path) -> None:
    """Adding to the column may overflow for a row that the replacement never adds to."""
    query = "SELECT id FROM orders WHERE id + 1 = 8"
    arguments = ("explain", "-", "--dsn", database.conninfo, "--report", "json")
    (statement,) = json.loads(pgtune(*arguments, stdin=query).out)["statements"]
    assert statement["rewrite"]["rules"] == ["arithmetic-on-column"]
    assert advised(database, tmp_path, query)["rewrites"] == []


def test_every_report_has_the_section(database: Database, tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text(COUNTED)
    arguments = ("suggest-indexes", "q.sql", "--dsn", database.conninfo, "--budget", "1GB")
    for report in ("terminal", "markdown"):
        shown = pgtune(*arguments, "--report", report, cwd=tmp_path).out
        assert "Rewrites instead or besides" in shown
        assert "suggest-rewrites" in shown
    (tmp_path / "q.sql").write_text("SELECT id FROM orders WHERE user_id = 7")
    assert "Rewrites" not in pgtune(*arguments, cwd=tmp_path).out
