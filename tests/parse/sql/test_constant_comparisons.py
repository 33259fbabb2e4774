"""Which conditions of a statement compare something with constants."""

from __future__ import annotations

import pytest

from pgtune.model.catalog import Catalog
from pgtune.parse.sql.constant_comparisons import compared_with_constants, drops_null
from pgtune.parse.sql.statement import SqlStatement


def statement(sql: str) -> SqlStatement:
    return SqlStatement.read(sql, Catalog(180000, {}))


@pytest.mark.parametrize(
    ("condition", "operator", "values"),
    [
        ("a + 1 > 5", ">", ["5"]),
        ("5 > a", "<", ["5"]),
        ("(a) BETWEEN -1 AND $1", "BETWEEN", ["-1", "$1"]),
        ("NOT a IN ('x', 'y')", "IN", ["'x'", "'y'"]),
        ("b IS NULL OR a <= now() - interval '1 day'", "<=", ["CURRENT_TIMESTAMP - INTERVAL '1 DAY'"]),
    ],
)
def test_a_comparison_is_read_with_the_constants_to_the_right(
    condition: str, operator: str, values: list[str]
) -> None:
    (found,) = compared_with_constants(statement(f"SELECT 1 FROM t WHERE {condition}"))
    assert found.operator == operator
    assert [value.sql("postgres") for value in found.values] == values


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a = 1 FROM t",
        "SELECT a FROM t GROUP BY a HAVING a = 1",
        "SELECT a FROM t WHERE a = b",
        "SELECT a FROM t WHERE a = random()",
        "SELECT a FROM t WHERE a BETWEEN SYMMETRIC 2 AND 1",
        "INSERT INTO t VALUES (1) ON CONFLICT (a) WHERE a = 1 DO NOTHING",
    ],
)
def test_what_is_no_condition_of_rows_with_constants_is_left_out(sql: str) -> None:
    assert not list(compared_with_constants(statement(sql)))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1 FROM t WHERE (a = 1 OR b) AND c", True),
        ("SELECT 1 FROM t LEFT JOIN u ON a = 1", True),
        ("SELECT 1 FROM t WHERE NOT (a = 1)", False),
    ],
)
def test_null_and_false_are_the_same_but_below_not(sql: str, expected: bool) -> None:
    (found,) = compared_with_constants(statement(sql))
    assert drops_null(found.node) is expected
