"""Running `pgtune pool-check` in a folder with a declared fleet, and what its JSON report says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.cli.program import pgtune

_OTHERS = b"""
SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Checked:
    """One run that came to a verdict."""

    code: int
    report: Mapping[str, Any]
    err: str

    @property
    def findings(self) -> Mapping[str, str]:
        """Severity by key: the rule and what it found."""
        return {
            finding["key"]: finding["severity"]
            for check in self.report["checks"]
            for finding in check["findings"]
        }

    @property
    def complaints(self) -> Mapping[str, str]:
        """The findings that are more than an info."""
        return {key: severity for key, severity in self.findings.items() if severity != "info"}

    @property
    def statuses(self) -> Mapping[str, str]:
        return {check["rule"]: check["status"] for check in self.report["checks"]}

    def check(self, rule: str) -> Mapping[str, Any]:
        """What one rule said."""
        return next(check for check in self.report["checks"] if check["rule"] == rule)

    def finding(self, rule: str) -> Mapping[str, Any]:
        """The only finding of a rule."""
        (finding,) = self.check(rule)["findings"]
        return dict(finding)


def pool_check(folder: Path, fleet: str, *options: str, conninfo: str | None = None) -> Checked:
    """Check the settings *fleet* (of pgtune.toml); without *conninfo* no server is asked."""
    (folder / "pgtune.toml").write_text(fleet)
    target = ["--no-database"] if conninfo is None else ["--dsn", conninfo]
    done = pgtune("pool-check", "--report", "json", *target, *options, cwd=folder)
    assert done.code in (0, 1), done.err
    return Checked(done.code, json.loads(done.out), done.err)


@contextmanager
def role(server: str, name: str, options: str = "", monitor: bool = False) -> Iterator[str]:
    """Connection string of a login role that is no superuser, dropped afterwards."""
    identifier = sql.Identifier(name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN ").format(identifier) + sql.SQL(options))
        if monitor:
            connection.execute(sql.SQL("GRANT pg_monitor TO {}").format(identifier))
    try:
        yield make_conninfo(server, user=name)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP ROLE {}").format(identifier))


@contextmanager
def sessions(conninfo: str, count: int, application_name: str = "") -> Iterator[Sequence[Connection]]:
    """Open sessions, idle until something is done with them."""
    with ExitStack() as stack:
        named = make_conninfo(conninfo, application_name=application_name)
        opened = [psycopg.connect(named, autocommit=True) for _ in range(count)]
        for each in opened:
            stack.callback(each.close)
        yield opened


@dataclass(slots=True)
class Seen:
    """The most sessions of clients that were there at once, our own not counted."""

    most: int = 0
    samples: int = 0
    done: threading.Event = field(default_factory=threading.Event)


@contextmanager
def counted(server: str) -> Iterator[Seen]:
    """Count sessions every few milliseconds until the block ends."""
    seen = Seen()

    def count() -> None:
        with psycopg.connect(server, autocommit=True) as connection:
            while not seen.done.is_set():
                row = connection.execute(_OTHERS).fetchone()
                assert row is not None
                seen.most, seen.samples = max(seen.most, int(str(row[0]))), seen.samples + 1
                time.sleep(0.003)

    with ThreadPoolExecutor(1) as executor:
        counting = executor.submit(count)
        try:
            yield seen
        finally:
            seen.done.set()
            counting.result()
