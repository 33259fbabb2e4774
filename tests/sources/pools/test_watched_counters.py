"""Two moments apart: rates, the most sessions in between, and what a reset does to both."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from pgtune.errors import ConnectionLost
from pgtune.model.pools.counters import CounterWindow, History, Sample, SessionCounters
from pgtune.model.pools.sessions import SessionPeaks
from pgtune.sources.pools.counters import window
from pgtune.sources.pools.history import append_sample, read_history
from tests.postgres_server import PostgresServer
from tests.sources.pools.seen import execute, observation, one, settle

BEFORE = SessionCounters(
    taken_at=datetime(2026, 6, 1, tzinfo=UTC),
    reset_at=None,
    session_time_ms=10_000.0,
    active_time_ms=1_000.0,
    idle_in_transaction_time_ms=500.0,
    sessions=10,
    abandoned=1,
    fatal=2,
    killed=3,
    transactions=100,
)
AFTER = replace(
    BEFORE,
    taken_at=BEFORE.taken_at + timedelta(seconds=10),
    session_time_ms=50_000.0,
    active_time_ms=31_000.0,
    idle_in_transaction_time_ms=20_500.0,
    sessions=14,
    transactions=150,
)


def test_a_window_is_the_difference() -> None:
    found = window(BEFORE, AFTER)
    assert found == CounterWindow(10.0, 30_000.0, 20_000.0, 4, 0, 0, 0, 50)
    assert isinstance(found, CounterWindow)
    assert (found.active, found.idle_in_transaction) == (3.0, 2.0)


@pytest.mark.parametrize(
    "after", [replace(AFTER, sessions=0), replace(AFTER, reset_at=AFTER.taken_at - timedelta(seconds=1))]
)
def test_a_reset_leaves_no_window(after: SessionCounters) -> None:
    assert window(BEFORE, after) == "the server's counters were reset in between, or a database was dropped"


def test_sessions_and_their_times_are_counted(
    small_server: PostgresServer, role: str, tmp_path: Path
) -> None:
    path = tmp_path / "pool.jsonl"
    settle(small_server)
    before = observation(small_server.conninfo()).sample
    assert before is not None
    append_sample(path, _earlier(before, hours=1))
    for _ in range(6):
        with psycopg.connect(small_server.conninfo(user=role)) as connection:
            connection.execute("SELECT pg_sleep(0.05)")
            time.sleep(0.02)
            connection.execute("SELECT 1")
    settle(small_server)
    found = one(observation(small_server.conninfo(), history=path), CounterWindow)
    assert 6 <= found.sessions <= 9  # those that settle and observe come to it
    assert found.transactions >= 6
    assert found.active_time_ms >= 6 * 50
    assert found.idle_in_transaction_time_ms >= 6 * 20
    assert found.killed == found.abandoned == found.fatal == 0


def test_a_watch_has_a_window_and_a_sample_a_second(small_server: PostgresServer) -> None:
    seen = observation(small_server.conninfo(), watch_s=1.2)
    assert one(seen, CounterWindow).seconds >= 1.2
    assert one(seen, SessionPeaks).samples >= 2


def test_the_peak_of_the_samples_is_kept_after_the_sessions_are_gone(
    small_server: PostgresServer, role: str
) -> None:
    conninfo = f"{small_server.conninfo(user=role)} application_name=burst"
    held = [psycopg.connect(conninfo) for _ in range(3)]

    def close() -> None:
        for connection in held:
            connection.close()

    closing = threading.Timer(0.4, close)
    closing.start()
    seen = observation(small_server.conninfo(), watch_s=0.8)
    closing.join()
    assert one(seen, SessionPeaks).by_client[role, "burst"] == 3
    assert seen.sample is not None
    assert (role, "burst") not in {(name, application) for name, application, _, _ in seen.sample.by_client}


def test_a_reset_while_watching_is_told(small_server: PostgresServer) -> None:
    reset = threading.Timer(0.2, execute, (small_server, "SELECT pg_stat_reset()"))
    reset.start()
    seen = observation(small_server.conninfo(), watch_s=0.6)
    reset.join()
    assert "reset in between" in seen.missing[CounterWindow]


def test_a_server_that_goes_away_while_watched_is_told(private_server: PostgresServer) -> None:
    stopping = threading.Timer(0.3, private_server.shut_down)
    stopping.start()
    with pytest.raises(ConnectionLost, match="closed the connection"):
        observation(private_server.conninfo(), watch_s=5)
    stopping.join()


def _earlier(sample: Sample, **ago: float) -> Sample:
    counters = sample.counters
    assert counters is not None
    moved = replace(counters, taken_at=counters.taken_at - timedelta(**ago))
    return replace(sample, taken_at=sample.taken_at - timedelta(**ago), counters=moved)


def test_the_last_run_of_the_history_stands_in_for_watching(
    small_server: PostgresServer, tmp_path: Path
) -> None:
    path = tmp_path / "pool.jsonl"
    first = observation(small_server.conninfo(), history=path)
    assert first.missing[History] == "needs earlier runs: --history FILE"
    assert not path.exists()  # observing writes nothing
    assert first.sample is not None
    busy = replace(_earlier(first.sample, hours=1), by_client=(("app", "api", 9, 0),))
    append_sample(path, busy)
    seen = observation(small_server.conninfo(), history=path)
    assert one(seen, CounterWindow).seconds == pytest.approx(3600, abs=60)
    assert one(seen, History).samples == (busy, seen.sample)
    assert one(seen, SessionPeaks).by_client["app", "api"] == 9
    assert read_history(path, seen.server) == (busy,)


@pytest.mark.parametrize("ago", [{"seconds": 5.0}, {"days": 3.0}])
def test_a_run_of_a_moment_or_of_days_ago_makes_no_window(
    small_server: PostgresServer, tmp_path: Path, ago: dict[str, float]
) -> None:
    path = tmp_path / "pool.jsonl"
    sample = observation(small_server.conninfo()).sample
    assert sample is not None
    append_sample(path, _earlier(sample, **ago))
    seen = observation(small_server.conninfo(), history=path)
    assert "--watch 60s" in seen.missing[CounterWindow]


def test_samples_of_another_server_do_not_count(small_server: PostgresServer, tmp_path: Path) -> None:
    path = tmp_path / "pool.jsonl"
    sample = observation(small_server.conninfo()).sample
    assert sample is not None
    append_sample(path, replace(_earlier(sample, hours=1), server="another"))
    seen = observation(small_server.conninfo(), history=path)
    assert History in seen.missing
    assert CounterWindow in seen.missing
