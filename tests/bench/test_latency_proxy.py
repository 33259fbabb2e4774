"""The proxy adds its delay to each round trip, and lets through as much as the server sends."""

from __future__ import annotations

import time

import psycopg

from tests.bench.latency_proxy import delayed
from tests.conftest import Database

ONE_WAY_S = 0.02
ROUND_TRIPS = 5
FAR_ONE_WAY_S = 0.1
MANY_BYTES = 50_000_000  # at one chunk for each delay they would take 20 s


def test_each_round_trip_takes_the_delay_twice(database: Database) -> None:
    with delayed(database.conninfo, ONE_WAY_S) as far, psycopg.connect(far, autocommit=True) as connection:
        begin_s = time.perf_counter()
        for number in range(ROUND_TRIPS):
            assert connection.execute(b"SELECT %s", [number]).fetchone() == (number,)
        assert time.perf_counter() - begin_s >= ROUND_TRIPS * 2 * ONE_WAY_S


def test_the_delay_does_not_limit_how_much_is_sent(database: Database) -> None:
    with delayed(database.conninfo, FAR_ONE_WAY_S) as far, psycopg.connect(far) as connection:
        begin_s = time.perf_counter()
        row = connection.execute(f"SELECT repeat('x', {MANY_BYTES})".encode()).fetchone()
        elapsed_s = time.perf_counter() - begin_s
    assert row is not None
    assert len(str(row[0])) == MANY_BYTES
    assert elapsed_s < 10


def test_both_ends_close(database: Database) -> None:
    with delayed(database.conninfo, 0.0) as far:
        with psycopg.connect(far, application_name="far"):
            pass
        left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'far'"
        deadline_s = time.monotonic() + 10
        while database.scalar(left) and time.monotonic() < deadline_s:
            time.sleep(0.02)
        assert database.scalar(left) == 0
