"""PgBouncer in between is noticed, with the way it shares sessions, and everything works through it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from pgtune.model.pools.counters import CounterWindow
from pgtune.model.pools.server_facts import Route
from pgtune.model.pools.sessions import Sessions
from pgtune.model.pools.slots import Refusal, RefusedSession
from tests.postgres_server import PostgresServer, unprivileged, wait_for
from tests.sources.pools.seen import observation, one, settle

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="pgbouncer is not installed")


@contextmanager
def _pooler(server: PostgresServer, user: str, settings: Mapping[str, str]) -> Iterator[str]:
    """Connection string through a PgBouncer with *settings*."""
    assert PGBOUNCER is not None
    with socket.socket() as free, tempfile.TemporaryDirectory(prefix="pgt-observe-") as name:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        directory = Path(name)
        directory.chmod(0o755)
        (directory / "users.txt").write_text('"postgres" ""\n')
        given = "".join(f"{key} = {value}\n" for key, value in settings.items())
        (directory / "pgbouncer.ini").write_text(
            f"[databases]\npostgres = host={server.directory} port=5432 user={user}\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\n"
            f"auth_file = {directory}/users.txt\n{given}"
        )
        process = subprocess.Popen(
            [PGBOUNCER, str(directory / "pgbouncer.ini")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            **unprivileged(),
        )
        try:
            assert wait_for(lambda: _listens(port), timeout_s=10)
            yield f"host=127.0.0.1 port={port} dbname=postgres user=postgres"
        finally:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def test_a_pool_by_transaction_shares_sessions(small_server: PostgresServer) -> None:
    with (
        psycopg.connect(small_server.conninfo()) as direct,
        _pooler(small_server, "postgres", {"pool_mode": "transaction"}) as conninfo,
    ):
        seen = observation(conninfo, watch_s=0.1)
        assert direct.info.backend_pid in {each.pid for each in one(seen, Sessions).all}
    route = one(seen, Route)
    assert route.is_pooled
    assert route.is_shared_by_transaction
    one(seen, CounterWindow)
    assert seen.server == observation(small_server.conninfo()).server


def test_what_the_backend_was_before_we_came_is_told(small_server: PostgresServer) -> None:
    with _pooler(small_server, "postgres", {"pool_mode": "transaction"}) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as earlier:
            earlier.execute("SELECT pg_sleep(0.3)")
        assert one(observation(conninfo), Route).backend_age_at_connect_s > 0.2


def test_a_pool_by_session_keeps_them_apart(small_server: PostgresServer) -> None:
    with _pooler(small_server, "postgres", {"pool_mode": "session"}) as conninfo:
        route = one(observation(conninfo), Route)
    assert route.is_pooled
    assert route.is_shared_by_transaction is False


def test_a_pool_without_a_second_connection_leaves_it_open(small_server: PostgresServer) -> None:
    settings = {"pool_mode": "session", "default_pool_size": "1"}
    with _pooler(small_server, "postgres", settings) as conninfo:
        assert one(observation(conninfo), Route).is_shared_by_transaction is None


def test_the_poolers_own_limit(small_server: PostgresServer) -> None:
    with (
        _pooler(small_server, "postgres", {"max_client_conn": "1"}) as conninfo,
        psycopg.connect(conninfo),
    ):
        assert one(observation(conninfo), RefusedSession) == RefusedSession(
            Refusal.POOLER, "no more connections allowed (max_client_conn)"
        )


def test_a_server_without_slots_behind_a_pooler(small_server: PostgresServer, role: str) -> None:
    settle(small_server)
    with ExitStack() as held, _pooler(small_server, role, {"pool_mode": "transaction"}) as conninfo:
        with suppress(psycopg.OperationalError):
            while True:
                held.enter_context(psycopg.connect(small_server.conninfo(user=role)))
        assert one(observation(conninfo), RefusedSession).refusal is Refusal.RESERVED
