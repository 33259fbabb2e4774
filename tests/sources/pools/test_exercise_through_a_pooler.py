"""Behind PgBouncer the pool is loaded all the same; what cannot be seen there is not said to be in order."""

from __future__ import annotations

import threading
from dataclasses import replace

from pgtune.model.pool_settings import PoolSettings
from pgtune.model.pools.exercise import Exercise
from pgtune.sources.pools.exercise import exercise
from pgtune.sources.pools.exercise_plan import ExercisePlan, plan_own
from tests.conftest import Database
from tests.pgbouncer_server import pgbouncer

PLAN = replace(plan_own(PoolSettings(), seconds=1.0, free_slots=30), max_idle_s=30.0)


def exercised(conninfo: str, plan: ExercisePlan = PLAN) -> Exercise:
    return exercise(conninfo, plan, lambda _doing, _fraction: None)


def test_no_backend_is_ended_and_none_is_counted_as_left_open(database: Database) -> None:
    backends = (
        f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database.name}' AND pid <> pg_backend_pid()"
    )
    with pgbouncer(database.conninfo, default_pool_size=2) as pooler:
        seen = exercised(pooler.conninfo())
        assert database.scalar(backends) == 2  # the pooler's own, none of them ended
    assert [load.workers for load in seen.loads] == [4, 8]
    assert seen.exhausted_after_s is not None
    assert (seen.dead_handed_out, seen.recovered_ms, seen.left_open, seen.most_used) == (None,) * 4
    assert any("behind a connection pooler" in sentence for sentence in seen.left_out)
    assert any("the pooler keeps its server connections" in sentence for sentence in seen.left_out)


def test_a_pooler_without_a_free_server_connection_does_not_stop_the_run(database: Database) -> None:
    threads = set(threading.enumerate())
    with pgbouncer(database.conninfo, mode="session", default_pool_size=2, query_wait_timeout=60) as pooler:
        for check in (True, False):
            seen = exercised(pooler.conninfo(), replace(PLAN, check=check))
            assert seen.left_open is None
            assert seen.loads[0].starved > 0
            assert any("never got a connection that answered" in sentence for sentence in seen.left_out)
    assert set(threading.enumerate()) == threads
