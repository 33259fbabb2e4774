"""A real PgBouncer of the tests' own, in front of a server: a connection string in, a running pooler out.

The program is the installed one; else Debian's packages are fetched and unpacked once, which needs no root.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.postgres_server import unprivileged, wait_for

# Users of the console only, and one who is none.
ADMIN, STATS, STRANGER = "console_admin", "console_stats", "console_stranger"
PACKAGES = ("pgbouncer", "libevent-2.1-7", "libc-ares2")
# Not below the repository: the account that runs PgBouncer for root must be able to enter.
FETCHED = Path(tempfile.gettempdir()) / "pgtune-test-pgbouncer"
_START_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Program:
    """PgBouncer, and where its libraries are if not in the system."""

    path: str
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PgBouncer:
    """A pooler that runs; every role may come in without a password."""

    process: subprocess.Popen[bytes]
    host: str
    port: int
    user: str  # the server's superuser
    database: str

    @property
    def admin_dsn(self) -> str:
        return self.conninfo(database="pgbouncer", user=ADMIN)

    @property
    def stats_dsn(self) -> str:
        return self.conninfo(database="pgbouncer", user=STATS)

    def conninfo(self, *, database: str | None = None, user: str | None = None) -> str:
        """Through the pooler, to the server's database and as its superuser unless others are named."""
        return make_conninfo(
            f"host={self.host} port={self.port} connect_timeout=5",
            dbname=database or self.database,
            user=user or self.user,
        )


@contextmanager
def pgbouncer(
    server: str, *, mode: str = "transaction", roles: Sequence[str] = (), **settings: str | int
) -> Iterator[PgBouncer]:
    """Run a PgBouncer before *server*; *settings* are those of its section [pgbouncer]."""
    program = pgbouncer_program()
    target = conninfo_to_dict(server)
    with tempfile.TemporaryDirectory(prefix="pgt-bouncer-") as name:
        directory, port = Path(name), _free_port()
        directory.chmod(0o755)
        own = {
            "listen_addr": "127.0.0.1",
            "listen_port": port,
            "unix_socket_dir": "",
            "auth_type": "trust",
            "auth_file": directory / "users.txt",
            "admin_users": ADMIN,
            "stats_users": STATS,
            "pool_mode": mode,
        }
        _write(directory, target, roles, {**own, **settings})
        process = _start(program, directory)
        running = PgBouncer(process, "127.0.0.1", port, str(target["user"]), str(target["dbname"]))
        try:
            assert wait_for(lambda: _answers(running), _START_TIMEOUT_S), (directory / "log").read_text()
            yield running
        finally:
            process.kill()
            process.wait()


def _write(
    directory: Path, target: Mapping[str, object], roles: Sequence[str], settings: Mapping[str, object]
) -> None:
    users = [(str(target["user"]), target.get("password") or "")]
    users += [(role, "") for role in (ADMIN, STATS, STRANGER, *roles)]
    (directory / "users.txt").write_text("".join(f'"{user}" "{password}"\n' for user, password in users))
    lines = [f"{name} = {value}\n" for name, value in settings.items()]
    (directory / "pgbouncer.ini").write_text(
        f"[databases]\n* = host={target['host']} port={target['port']}\n[pgbouncer]\n{''.join(lines)}"
    )
    for file in ("users.txt", "pgbouncer.ini"):
        (directory / file).chmod(0o644)


def _start(program: Program, directory: Path) -> subprocess.Popen[bytes]:
    with (directory / "log").open("wb") as log:
        return subprocess.Popen(
            [program.path, str(directory / "pgbouncer.ini")],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env={**os.environ, **program.environment},
            **unprivileged(),
        )


def _answers(running: PgBouncer) -> bool:
    try:
        socket.create_connection((running.host, running.port), timeout=_START_TIMEOUT_S).close()
    except ConnectionRefusedError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pgbouncer_program() -> Program:
    """The PgBouncer to run; skips the test where there is none."""
    installed = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    return Program(installed) if installed else _fetched(FETCHED)


def _fetched(folder: Path) -> Program:
    """Debian's PgBouncer, unpacked below *folder*; skips the test where that cannot be had."""
    program = folder / "root" / "usr" / "sbin" / "pgbouncer"
    if not program.exists():
        reason = _fetch(folder)
        if reason:
            pytest.skip(f"pgbouncer is not installed, and fetching it failed: {reason}")
    libraries = next((folder / "root" / "usr" / "lib").glob("*/libevent-2.1.so.7")).parent
    return Program(str(program), {"LD_LIBRARY_PATH": str(libraries)})


def _fetch(folder: Path) -> str | None:
    """Download and unpack; return why that failed, or None."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return "no apt-get or no dpkg-deb"
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    try:
        _run(folder, "apt-get", "download", *PACKAGES)
        with tempfile.TemporaryDirectory(dir=folder) as name:
            unpacked = Path(name) / "root"
            for package in folder.glob("*.deb"):
                _run(folder, "dpkg-deb", "-x", str(package), str(unpacked))
            unpacked.rename(folder / "root")  # another worker that was faster keeps its own
    except subprocess.CalledProcessError as error:
        return str(error.stderr or error).strip().splitlines()[-1]
    except OSError:
        return None if (folder / "root").exists() else "the cache folder cannot be written"
    return None


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
