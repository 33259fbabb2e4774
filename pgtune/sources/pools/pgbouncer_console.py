"""A connection string in; the rows of PgBouncer's SHOW commands out, within seconds or not at all."""

from __future__ import annotations

import re
import select
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pgtune.errors import ConnectError, ConnectionLost, ServerError, StatementCancelled, StatementRefused
from pgtune.model.pool_settings import PoolSettings
from pgtune.sources.connect import ServerConnection, describe_failure, describe_target, prepare_conninfo
from pgtune.sources.redact import redact

Row = Mapping[str, str | None]  # by column name
Version = tuple[int, int, int]

ANSWER_TIMEOUT_S = 5.0  # chosen: the console answers from memory, in milliseconds
# The console knows no options, and answers no question that target_session_attrs makes libpq ask.
_CONSOLE = {"dbname": "pgbouncer", "options": "", "target_session_attrs": "any"}
_SERVER_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?.*/bouncer")  # admin.c: "1.18.0/bouncer"
_NOT_ALLOWED = "not allowed"  # admin.c, admin_post_login
_POSTGRES_ANSWERS = '" does not exist'  # database or role; PgBouncer has other words for both


class Console:
    """An open admin console; made by open_console()."""

    def __init__(self, connection: ServerConnection, target: str, version: Version) -> None:
        self._pgconn = connection.pgconn
        self.target = target  # "localhost:6432"
        self.version = version

    def show(self, what: str) -> list[Row]:
        """Return the rows of ``SHOW what``.

        It goes by the simple protocol: the console knows neither transactions nor prepared statements.

        Raises:
            StatementRefused: the console does not know it, or keeps it from the role.
            StatementCancelled: no answer in time.
            ConnectionLost: the pooler went away.
        """
        try:
            self._pgconn.send_query(f"SHOW {what}".encode())
            self._pgconn.flush()
            result = self._result(what)
        except psycopg.OperationalError as error:
            cause = " ".join(str(error).split())
            raise ConnectionLost(
                f"PgBouncer at {self.target} closed the connection: {cause}; see its log, then try again"
            ) from None
        if result.status != pq.ExecStatus.TUPLES_OK:
            message = " ".join(result.get_error_message().split())
            raise StatementRefused(
                f"PgBouncer at {self.target}: SHOW {what} refused: {message}; "
                "connect as one of its admin_users or stats_users"
            )
        return _rows(result)

    def _result(self, what: str) -> pq.abc.PGresult:
        """The answer, once all of it is there."""
        deadline_s = time.monotonic() + ANSWER_TIMEOUT_S
        answer = None
        while True:
            while self._pgconn.is_busy():
                self._receive(what, deadline_s)
            result = self._pgconn.get_result()
            if result is None and answer is not None:
                return answer
            answer = answer or result

    def _receive(self, what: str, deadline_s: float) -> None:
        left_s = max(0.0, deadline_s - time.monotonic())
        readable, _, _ = select.select([self._pgconn.socket], [], [], left_s)
        if not readable:
            raise StatementCancelled(
                f"PgBouncer at {self.target}: no answer to SHOW {what} within {ANSWER_TIMEOUT_S:g} s; "
                "see its log, then try again"
            )
        self._pgconn.consume_input()


@contextmanager
def open_console(dsn: str) -> Iterator[Console]:
    """Yield the console of the PgBouncer that *dsn* leads to, whatever database it names.

    Raises:
        UsageError: *dsn* is no connection string.
        ConnectError: unreachable, wrong password, or a PostgreSQL server.
        StatementRefused: the role may not use the console.
    """
    prepared = prepare_conninfo(dsn, PoolSettings(connect_timeout_s=ANSWER_TIMEOUT_S))
    conninfo = make_conninfo("", **(conninfo_to_dict(prepared) | _CONSOLE))
    try:
        connection = psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)
    except psycopg.Error as error:
        raise _failure(error, conninfo) from None  # the cause may hold the password
    try:
        target = describe_target(None, conninfo)
        yield Console(connection, target, _version(connection, target))
    finally:
        connection.close()


def _failure(error: psycopg.Error, conninfo: str) -> ServerError:
    target = describe_target(error, conninfo)
    if str(error).rstrip().endswith(_NOT_ALLOWED):
        user = error.pgconn.user.decode() if error.pgconn is not None else ""
        return StatementRefused(
            redact(
                f'PgBouncer at {target}: role "{user}" may not use the console; '
                "add it to stats_users in pgbouncer.ini",
                conninfo,
            )
        )
    return _no_pooler(target) if _POSTGRES_ANSWERS in str(error) else describe_failure(error, conninfo)


def _version(connection: ServerConnection, target: str) -> Version:
    announced = connection.info.parameter_status("server_version") or ""
    found = _SERVER_VERSION.fullmatch(announced)
    if found is None:
        raise _no_pooler(target)
    major, minor, patch = (int(part or 0) for part in found.groups())
    return major, minor, patch


def _no_pooler(target: str) -> ConnectError:
    return ConnectError(
        f"PgBouncer at {target}: a PostgreSQL server answers there; give the host and port of the pooler"
    )


def _rows(result: pq.abc.PGresult) -> list[Row]:
    names = [(result.fname(column) or b"").decode() for column in range(result.nfields)]
    return [
        {name: _text(result.get_value(row, column)) for column, name in enumerate(names)}
        for row in range(result.ntuples)
    ]


def _text(cell: bytes | None) -> str | None:
    return None if cell is None else cell.decode(errors="replace")
