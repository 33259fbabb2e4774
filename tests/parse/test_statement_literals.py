"""What a user wrote as a value does not stay in a statement."""

from __future__ import annotations

import pytest

from pgtune.parse.statement_literals import without_literals, without_utility_literals


@pytest.mark.parametrize(
    ("statement", "masked"),
    [
        (
            "ALTER ROLE app PASSWORD 'a''b' VALID UNTIL $$c$$",
            "ALTER ROLE app PASSWORD '***' VALID UNTIL '***'",
        ),
        ("SET work_mem = 64 -- for Bob", "SET work_mem = 0"),
        ("CREATE ROLE r /* x */ PASSWORD E'\\'' 'tail", "CREATE ROLE r   PASSWORD '***' '***'"),
        ("SELECT 'a', 1 -- why", "SELECT 'a', 1 -- why"),
        ("EXPLAIN SELECT 'a'", "EXPLAIN SELECT 'a'"),
    ],
)
def test_utility_statements_lose_their_literals(statement: str, masked: str) -> None:
    assert without_utility_literals(statement) == masked


@pytest.mark.parametrize(
    ("statement", "masked"),
    [
        ("SELECT /* Bob's */ 'a' || $1 LIMIT 10 -- b", "SELECT   '***' || $1 LIMIT 10"),
        ('SELECT "a b" FROM t WHERE x = $$y$$', "SELECT \"a b\" FROM t WHERE x = '***'"),
        ("EXPLAIN SELECT 'a'", "EXPLAIN SELECT '***'"),
        ("VACUUM t", "VACUUM t"),
    ],
)
def test_any_statement_loses_strings_and_comments(statement: str, masked: str) -> None:
    assert without_literals(statement) == masked
