"""A SELECT that also returns what it is ordered by."""

from __future__ import annotations

import pytest

from pgtune.parse.sql.keyed_select import keyed_select

KEY = ", (b + 1) AS pgtune_key_1"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SELECT a", " FROM t ORDER BY b + 1"),
        ("SELECT *", " ORDER BY b + 1"),
        ("SELECT a -- FROM here\n  , c", " -- and on\nFROM t ORDER BY b + 1"),
        ("(SELECT a", " FROM t ORDER BY b + 1)"),
        ("WITH s AS (SELECT 1 FROM r ORDER BY 1), u (x) AS (TABLE r) SELECT a", " FROM s ORDER BY b + 1"),
        ("SELECT (SELECT 1 FROM r), a[1]", " FROM t ORDER BY b + 1"),
        ("SELECT a IS DISTINCT FROM c", " FROM t ORDER BY b + 1"),
        ("SELECT mode() WITHIN GROUP (ORDER BY a)", " FROM t GROUP BY b ORDER BY b + 1"),
        ("SELECT t.order AS from, a AS group", " FROM t ORDER BY b + 1"),
        ("SELECT DISTINCT ON (b + 1) a", " FROM t ORDER BY b + 1"),
        ("SELECT sum(a)", " WHERE true HAVING true ORDER BY b + 1"),
    ],
)
def test_the_expression_is_the_last_column_and_all_else_stays(before: str, after: str) -> None:
    assert keyed_select(before + after, ["b + 1"]) == before + KEY + after


def test_several_expressions_keep_their_order() -> None:
    found = keyed_select("SELECT a FROM t ORDER BY b, c", ["b", "c"])
    assert found == "SELECT a, (b) AS pgtune_key_1, (c) AS pgtune_key_2 FROM t ORDER BY b, c"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT a FROM t UNION SELECT b FROM t ORDER BY 1",
        "(SELECT a FROM t) ORDER BY b",
        "VALUES (1), (2) ORDER BY 1",
        "TABLE t ORDER BY b",
        "INSERT INTO t SELECT a FROM t ORDER BY b",
        "WITH s AS (SELECT 1) INSERT INTO t SELECT a FROM s ORDER BY b",
        "SELECT a INTO u FROM t ORDER BY b",
        "SELECT FROM t ORDER BY b",
        "SELECT 1",
        "SELECT 'no end",
        "",
    ],
)
def test_other_statements_have_no_such_form(statement: str) -> None:
    assert keyed_select(statement, ["b"]) is None
