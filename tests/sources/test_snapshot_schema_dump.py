"""pg_dump is found, matched to the server, given its password unseen, and its failures are one line each."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgtune.errors import ConnectError, ServerError, StatementRefused, UsageError
from pgtune.sources.connection_parameters import connection_parameters, libpq_environment
from pgtune.sources.postgres import open_server
from pgtune.sources.schema_dump import dump_schema, require_pg_dump
from pgtune.sources.session_pooling import refuse_shared_sessions
from tests.cli.program import environment
from tests.conftest import Database
from tests.postgres_server import SCRAM_ROLE, PostgresServer, embedded_binaries, wait_for

SECRET = "s3cr3t p@ss/w%rd"


@pytest.fixture
def programs() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pgtune-programs-") as name:
        yield Path(name)


def fake_pg_dump(programs: Path, script: str) -> None:
    """A pg_dump of PostgreSQL 18 that does what *script* says when it is to dump."""
    file = programs / "pg_dump"
    file.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo "pg_dump (PostgreSQL) 18.6" && exit\n{script}\n'
    )
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def test_a_directory_without_pg_dump_is_refused(programs: Path) -> None:
    with pytest.raises(
        UsageError, match=r"pg_dump: no such file or directory; give --postgres-bin"
    ) as caught:
        require_pg_dump(programs, 180000)
    assert caught.value.exit_code == 2


def test_a_pg_dump_that_does_not_run_is_refused(programs: Path) -> None:
    (programs / "pg_dump").write_text("#!/bin/sh\necho 'libpq.so.5: not found' >&2; exit 127\n")
    (programs / "pg_dump").chmod(0o755)
    with pytest.raises(UsageError, match=r"does not run \(libpq.so.5: not found\)"):
        require_pg_dump(programs, 180000)


def test_a_server_newer_than_pg_dump_is_refused() -> None:
    with pytest.raises(
        StatementRefused, match=r"does not read a server of version 19; give --postgres-bin .* 19"
    ):
        require_pg_dump(embedded_binaries(), 190000)


@pytest.mark.parametrize(
    ("script", "kind", "message"),
    [
        (
            "echo 'pg_dump: error: query failed: ERROR:  permission denied for table t' >&2; exit 1",
            StatementRefused,
            "pg_dump: permission denied for table t; grant it, or connect as another role",
        ),
        (
            "echo 'pg_dump: error: connection to server on socket \"x\" failed: FATAL:  no' >&2; exit 1",
            ConnectError,
            'pg_dump: connection to server on socket "x" failed: FATAL:  no; check the connection string',
        ),
        (
            "echo 'it broke' >&2; exit 3",
            ServerError,
            "pg_dump: it broke; see the server's log, then try again",
        ),
        ("exit 3", ServerError, "pg_dump: no message; see the server's log, then try again"),
    ],
)
def test_failures_of_pg_dump_are_one_line(
    programs: Path, script: str, kind: type[ServerError], message: str
) -> None:
    fake_pg_dump(programs, script)
    with pytest.raises(kind) as caught:
        dump_schema(programs, {"host": "h"})
    assert str(caught.value) == message


def test_a_password_in_pg_dumps_words_is_masked(programs: Path) -> None:
    fake_pg_dump(programs, 'echo "pg_dump: error: tried $PGPASSWORD" >&2; exit 1')
    with pytest.raises(ServerError) as caught:
        dump_schema(programs, {"password": SECRET})
    assert str(caught.value).startswith("pg_dump: tried ***; ")


def test_the_password_reaches_pg_dump_but_no_command_line(
    private_server: PostgresServer, programs: Path
) -> None:
    with psycopg.connect(private_server.conninfo(), autocommit=True) as connection:
        connection.execute(
            f"CREATE ROLE {SCRAM_ROLE} LOGIN PASSWORD '{SECRET}'; CREATE TABLE t (n int)".encode()
        )
        connection.execute(f"GRANT SELECT ON t TO {SCRAM_ROLE}".encode())
    real, seen = embedded_binaries() / "pg_dump", programs / "seen"
    fake_pg_dump(programs, f'tr "\\0" " " < /proc/$$/cmdline > {seen}; exec {real} "$@"')
    conninfo = make_conninfo(private_server.conninfo(user=SCRAM_ROLE), password=SECRET)
    with open_server(conninfo) as server:
        assert 'CREATE TABLE "public"."t"' in "\n".join(server.snapshot(programs).ddl)
    assert "--schema-only" in seen.read_text()
    assert SECRET not in seen.read_text()
    assert str(private_server.directory) not in seen.read_text()


def test_pg_dump_goes_to_the_server_that_answered_not_where_the_environment_says(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(database.conninfo, options="-c work_mem=64kB") as connection:
        for name in ("PGHOST", "PGDATABASE", "PGUSER", "PGSERVICE", "PGOPTIONS"):
            monkeypatch.setenv(name, "nowhere")
        given = libpq_environment(connection_parameters(connection))
    assert given["PGDATABASE"] == database.name
    assert given["PGOPTIONS"] == "-c work_mem=64kB"
    assert "PGSERVICE" not in given
    assert "nowhere" not in given.values()


def test_what_a_service_says_reaches_pg_dump(
    database: Database, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = programs / "services"
    services.write_text("[shop]\n" + database.conninfo.replace(" ", "\n") + "\n")
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    with open_server("service=shop") as server:
        assert any("orders" in statement for statement in server.snapshot(embedded_binaries()).ddl)


def test_an_interrupt_ends_pg_dump(database: Database, programs: Path) -> None:
    pid_file = programs / "pid"
    fake_pg_dump(programs, f"echo $$ > {pid_file}.new; mv {pid_file}.new {pid_file}; exec sleep 60")
    command = [
        "snapshot",
        "--dsn",
        database.conninfo,
        "--postgres-bin",
        str(programs),
        "--out",
        str(programs / "s"),
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "pgtune", *command], env=environment(), stderr=subprocess.PIPE
    )
    with process:
        assert wait_for(pid_file.exists, timeout_s=20)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert not Path("/proc", pid_file.read_text().strip()).exists()
    assert not (programs / "s").exists()


def test_a_shared_session_is_refused_and_a_proxied_one_is_not(database: Database) -> None:
    with psycopg.connect(database.conninfo) as connection:
        parameters = connection_parameters(connection)
        pid = connection.info.backend_pid
    refuse_shared_sessions(pid, pid, {"host": "never-asked", "port": "1"})
    refuse_shared_sessions(pid + 1, pid, parameters)  # the option arrives: the session is our own
    refusing = {**parameters, "options": "-c no_such_setting=1"}  # as PgBouncer does with any option
    with pytest.raises(StatementRefused, match="a connection pooler shares its sessions"):
        refuse_shared_sessions(pid + 1, pid, refusing)


def test_the_environment_of_others_is_kept() -> None:
    assert libpq_environment({})["PATH"] == os.environ["PATH"]
