"""Everything works through PgBouncer in transaction mode, and nothing leaks to the next client."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from pgtune.errors import ConnectError, StatementCancelled, StatementError
from pgtune.model.names import RelationName
from pgtune.sources.explain_options import ExplainOptions
from pgtune.sources.postgres import open_server
from tests.conftest import Database
from tests.postgres_server import unprivileged, wait_for

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="pgbouncer is not installed")


@pytest.fixture
def readable_path() -> Iterator[Path]:
    """A directory that the pooler can read, which does not run as root."""
    with tempfile.TemporaryDirectory(prefix="pgt-bouncer-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


@pytest.fixture
def bouncer(database: Database, readable_path: Path) -> Iterator[str]:
    """Connection string through a pooler with a single server connection."""
    assert PGBOUNCER is not None
    target = conninfo_to_dict(database.conninfo)
    if target.get("password"):
        pytest.skip("the pooler of this test has no password for PGTUNE_TEST_DSN")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = readable_path / "pgbouncer.ini"
    users = readable_path / "users.txt"
    users.write_text(f'"{target["user"]}" ""\n')
    config.write_text(
        f"[databases]\n{database.name} = host={target['host']} port={target['port']} user={target['user']}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = trust\nauth_file = {users}\npool_mode = transaction\ndefault_pool_size = 1\n"
    )
    process = subprocess.Popen(
        [PGBOUNCER, str(config)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        **unprivileged(),
    )
    conninfo = f"host=127.0.0.1 port={port} dbname={database.name} user={target['user']}"
    try:
        assert wait_for(lambda: _answers(conninfo), timeout_s=10)
        yield conninfo
    finally:
        process.kill()
        process.wait()


def _answers(conninfo: str) -> bool:
    try:
        psycopg.connect(conninfo, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def test_statements_are_explained_again_and_again(bouncer: str) -> None:
    with open_server(bouncer) as server, open_server(bouncer) as other:
        for _ in range(6):  # two clients take turns on one server connection
            for client in (server, other):
                assert client.explain("SELECT * FROM orders WHERE user_id = $1", ["8"]).executed
        if server.version_num >= 160000:
            generic = server.explain(
                "SELECT * FROM users WHERE id = $1", options=ExplainOptions(generic_plan=True)
            )
            assert "$1" in generic.json_text
        assert server.explain("DELETE FROM orders", options=ExplainOptions(allow_writes=True)).executed
        assert server.catalog([RelationName("public", "orders")]).relations


def test_no_setting_leaks_to_the_next_client(bouncer: str) -> None:
    with open_server(bouncer) as server:
        server.explain("SELECT 1", options=ExplainOptions(timeout_ms=1234, settings={"work_mem": "77kB"}))
        with pytest.raises(StatementCancelled):
            server.explain("SELECT pg_sleep(9)", options=ExplainOptions(timeout_ms=50))
        with psycopg.connect(bouncer, autocommit=True, prepare_threshold=None) as next_client:
            shown = next_client.execute(
                "SELECT current_setting('work_mem'), current_setting('statement_timeout'),"
                " current_setting('transaction_read_only')"
            ).fetchone()
    assert shown == ("4MB", "0", "off")


@pytest.mark.parametrize("options", [ExplainOptions(), ExplainOptions(generic_plan=True)])
def test_two_statements_are_refused_there_too(
    database: Database, bouncer: str, options: ExplainOptions
) -> None:
    with open_server(bouncer) as server, pytest.raises(StatementError):
        server.explain("SELECT 1; COMMIT; BEGIN READ WRITE; DELETE FROM orders; COMMIT", options=options)
    assert database.scalar("SELECT count(*) FROM orders") == 10_000


def test_an_unknown_database_is_named_by_the_pooler(bouncer: str) -> None:
    with (
        pytest.raises(ConnectError, match='database "no_such" does not exist'),
        open_server(bouncer + " dbname=no_such"),
    ):
        pass
