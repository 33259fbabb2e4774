"""Statements of pg_stat_statements that may be turns of a loop are candidates, and no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pgtune.model.loop import Loop
from pgtune.model.snapshot import StatementStatistics
from pgtune.parse.loops.counted_loops import counted_loops
from tests.catalog_yaml import read_catalog

SINCE = datetime(2026, 11, 21, tzinfo=UTC)
ORDERS = StatementStatistics(1, "SELECT id, user_id FROM orders WHERE status = $1", 100, 200.0, 9_800)
USER = StatementStatistics(2, "SELECT * FROM users WHERE id = $1", 10_000, 100.0, 10_000)


def candidates(*statements: StatementStatistics) -> tuple[Loop, ...]:
    return counted_loops(statements, SINCE, SINCE + timedelta(seconds=100), None)


def test_a_lookup_called_as_often_as_another_query_returns_rows() -> None:
    (loop,) = candidates(ORDERS, USER)
    assert (loop.place, loop.text, loop.turns) == ("query 2", USER.text, 10_000)
    assert not loop.is_sure
    assert (loop.rows_per_turn, loop.queries_per_s, loop.gap_ms) == (1.0, 100.0, None)
    assert loop.parent is not None
    assert (loop.parent.place, loop.parent.column, loop.parent.parameter) == ("query 1", "user_id", 1)


def test_the_one_that_costs_most_round_trips_comes_first() -> None:
    insert = StatementStatistics(3, "INSERT INTO logs (data) VALUES ($1)", 50_000, 500.0, 50_000)
    assert [loop.place for loop in candidates(USER, insert)] == ["query 3", "query 2"]


@pytest.mark.parametrize(
    ("text", "calls", "total_ms", "rows"),
    [
        ("SELECT * FROM users WHERE id = $1", 999, 10.0, 999),
        ("SELECT * FROM users WHERE id = $1", 10_000, 20_000.0, 10_000),
        ("SELECT * FROM users WHERE id = $1", 10_000, 100.0, 50_000),
        ("SELECT * FROM users WHERE name = $1", 10_000, 100.0, 10_000),
        ("SELECT * FROM users WHERE id = ANY ($1)", 10_000, 100.0, 10_000),
        ("SELECT * FROM users u JOIN orders o ON o.user_id = u.id WHERE u.id = $1", 10_000, 100.0, 10_000),
        ("DELETE FROM users WHERE id = $1", 10_000, 100.0, 0),
        ("INSERT INTO logs (data) VALUES ($1), ($2)", 10_000, 100.0, 20_000),
        ("SELECT nextval($1)", 10_000, 100.0, 10_000),
        ("COMMIT", 10_000, 100.0, 0),
    ],
)
def test_what_is_no_candidate(text: str, calls: int, total_ms: float, rows: int) -> None:
    assert candidates(StatementStatistics(2, text, calls, total_ms, rows)) == ()


def test_lists_of_other_lengths_are_one_statement() -> None:
    lists = [
        StatementStatistics(
            number, f"SELECT id FROM users WHERE id = $1 AND kind IN ({marks})", 600, 6.0, 600
        )
        for number, marks in enumerate(("$2, $3", "$2, $3, $4"), 1)
    ]
    assert candidates(*lists) == ()


def test_a_catalog_knows_keys_that_their_names_do_not_show() -> None:
    catalog = read_catalog(
        """
relations:
  public.users:
    columns: {id: integer, email: text}
    indexes: [{name: users_email, key: [email], unique: true}]
"""
    )
    by_email = StatementStatistics(2, "SELECT * FROM users WHERE email = $1", 10_000, 100.0, 10_000)
    assert candidates(by_email, USER) != ()
    found = counted_loops([by_email, USER], None, None, catalog)
    assert [(loop.text, loop.queries_per_s) for loop in found] == [(by_email.text, None)]
