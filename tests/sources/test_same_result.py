"""Two queries compared on a database's own rows."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

import pgtune.sources.same_result
from pgtune.errors import ConnectionLost
from pgtune.model.equivalence import QueryPair
from pgtune.model.pool_settings import PoolSettings
from pgtune.model.rewrite import DataCheck
from pgtune.sources.connect import ServerConnection, connect, prepare_conninfo
from pgtune.sources.same_result import compare_on_data
from pgtune.sources.transaction import Timeouts
from tests.conftest import Database


@pytest.fixture
def connection(database: Database) -> Iterator[ServerConnection]:
    with connect(prepare_conninfo(database.conninfo, PoolSettings()), lambda _: None) as connected:
        yield connected


def compare(
    connection: ServerConnection,
    original: str,
    rewritten: str,
    *values: str | None,
    statement_ms: int = 10_000,
) -> DataCheck:
    pair = QueryPair((original,), (rewritten,))
    return compare_on_data(connection, pair, values or None, Timeouts(statement_ms, 1_000))


def test_the_same_rows_in_another_order_are_equal(connection: ServerConnection) -> None:
    found = compare(connection, "SELECT * FROM users ORDER BY id", "SELECT * FROM users ORDER BY id DESC")
    assert found == DataCheck(True, 1000)


def test_a_row_that_comes_twice_is_a_difference_and_is_shown(connection: ServerConnection) -> None:
    found = compare(
        connection,
        "SELECT id FROM users WHERE id < 4",
        "SELECT id FROM users WHERE id < 4 UNION ALL SELECT 2",
    )
    assert found.is_equal is False
    assert found.reason == "the original returns 3 rows, the other 4"
    assert (found.only_original, found.only_rewritten) == ((), ("(2)",))


def test_as_many_rows_with_other_values_differ(connection: ServerConnection) -> None:
    found = compare(
        connection,
        "SELECT id, status FROM orders WHERE id <= 100",
        "SELECT id, CASE id WHEN 7 THEN 'lost' ELSE status END FROM orders WHERE id <= 100",
    )
    assert found.is_equal is False
    assert (found.only_original, found.only_rewritten) == (("(7,delivered)",), ("(7,lost)",))


def test_a_number_written_otherwise_is_the_same_number(connection: ServerConnection) -> None:
    found = compare(
        connection,
        "SELECT user_id, avg(total) FROM orders GROUP BY user_id",
        "SELECT user_id, sum(total) / count(total) * 1.000 FROM orders GROUP BY user_id",
    )
    assert found == DataCheck(True, 1000)


def test_float_sums_in_another_order_are_equal(connection: ServerConnection) -> None:
    ordered = "SELECT status, sum(total::float8 / 3 ORDER BY {}) FROM orders GROUP BY status"
    assert compare(connection, ordered.format("total"), ordered.format("total DESC")).is_equal


def test_neighbouring_large_integers_are_not_equal(connection: ServerConnection) -> None:
    found = compare(connection, "SELECT 9007199254740993", "SELECT 9007199254740992")
    assert found.is_equal is False


def test_a_cent_in_a_large_amount_is_a_difference(connection: ServerConnection) -> None:
    found = compare(connection, "SELECT 123456789012.34", "SELECT 123456789012.35")
    assert found.is_equal is False


def test_a_null_is_not_an_empty_text(connection: ServerConnection) -> None:
    assert compare(connection, "SELECT NULL::text", "SELECT ''::text").is_equal is False


def test_too_many_rows_are_judged_by_their_hash(
    connection: ServerConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pgtune.sources.same_result, "MAX_COMPARED_ROWS", 10)
    other_status = "SELECT id, CASE id WHEN 7 THEN 'lost' ELSE status END FROM orders"
    found = compare(connection, "SELECT id, status FROM orders", other_status)
    assert (found.is_equal, found.only_original) == (False, ("(7,delivered)",))
    sums = compare(connection, "SELECT id, total FROM orders", "SELECT id, total * 1.0 FROM orders")
    assert sums.is_equal is None
    assert "hashes differ" in sums.reason


def test_values_are_bound_to_both(connection: ServerConnection) -> None:
    found = compare(
        connection,
        "SELECT id FROM orders WHERE user_id = $1 AND status = $2",
        "SELECT id FROM orders WHERE (user_id, status) = ($1, $2)",
        "8",
        "delivered",
    )
    assert (found.is_equal, found.rows) == (True, 10)


def test_one_side_may_have_fewer_parameters(connection: ServerConnection) -> None:
    found = compare(
        connection,
        "SELECT id FROM users WHERE id = $2 AND $1::text IS NOT NULL",
        "SELECT id FROM users WHERE id = $2",
        "any",
        "5",
    )
    assert (found.is_equal, found.rows) == (True, 1)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("SELECT id FROM users WHERE id = $1", "its parameters have no values"),
        ("DELETE FROM users", "it writes"),
        ("SELECT id FROM users FOR UPDATE", "it writes"),
        ("SELECT random()", "random() gives another value"),
        ("SELECT * FROM nowhere", 'relation "nowhere" does not exist'),
        ("SELECT 1; SELECT 2", "cannot insert multiple commands"),
        ("SELECT 1) AS q, (SELECT 2", "syntax error"),
        ("SELECT 1 / (id - 1) FROM users", "the original fails on this data: division by zero"),
    ],
)
def test_what_cannot_be_compared_says_why(connection: ServerConnection, statement: str, reason: str) -> None:
    found = compare(connection, statement, statement)
    assert found.is_equal is None
    assert reason in found.reason


def test_an_error_of_the_other_alone_is_a_difference(connection: ServerConnection) -> None:
    found = compare(connection, "SELECT id FROM users", "SELECT 1 / (id - 1) FROM users")
    assert found.is_equal is False
    assert found.reason == "the other one fails on this data: division by zero"


def test_a_trailing_comment_hides_nothing(connection: ServerConnection) -> None:
    assert compare(connection, "SELECT id FROM users -- all", "SELECT id FROM users").is_equal


def test_it_gives_up_after_the_timeout(connection: ServerConnection) -> None:
    slow = "SELECT count(*) FROM generate_series(1, 1000000000)"
    found = compare(connection, slow, slow, statement_ms=100)
    assert found.is_equal is None
    assert "timeout" in found.reason or "cancelled" in found.reason


def test_both_see_one_snapshot(
    connection: ServerConnection, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison = pgtune.sources.same_result._Comparison
    count = comparison._count_and_hash

    def and_a_row_more(self: object, side: int) -> tuple[int, str | None]:
        result = count(self, side)  # type: ignore[arg-type]
        database.execute("INSERT INTO users VALUES (5000, 'new') ON CONFLICT DO NOTHING")
        return result

    monkeypatch.setattr(comparison, "_count_and_hash", and_a_row_more)
    assert compare(connection, "SELECT id FROM users", "SELECT id + 0 FROM users") == DataCheck(True, 1000)
    assert database.scalar("SELECT count(*) FROM users") == 1001


def test_nothing_is_left_in_the_session(connection: ServerConnection) -> None:
    compare(connection, "SELECT 1", "SELECT 1")
    assert connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE
    row = connection.execute("SHOW transaction_isolation").fetchone()
    assert row is not None


def test_a_server_that_went_away_is_an_error(connection: ServerConnection, database: Database) -> None:
    database.execute(f"SELECT pg_terminate_backend({connection.info.backend_pid})")
    with pytest.raises(ConnectionLost):
        compare(connection, "SELECT 1", "SELECT 1")
