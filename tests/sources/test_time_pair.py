"""A query and its replacement run in turns on a database, and what cannot be run says why."""

from __future__ import annotations

import re

from psycopg.conninfo import make_conninfo

from pgtune.model.workload import Query
from pgtune.sources.time_pair import time_pair
from tests.conftest import Database

SLOW = "SELECT id FROM orders WHERE user_id + 0 = $1"
FAST = "SELECT id FROM orders WHERE id = $1"
STATE = "SELECT (SELECT sum(total) FROM orders), (SELECT count(*) FROM users)"


def query(text: str, *values: str | None) -> Query:
    return Query(0, "of_user.sql", text, "f", values)


def test_the_blocks_and_times_are_those_of_each(database: Database) -> None:
    times = time_pair(database.conninfo, query(SLOW, "8"), FAST, 60_000)
    assert times.reason == ""
    assert times.before_blocks == database.scalar("SELECT pg_relation_size('orders') / 8192")
    assert times.after_blocks == 3  # the index's root and leaf, and the row's
    assert times.before_ms > times.after_ms > 0


def test_which_of_the_two_ran_too_long_is_told(database: Database) -> None:
    endless = "SELECT count(*) FROM orders, orders AS b, orders AS c"
    quick = "SELECT count(*) FROM users"
    assert time_pair(database.conninfo, query(quick), endless, 100).reason == "the replacement: over 0.1 s"
    reason = time_pair(database.conninfo, query(endless), quick, 100).reason
    assert re.fullmatch(r"the original: over 0\.1 s; the replacement: [0-9.]+ ms", reason)
    assert time_pair(database.conninfo, query(endless), endless, 100).reason == (
        "the original: over 0.1 s; the replacement: over 0.1 s"
    )


def test_what_writes_is_not_run(database: Database) -> None:
    before = database.scalar(STATE)
    writing = "DELETE FROM orders WHERE id = $1"
    assert time_pair(database.conninfo, query(writing, "1"), FAST, 1000).reason == "the original: it writes"
    assert (
        time_pair(database.conninfo, query(FAST, "1"), writing, 1000).reason == "the replacement: it writes"
    )
    assert database.scalar(STATE) == before


def test_what_the_server_refuses_is_a_reason(database: Database, server: str) -> None:
    times = time_pair(database.conninfo, query(FAST, "1"), "SELECT total / 0 FROM orders WHERE id = $1", 1000)
    assert times.reason == "the replacement: division by zero"
    times = time_pair(make_conninfo(server, dbname="postgres"), query(FAST, "1"), FAST, 1000)
    assert times.reason == 'the original: relation "orders" does not exist'


def test_without_values_nothing_is_run(database: Database) -> None:
    unknown = Query(0, "of_user.sql", FAST, "f", None)
    assert time_pair(database.conninfo, unknown, FAST, 1000).reason == (
        "the original: its parameters have no values"
    )


def test_a_server_that_is_not_there_is_a_reason() -> None:
    assert "/nowhere" in time_pair("host=/nowhere dbname=x", query(FAST, "1"), FAST, 1000).reason
