"""A server that writes its log in three formats at once, and what one program left in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.n_plus_one.shop_schema import SCHEMA
from tests.postgres_server import PostgresServer, running_server, wait_for

ENDINGS = ("log", "csv", "json")
_SETTINGS = {
    "logging_collector": "on",
    "log_destination": "'stderr,csvlog,jsonlog'",
    "log_directory": "'logs'",
    "log_filename": "'shop.log'",
    "log_line_prefix": "'%m [%p] '",
    "log_min_duration_statement": "0",
}
_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class LoggingServer:
    """Runs programs and returns what the server logged of each."""

    server: PostgresServer

    def lines_of(self, program: Callable[[str], None], **settings: str) -> Mapping[str, list[str]]:
        """Run *program* on fresh tables; return {"log": lines, "csv": ..., "json": ...} of its sessions.

        *settings* are for its sessions: log_statement="all".
        """
        dsn = self.server.conninfo("shop")
        with psycopg.connect(self.server.conninfo(), autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS shop WITH (FORCE)")
            connection.execute("CREATE DATABASE shop")
            for name, value in settings.items():
                connection.execute(f"ALTER DATABASE shop SET {name} = '{value}'".encode())
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(SCHEMA.encode())
        starts = {ending: self._mark(ending, "begins") for ending in ENDINGS}
        program(dsn)
        ends = {ending: self._mark(ending, "ends") for ending in ENDINGS}
        return {
            ending: self._text(ending)[starts[ending] : ends[ending]].splitlines(True) for ending in ENDINGS
        }

    def _mark(self, ending: str, what: str) -> int:
        """Have a line logged, and return the length of the log up to it."""
        mark = f"the program {what} {self._path(ending).stat().st_size}"
        with psycopg.connect(self.server.conninfo()) as connection:
            connection.execute(f"SELECT '{mark}'".encode())
        assert wait_for(lambda: mark in self._text(ending), _WAIT_S)
        text = self._text(ending)
        return text.rindex("\n", 0, text.index(mark)) + 1

    def _text(self, ending: str) -> str:
        return self._path(ending).read_text(encoding="utf-8")

    def _path(self, ending: str) -> Path:
        return self.server.directory / "data" / "logs" / f"shop.{ending}"


@pytest.fixture(scope="module")
def logging_server() -> Iterator[LoggingServer]:
    with running_server(_SETTINGS) as own:
        yield LoggingServer(own)
