"""What PgBouncer calls an average differs between versions; ours is one client's wait in each."""

from __future__ import annotations

from pgtune.sources.pools.pgbouncer_traffic import traffic_between, traffic_of_last_period

# 4 transactions and 2 waits of 30 ms in each second.
OLDER = {
    "database": "shop",
    "avg_xact_count": "4",
    "avg_xact_time": "8000",
    "avg_query_time": "2500",
    "avg_wait_time": "60000",  # of a second
}
NEWER = {**OLDER, "avg_server_assignment_count": "2", "avg_wait_time": "30000"}  # of a wait


def test_older_versions_give_waiting_time_per_second() -> None:
    (traffic,) = traffic_of_last_period([OLDER])
    assert (traffic.transactions_per_s, traffic.avg_wait_ms) == (4, 15)  # spread over all transactions
    assert (traffic.avg_transaction_ms, traffic.avg_query_ms) == (8, 2.5)


def test_newer_versions_give_the_time_of_one_wait() -> None:
    (traffic,) = traffic_of_last_period([NEWER])
    assert traffic.avg_wait_ms == 30


def test_less_than_a_transaction_a_second_is_none_in_older_versions() -> None:
    (traffic,) = traffic_of_last_period([{**OLDER, "avg_xact_count": "0"}])
    assert (traffic.transactions_per_s, traffic.avg_wait_ms) == (0, 60)


def test_between_two_answers_the_assignments_are_counted_where_they_are_told() -> None:
    before = {"database": "shop", "total_xact_count": "100", "total_wait_time": "1000"}
    after = {"database": "shop", "total_xact_count": "108", "total_wait_time": "121000"}
    (older,) = traffic_between([before], [after], 2.0)
    assert (older.transactions_per_s, older.avg_wait_ms) == (4, 15)
    counted = {"total_server_assignment_count": "7"}, {"total_server_assignment_count": "11"}
    (newer,) = traffic_between([{**before, **counted[0]}], [{**after, **counted[1]}], 2.0)
    assert newer.avg_wait_ms == 30


def test_a_wait_that_began_before_the_first_answer() -> None:
    before = {"database": "shop", "total_xact_count": "3", "total_wait_time": "0"}
    (traffic,) = traffic_between([before], [{**before, "total_wait_time": "600000"}], 1.0)
    assert (traffic.transactions_per_s, traffic.avg_wait_ms) == (0, 600)


def test_a_database_that_is_new_and_idle() -> None:
    (traffic,) = traffic_between([], [{"database": "shop", "total_xact_count": "0"}], 2.0)
    assert (traffic.transactions_per_s, traffic.avg_wait_ms, traffic.avg_query_ms) == (0, 0, 0)
