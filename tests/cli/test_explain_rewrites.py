"""`pgtune explain` points to a rewrite where the planner likes one better than what is written."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import psycopg
import pytest

from tests.cli.program import REPOSITORY, pgtune
from tests.conftest import Database

COUNTED = "SELECT u.email, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) AS orders FROM users u"
RULE = "scalar-aggregate-per-row"
SCHEMA = json.loads((REPOSITORY / "docs" / "report-schema.json").read_text())


def explained(database: Database, query: str, *options: str) -> dict[str, Any]:
    """The only statement of the JSON report."""
    arguments = ("explain", "-", "--dsn", database.conninfo, "--report", "json", *options)
    result = pgtune(*arguments, stdin=query)
    assert (result.code, result.err) == (0, "")
    report = json.loads(result.out)
    jsonschema.validate(report, SCHEMA)
    (statement,) = report["statements"]
    found: dict[str, Any] = statement
    return found


def planned_cost(connection: psycopg.Connection[Any], query: str) -> float:
    row = connection.execute(f"EXPLAIN (FORMAT JSON) {query}".encode()).fetchone()
    assert row is not None
    return float(row[0][0]["Plan"]["Total Cost"])


def test_the_costs_are_those_of_the_server_and_the_rows_are_the_same(database: Database) -> None:
    rewrite = explained(database, COUNTED, "--no-analyze")["rewrite"]
    assert (rewrite["rules"], rewrite["label"]) == ([RULE], "unverified here")
    with database.connect() as connection:
        assert rewrite["planned_cost_before"] == planned_cost(connection, COUNTED)
        assert rewrite["planned_cost_after"] == planned_cost(connection, rewrite["sql"])
        rows = [sorted(connection.execute(sql.encode())) for sql in (COUNTED, rewrite["sql"])]
    assert rows[0] == rows[1]
    assert rewrite["planned_cost_after"] * 1.2 <= rewrite["planned_cost_before"]


def test_a_rewrite_that_beats_the_index_says_so(database: Database) -> None:
    """On all but a few rows, one pass over the table is cheaper than a look into the index for each."""
    arguments = ("explain", "-", "--dsn", database.conninfo)
    statement = explained(database, COUNTED)
    (finding,) = [each for each in statement["findings"] if each["action"] is not None]
    assert statement["rewrite"]["cheaper_than_index_of"] == [finding["key"]]
    assert statement["rewrite"]["planned_cost_after"] < finding["action"]["planned_cost_after"]
    shown = " ".join(pgtune(*arguments, stdin=COUNTED).out.split())
    assert "cheaper than the index of [1]; `pgtune suggest-rewrites -` writes and tests it" in shown
    markdown = pgtune(*arguments, "--report", "markdown", stdin=COUNTED).out
    assert f"cheaper than the index of {finding['rule']};" in markdown


def test_an_index_that_is_better_is_not_outdone(database: Database) -> None:
    few = f"{COUNTED} WHERE u.id = ANY ('{{1,2,3}}')"
    statement = explained(database, few)
    assert [each["action"] is not None for each in statement["findings"]] == [True]
    assert (statement["rewrite"] or {}).get("cheaper_than_index_of", []) == []


def test_the_replacement_itself_is_shown_with_all_and_called_unverified(database: Database) -> None:
    arguments = ("explain", "-", "--no-analyze", "--dsn", database.conninfo)
    assert "LEFT JOIN" not in pgtune(*arguments, stdin=COUNTED).out
    shown = pgtune(*arguments, "--all", stdin=COUNTED).out
    assert "-- [1] unverified here\nSELECT u.email, coalesce(" in shown


@pytest.mark.parametrize("options", [("--no-analyze",), ()], ids=["planned", "run"])
def test_an_allow_silences_it_and_is_not_unused(database: Database, options: tuple[str, ...]) -> None:
    comment = f"-- pgtune: allow {RULE} it is a report\n"
    statement = explained(database, comment + COUNTED + " WHERE u.id <= 100", *options)
    assert statement["rewrite"] is None
    assert "unused-allow" not in [each["rule"] for each in statement["findings"]]


def test_an_allow_of_a_rule_that_does_not_exist_is_unused(database: Database) -> None:
    statement = explained(database, f"-- pgtune: allow no-such-rule\n{COUNTED}", "--no-analyze")
    assert [each["key"] for each in statement["findings"]] == ["unused-allow:no-such-rule"]


def test_an_ignored_rule_points_to_nothing(database: Database, tmp_path: Any) -> None:
    (tmp_path / "pgtune.toml").write_text(f'ignore = ["{RULE}"]\n')
    options = ("--no-analyze", "--config", str(tmp_path / "pgtune.toml"))
    assert explained(database, COUNTED, *options)["rewrite"] is None


@pytest.mark.parametrize(
    ("query", "options"),
    [
        (COUNTED, ("--no-what-if",)),
        ("SELECT id FROM orders WHERE status = 'pending' ORDER BY id", ()),
        ("SELECT e.email FROM users e WHERE e.id = (SELECT max(id) FROM users)", ()),
    ],
    ids=["not wanted", "no rule fires", "cheap"],
)
def test_no_rewrite(database: Database, query: str, options: tuple[str, ...]) -> None:
    assert explained(database, query, "--no-analyze", *options)["rewrite"] is None


@pytest.mark.parametrize(
    ("query", "options"),
    [
        (f"{COUNTED} WHERE u.id > $1", ()),
        (f"{COUNTED} WHERE u.id > :least", ("--param", "least=10")),
        (f"-- pgtune: set enable_hashagg = off\n{COUNTED}", ()),
        (f"UPDATE users SET email = 'x' FROM ({COUNTED}) AS c WHERE c.orders = 0", ("--allow-writes",)),
    ],
    ids=["no value", "value", "setting", "write"],
)
def test_what_the_server_is_asked_otherwise_about(
    database: Database, query: str, options: tuple[str, ...]
) -> None:
    """Prices are of the same values and settings as the plan that is shown, and nothing is written."""
    statement = explained(database, query, "--no-analyze", *options)
    root = statement["nodes"][0]["estimate"]["total_cost"]
    assert statement["rewrite"]["planned_cost_before"] == pytest.approx(root, abs=0.01)
    assert database.scalar("SELECT count(*) FROM users WHERE email = 'x'") == 0
