"""A directory -> a throw-away PostgreSQL server in it: create, start, stop, connection string."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pgtune.embedded.account import ServerAccount, hand_over, identity
from pgtune.embedded.directories import socket_directory
from pgtune.embedded.postmaster import LifeLine, Postmaster, read_postmaster, wait_until
from pgtune.errors import EmbeddedError, system_cause

SUPERUSER = "postgres"
LOCALHOST = "127.0.0.1"
# Chosen: crash recovery of a gigabyte of WAL takes a few seconds on a slow disk.
START_TIMEOUT_S = 60.0
# Chosen: a fast shutdown measured 0.1 s; after this the server is told to drop everything.
STOP_TIMEOUT_S = 10.0
# From PostgreSQL 17 on; the same on every machine.
BUILTIN_LOCALE = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
# Nothing here outlives the machine's next crash, so nothing waits for the disk.
THROW_AWAY_SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
    "logging_collector": "off",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """One data directory and what runs it; ``<data>.log`` and ``<data>.alive`` stand beside it.

    The caller makes sure that only one process at a time creates, starts or stops it.
    """

    data: Path
    programs: Path  # PostgreSQL's bin directory
    account: ServerAccount | None = None  # None: the user who called us

    @property
    def log(self) -> Path:
        """The server's messages since its last start."""
        return self.data.with_name(f"{self.data.name}.log")

    def exists(self) -> bool:
        """True when the data directory was made; it may be half loaded."""
        return (self.data / "PG_VERSION").exists()

    def create(self, initdb_options: Sequence[str] = BUILTIN_LOCALE) -> None:
        """Make an empty cluster: superuser ``postgres``, UTF8, and what *initdb_options* say.

        Raises:
            EmbeddedError: initdb failed.
        """
        self.data.mkdir(mode=0o700)
        hand_over(self.data, self.account)
        arguments = [
            "-D",
            str(self.data),
            "-U",
            SUPERUSER,
            "--no-sync",
            "--no-instructions",
            "--encoding=UTF8",
            *initdb_options,
        ]
        if socket_directory(self.data, self.account):
            self._run("initdb", *arguments, "--auth-local=trust", "--auth-host=reject")
            return
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(24))
        hand_over(self._password_file, self.account)
        self._run("initdb", *arguments, "--auth=scram-sha-256", f"--pwfile={self._password_file}")

    def start(self, settings: Mapping[str, str]) -> None:
        """Start the server with *settings* and return when it takes connections.

        Raises:
            EmbeddedError: it did not start; the message holds the last line of its log.
        """
        descriptor = self._take_life_line()
        try:
            self._remove_traces()
            self._write_settings(settings)
            self.log.write_bytes(b"")
            hand_over(self.log, self.account)
            # pg_ctl detaches the server: no Ctrl-C of our terminal reaches it, and no zombie is left to us.
            self._run(
                "pg_ctl", "start", "-W", "-s", "-D", str(self.data), "-l", str(self.log), inherit=descriptor
            )
        finally:
            os.close(descriptor)
        if not wait_until(lambda: self.is_ready() or not self._life_line.is_held(), START_TIMEOUT_S):
            raise EmbeddedError(
                f'embedded PostgreSQL: not ready after {START_TIMEOUT_S:.0f} s; see "{self.log}"'
            )
        if not self.is_ready():
            raise EmbeddedError(f'embedded PostgreSQL: {self._last_words()}; see "{self.log}"')

    def postmaster(self) -> Postmaster | None:
        """The postmaster that takes connections now, or None."""
        postmaster = read_postmaster(self.data)
        if postmaster is None or postmaster.status != "ready" or not postmaster.accepts():
            return None
        return postmaster

    def is_ready(self) -> bool:
        """True when the server takes connections."""
        return self.postmaster() is not None

    def is_alive(self) -> bool:
        """True while any process of the server lives, ready or not."""
        return self._life_line.is_held() or self.is_ready()

    def request_stop(self) -> None:
        """Begin a fast shutdown: sessions are ended, statistics are kept. Returns at once."""
        self._shut_down("fast")

    def stop(self) -> None:
        """Shut down and return when the last process of the server is gone."""
        self.request_stop()
        if not wait_until(lambda: not self.is_alive(), STOP_TIMEOUT_S):
            self._shut_down("immediate")
            wait_until(lambda: not self.is_alive(), STOP_TIMEOUT_S)

    def copy(self, data: Path) -> Cluster:
        """Copy the files of this stopped cluster to *data*, which must not exist, and return that cluster."""
        copied = Cluster(data, self.programs, self.account)
        shutil.copytree(self.data, data)
        for path in (data, *data.rglob("*")):
            hand_over(path, self.account)
        if self._password_file.exists():
            shutil.copy(self._password_file, copied._password_file)
            hand_over(copied._password_file, self.account)
        return copied

    def remove(self) -> None:
        """End the server at once, without the checkpoint of a shutdown, and delete its files."""
        wait_until(lambda: read_postmaster(self.data) is not None or not self.is_alive(), STOP_TIMEOUT_S)
        self._shut_down("immediate")
        wait_until(lambda: not self.is_alive(), STOP_TIMEOUT_S)
        if self.data.exists():
            shutil.rmtree(self.data)
        if sockets := socket_directory(self.data, self.account):
            shutil.rmtree(sockets)
        for file in (self.log, self._password_file, self._life_line.path):
            file.unlink(missing_ok=True)

    def rename(self, data: Path) -> Cluster:
        """Move the files of this stopped cluster to *data* and return the cluster there."""
        moved = Cluster(data, self.programs, self.account)
        if self._password_file.exists():
            self._password_file.rename(moved._password_file)
        self.data.rename(data)
        self.remove()
        return moved

    def connection(self, database: str) -> Mapping[str, str]:
        """Connection parameters by libpq's names.

        Raises:
            EmbeddedError: the server does not run.
        """
        postmaster = self.postmaster()
        if postmaster is None:
            raise EmbeddedError("embedded PostgreSQL: not running")
        parameters = {
            "host": postmaster.host,
            "port": str(postmaster.port),
            "user": SUPERUSER,
            "dbname": database,
        }
        if self._password_file.exists():
            parameters["password"] = self._password_file.read_text()
        return parameters

    def conninfo(self, database: str) -> str:
        """Connection string in libpq's keyword form.

        Raises:
            EmbeddedError: the server does not run.
        """
        from psycopg.conninfo import make_conninfo

        return make_conninfo("", **self.connection(database))

    @property
    def _life_line(self) -> LifeLine:
        return LifeLine(self.data.with_name(f"{self.data.name}.alive"))

    @property
    def _password_file(self) -> Path:
        return self.data.with_name(f"{self.data.name}.password")

    def _take_life_line(self) -> int:
        descriptor: list[int] = []

        def taken() -> bool:
            free = self._life_line.take()
            descriptor.extend(() if free is None else (free,))
            return bool(descriptor)

        # The last server may still be shutting down, or its backends noticing that the postmaster was killed.
        if not wait_until(taken, STOP_TIMEOUT_S):
            raise EmbeddedError(
                f'embedded PostgreSQL: the last server on "{self.data}" does not end; end it first'
            )
        return descriptor[0]

    def _remove_traces(self) -> None:
        """Delete the pid files of a server that was killed: their numbers may be another process's by now."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        if sockets := socket_directory(self.data, self.account):
            for file in sockets.iterdir():
                file.unlink()

    def _write_settings(self, settings: Mapping[str, str]) -> None:
        sockets = socket_directory(self.data, self.account)
        if sockets and not self._password_file.exists():
            hand_over(sockets, self.account)
            address = {"listen_addresses": "", "unix_socket_directories": str(sockets), "port": "5432"}
        else:
            address = {
                "listen_addresses": LOCALHOST,
                "unix_socket_directories": "",
                "port": str(_free_port()),
            }
        lines = [f"{name} = '{_escape(value)}'\n" for name, value in {**settings, **address}.items()]
        configuration = self.data / "postgresql.conf"
        configuration.write_text("".join(lines))
        hand_over(configuration, self.account)

    def _shut_down(self, mode: str) -> None:
        # Without a live process, the pid in postmaster.pid may be anyone's by now.
        if read_postmaster(self.data) is not None and self.is_alive():
            # It fails when the server ended by itself just now; what counts is that the server ends.
            self._call("pg_ctl", "stop", "-W", "-s", "-m", mode, "-D", str(self.data))

    def _run(self, program: str, *arguments: str, inherit: int | None = None) -> None:
        completed = self._call(program, *arguments, inherit=inherit)
        if completed.returncode != 0:
            words = (completed.stderr or "").strip().splitlines() or [self._last_words()]
            raise EmbeddedError(f"embedded PostgreSQL: {program} failed: {words[-1]}")

    def _call(
        self, program: str, *arguments: str, inherit: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the server's account, away from our terminal and directory."""
        try:
            return subprocess.run(  # noqa: S603 arguments are ours
                [self.programs / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # A server that kept our pipe open would hold its reader; its own words are in the log.
                stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
                check=False,
                cwd=self.data.anchor,
                env=program_environment(),
                pass_fds=() if inherit is None or sys.platform == "win32" else (inherit,),
                text=True,
                **identity(self.account),
            )
        except OSError as error:
            raise EmbeddedError(
                f"embedded PostgreSQL: cannot run {program}: {system_cause(error)}"
            ) from error

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        fatal = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
        return (fatal or lines or ["it ended at once"])[-1].strip()


def program_environment() -> dict[str, str]:
    """Our environment without what steers libpq, the server or its messages."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        return int(probe.getsockname()[1])
