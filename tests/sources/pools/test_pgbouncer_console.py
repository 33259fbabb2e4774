"""The admin console of a real PgBouncer is read as it is, and what cannot be read is said in one line."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgtune.errors import ConnectError, ConnectionLost, StatementCancelled, StatementRefused
from pgtune.model.pools.declared_pooler import PoolMode
from pgtune.model.pools.pooler_state import PoolerDatabase
from pgtune.sources.pools import pgbouncer_console
from pgtune.sources.pools.pgbouncer import read_pooler
from pgtune.sources.pools.pgbouncer_console import open_console
from tests.conftest import Database
from tests.pgbouncer_server import STRANGER, PgBouncer, pgbouncer, pgbouncer_program
from tests.postgres_server import wait_for


@pytest.fixture
def bouncer(database: Database) -> Iterator[PgBouncer]:
    """In transaction mode, with a single server connection for each user and database."""
    with pgbouncer(database.conninfo, default_pool_size=1, reserve_pool_size=2, max_db_connections=7) as it:
        yield it


@contextmanager
def two_waiting(bouncer: PgBouncer) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Three clients of one server connection; yields the one that holds it in an open transaction."""
    with ExitStack() as stack:
        holder, *waiters = (stack.enter_context(psycopg.connect(bouncer.conninfo())) for _ in range(3))
        holder.execute("SELECT 1")
        for waiter in waiters:
            waiter.pgconn.send_query(b"SELECT 2")
            waiter.pgconn.flush()
        assert wait_for(lambda: read_pooler(None, bouncer.stats_dsn).pools[0].clients_waiting == 2, 5)
        yield holder
        for connection in (*waiters, holder):
            connection.close()


def test_clients_that_wait_are_seen(bouncer: PgBouncer) -> None:
    with two_waiting(bouncer):
        state = read_pooler("front", bouncer.stats_dsn, sample_s=1.0)
    (pool,) = state.pools
    assert (pool.database, pool.user) == (bouncer.database, bouncer.user)
    assert pool.mode is PoolMode.TRANSACTION
    assert (pool.clients_active, pool.clients_waiting) == (1, 2)
    assert (pool.servers_active, pool.servers) == (1, 1)
    assert pool.max_wait_s > 0.9
    assert state.always_waiting == ((bouncer.database, bouncer.user),)
    assert (state.name, state.samples) == ("front", 2)
    assert state.sampled_s >= 1.0


def test_a_queue_that_was_served_is_the_most_of_the_samples(bouncer: PgBouncer) -> None:
    with two_waiting(bouncer) as holder:
        served = threading.Timer(0.5, holder.rollback)
        served.start()
        state = read_pooler(None, bouncer.stats_dsn, sample_s=1.0)
        served.join()
    assert state.pools[0].clients_waiting == 2
    assert state.pools[0].servers == 1
    assert state.always_waiting == ()


def test_limits_mode_and_version(bouncer: PgBouncer) -> None:
    psycopg.connect(bouncer.conninfo()).close()
    state = read_pooler(None, bouncer.stats_dsn)
    assert state.name == f"127.0.0.1:{bouncer.port}"
    assert state.version == _version()
    assert state.databases == (PoolerDatabase(bouncer.database, 1, 2, 7, 1, None),)
    assert state.config["pool_mode"] == "transaction"
    assert state.config["default_pool_size"] == "1"
    assert ("max_prepared_statements" in state.config) == (state.version >= (1, 21, 0))
    assert state.samples == 1
    assert state.sampled_s == 0.0


def _version() -> tuple[int, ...]:
    program = pgbouncer_program()
    answer = subprocess.run(
        [program.path, "--version"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **program.environment},
    )
    found = re.match(r"PgBouncer (\d+)\.(\d+)\.(\d+)", answer.stdout)
    assert found is not None
    return tuple(map(int, found.groups()))


def test_traffic_while_sampling(bouncer: PgBouncer) -> None:
    def work() -> None:
        with psycopg.connect(bouncer.conninfo(), autocommit=True, prepare_threshold=None) as client:
            for _ in range(20):
                client.execute("SELECT pg_sleep(0.01)")

    worker = threading.Timer(0.2, work)
    worker.start()
    state = read_pooler(None, bouncer.stats_dsn, sample_s=1.5)
    worker.join()
    (traffic,) = state.traffic
    assert traffic.database == bouncer.database
    assert 20 / 2.5 < traffic.transactions_per_s < 21 / 1.5
    assert 10 <= traffic.avg_transaction_ms < 100
    assert 10 <= traffic.avg_query_ms < 100


