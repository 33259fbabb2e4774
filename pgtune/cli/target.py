"""Which server to ask: the one that was configured, else the embedded PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pgtune.model.pool_settings import PoolSettings

if TYPE_CHECKING:
    from pgtune.sources.postgres import Server

OnNotice = Callable[[str], None]
OnProgress = Callable[[str, float], None]
# Any of these means that libpq knows where to go.
_LIBPQ_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE", "PGPORT", "PGUSER")


@dataclass(frozen=True, slots=True)
class Target:
    """``dsn`` None with ``embedded`` False means libpq's own environment."""

    dsn: str | None
    embedded: bool


def choose_target(
    dsn: str | None, project_dsn: str | None, environment: Mapping[str, str] = os.environ
) -> Target:
    """The flag, PGTUNE_DSN, DATABASE_URL, the project's setting, libpq's variables, or the embedded one."""
    chosen = dsn or environment.get("PGTUNE_DSN") or environment.get("DATABASE_URL") or project_dsn
    if chosen:
        return Target(chosen, embedded=False)
    return Target(None, embedded=not any(environment.get(name) for name in _LIBPQ_VARIABLES))


@contextmanager
def open_target(
    target: Target, pool: PoolSettings, on_notice: OnNotice, on_progress: OnProgress
) -> Iterator[tuple[Server, str]]:
    """Yield the server and what to call it: "PostgreSQL 18.6 (embedded)".

    Raises:
        ServerError: it cannot be reached, or the embedded one not be started.
    """
    from pgtune.sources.postgres import (
        open_server,
    )  # psycopg takes 0.15 s to import, and plans need no server

    with running_dsn(target, on_notice, on_progress) as dsn, open_server(dsn, pool, on_notice) as server:
        yield server, target_label(target, server.version_num)


@contextmanager
def running_dsn(target: Target, on_notice: OnNotice, on_progress: OnProgress) -> Iterator[str | None]:
    """Yield the connection string of the target, whose server is started if it is the embedded one.

    Raises:
        EmbeddedError: the embedded server cannot be made or started.
    """
    if not target.embedded:
        yield target.dsn
        return
    from pgtune.embedded.sample import running_sample

    on_notice("no database configured: using the embedded PostgreSQL with the sample schema")
    with running_sample(on_progress) as dsn:
        yield dsn


def target_label(target: Target, version_num: int) -> str:
    """What to call the server: "PostgreSQL 18.6 (embedded)"."""
    return f"PostgreSQL {format_version(version_num)}{' (embedded)' if target.embedded else ''}"


def format_version(version_num: int) -> str:
    """18.6 for 180006, 9.6.24 for 90624."""
    if version_num >= 100000:
        return f"{version_num // 10000}.{version_num % 10000}"
    return f"{version_num // 10000}.{version_num // 100 % 100}.{version_num % 100}"
