"""A size in, a server log or a seed script of that size out: every entry is a statement of an application."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

SESSIONS = 20  # that run at the same time, so that their entries are mixed
TURNS = 25  # lookups and inserts of one request
SEED = 1
BEGIN = datetime(2026, 11, 21, 3, tzinfo=UTC)
STATEMENT_MS = 0.412
COLUMNS = ", ".join(f'"users"."{name}"' for name in ("id", "name", "email", "created_at", "shop_id"))


@dataclass(frozen=True, slots=True)
class Logged:
    """One statement that a session ran."""

    at: str  # "2026-11-21 03:00:00.123 UTC"
    pid: int
    text: str
    detail: str = ""  # "Parameters: $1 = '42'"; a statement without it went through the simple protocol

    @property
    def message(self) -> str:
        how = "execute <unnamed>" if self.detail else "statement"
        return f"duration: {STATEMENT_MS} ms  {how}: {self.text}"


def logged_statements() -> Iterator[Logged]:
    """Yield what sessions run: half of them send literals, half send parameters."""
    chance = random.Random(SEED)
    sessions = [_requests(number, chance) for number in range(SESSIONS)]
    at = BEGIN
    while True:
        number = chance.randrange(SESSIONS)
        text, detail = next(sessions[number])
        at += timedelta(microseconds=200)
        yield Logged(f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} UTC", 4000 + number, text, detail)


def _requests(number: int, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Yield the statements of a session, (text, detail): a query, lookups that follow it, and inserts."""
    while True:
        customer = chance.randrange(10_000)
        yield (
            f"SELECT o.id, o.user_id FROM orders o WHERE o.customer_id = {customer} AND o.status = 'new'",
            "",
        )
        for _ in range(TURNS):
            key = chance.randrange(1_000_000)
            if number % 2:
                yield f'SELECT {COLUMNS} FROM "users" WHERE "users"."id" = {key} LIMIT 1', ""
            else:
                yield f'SELECT {COLUMNS} FROM "users" WHERE "users"."id" = $1', f"Parameters: $1 = '{key}'"
        for _ in range(TURNS):
            key = chance.randrange(1_000_000)
            if number % 2:
                yield (
                    f"INSERT INTO audit_log (user_id, at, what) VALUES ({key}, now(), 'sees order {key}')",
                    "",
                )
            else:
                text = "INSERT INTO audit_log (user_id, at, what) VALUES ($1, now(), $2)"
                yield text, f"Parameters: $1 = '{key}', $2 = 'sees order {key}'"


def _write_stderr(logged: Logged, file: TextIO) -> None:
    prefix = f"{logged.at} [{logged.pid}]"
    file.write(f"{prefix} LOG:  {logged.message}\n")
    if logged.detail:
        file.write(f"{prefix} DETAIL:  {logged.detail}\n")


def _write_csv(logged: Logged, file: TextIO) -> None:
    message = logged.message.replace('"', '""')
    detail = f'"{logged.detail}"' if logged.detail else ""
    file.write(
        f'{logged.at},"app","shop",{logged.pid},"127.0.0.1:50000",6920a1b2.{logged.pid:x},12,"SELECT",'
        f'{logged.at},3/118,0,LOG,00000,"{message}",{detail},,,,,,,,"app","client backend",,0\n'
    )


def _write_json(logged: Logged, file: TextIO) -> None:
    record = {
        "timestamp": logged.at,
        "user": "app",
        "dbname": "shop",
        "pid": logged.pid,
        "session_id": f"6920a1b2.{logged.pid:x}",
        "vxid": "3/118",
        "txid": 0,
        "error_severity": "LOG",
        "message": logged.message,
        **({"detail": logged.detail} if logged.detail else {}),
        "application_name": "app",
        "backend_type": "client backend",
        "query_id": 0,
    }
    file.write(json.dumps(record, separators=(",", ":")) + "\n")


FORMATS: dict[str, Callable[[Logged, TextIO], None]] = {
    "log": _write_stderr,
    "csv": _write_csv,
    "json": _write_json,
}


def write_log(path: Path, size_bytes: int) -> None:
    """Write a log of about *size_bytes* in the format that the ending of *path* names."""
    write = FORMATS[path.suffix[1:]]
    with path.open("w", encoding="utf-8") as file:
        for logged in logged_statements():
            if file.tell() >= size_bytes:
                return
            write(logged, file)


def write_script(path: Path, size_bytes: int) -> None:
    """Write INSERTs of one row each, about *size_bytes* of them."""
    chance = random.Random(SEED)
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < size_bytes:
            key = chance.randrange(1_000_000)
            file.write(
                "INSERT INTO audit_log (id, user_id, price, at, what) "
                f"VALUES ({file.tell()}, {key}, {key / 100}, '2026-11-21 03:00:00', 'sees order {key}');\n"
            )