def test_waiting_counts_when_it_is_over(bouncer: PgBouncer) -> None:
    with two_waiting(bouncer) as holder:
        served = threading.Timer(0.3, holder.rollback)
        served.start()
        state = read_pooler(None, bouncer.stats_dsn, sample_s=1.0)
        served.join()
    assert state.traffic[0].avg_wait_ms > 200


def test_one_connection_answers_again_and_again(bouncer: PgBouncer) -> None:
    with open_console(bouncer.stats_dsn) as console:
        for _ in range(10):
            assert console.show("POOLS")


def test_the_database_of_the_connection_string_does_not_matter(
    bouncer: PgBouncer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=1MB")
    monkeypatch.setenv("PGTARGETSESSIONATTRS", "read-write")
    dsn = make_conninfo(bouncer.stats_dsn, dbname=bouncer.database)
    assert read_pooler(None, dsn).version == _version()


def test_nothing_of_the_authentication_is_kept(database: Database) -> None:
    with pgbouncer(database.conninfo, auth_query="SELECT 'topsecret'") as bouncer:
        state = read_pooler(None, bouncer.admin_dsn)
    assert "topsecret" not in repr(state)
    assert "auth_file" not in state.config


def test_a_role_that_may_not_use_the_console(bouncer: PgBouncer) -> None:
    with pytest.raises(StatementRefused) as refused:
        read_pooler(None, make_conninfo(bouncer.stats_dsn, user=STRANGER, password="hidden"))
    assert str(refused.value) == (
        f'PgBouncer at 127.0.0.1:{bouncer.port}: role "{STRANGER}" may not use the console; '
        "add it to stats_users in pgbouncer.ini"
    )


def test_a_command_that_the_console_does_not_know(bouncer: PgBouncer) -> None:
    with open_console(bouncer.stats_dsn) as console:
        with pytest.raises(StatementRefused, match=r"SHOW NOTHING refused: .*invalid command"):
            console.show("NOTHING")
        assert console.show("POOLS")


def test_a_wrong_password_is_not_repeated(database: Database) -> None:
    with (
        pgbouncer(database.conninfo, auth_type="md5") as bouncer,
        pytest.raises(ConnectError, match=r"password for user .* was not accepted") as refused,
    ):
        read_pooler(None, make_conninfo(bouncer.stats_dsn, password="wrongsecret"))
    assert "wrongsecret" not in str(refused.value)


@pytest.mark.parametrize("named", ["database", "role"])
def test_a_postgresql_server_given_by_mistake(database: Database, named: str) -> None:
    user = {"user": "no_such_role"} if named == "role" else {}
    with pytest.raises(ConnectError, match="a PostgreSQL server answers there; give the host and port of"):
        read_pooler(None, make_conninfo(database.conninfo, **user))


def test_a_postgresql_server_with_a_database_of_that_name(database: Database) -> None:
    database.execute("CREATE DATABASE pgbouncer")
    try:
        with pytest.raises(ConnectError, match="a PostgreSQL server answers there"):
            read_pooler(None, database.conninfo)
    finally:
        database.execute("DROP DATABASE pgbouncer WITH (FORCE)")


def test_a_pooler_that_does_not_run(bouncer: PgBouncer) -> None:
    bouncer.process.kill()
    bouncer.process.wait()
    with pytest.raises(ConnectError, match=f"127.0.0.1:{bouncer.port} does not accept connections"):
        read_pooler(None, bouncer.stats_dsn)


def test_a_pooler_that_hangs(bouncer: PgBouncer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pgbouncer_console, "ANSWER_TIMEOUT_S", 0.3)
    with open_console(bouncer.stats_dsn) as console:
        bouncer.process.send_signal(signal.SIGSTOP)
        with pytest.raises(StatementCancelled, match=r"no answer to SHOW POOLS within 0.3 s"):
            console.show("POOLS")


def test_a_pooler_that_ends_meanwhile(bouncer: PgBouncer) -> None:
    with open_console(bouncer.stats_dsn) as console:
        bouncer.process.kill()
        bouncer.process.wait()
        with pytest.raises(ConnectionLost, match=r"closed the connection: .*; see its log, then try again"):
            console.show("POOLS")


def test_a_pooler_without_room_for_clients_still_tells_of_itself(database: Database) -> None:
    with pgbouncer(database.conninfo, max_client_conn=1) as bouncer, psycopg.connect(bouncer.conninfo()):
        with pytest.raises(psycopg.OperationalError, match="no more connections allowed"):
            psycopg.connect(bouncer.conninfo())
        (pool,) = read_pooler(None, bouncer.stats_dsn).pools
    assert pool.clients_active == 1
