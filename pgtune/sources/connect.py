"""A connection string in, one connection out; says what is wrong in one line when there is none."""

from __future__ import annotations

import logging
from collections.abc import Callable

import psycopg
import stamina
import stamina.instrumentation
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow

from pgtune.errors import ConnectError, UsageError
from pgtune.model.pool_settings import PoolSettings
from pgtune.sources.redact import redact

ServerConnection = psycopg.Connection[TupleRow]
OnNotice = Callable[[str], None]

APPLICATION_NAME = "pgtune"

# Without a handler of their own these libraries' warnings would be printed on stderr.
for _name in ("psycopg", "stamina"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

# libpq hands out no SQLSTATE for a failed connection attempt, so it is read off the server's English message.
# A server that speaks another language is not retried, and its message is shown as it is.
_SQLSTATE_BY_MESSAGE = (
    ("password authentication failed", "28P01"),
    ("no password supplied", "no password"),
    ("SASL authentication failed", "28P01"),  # PgBouncer
    ("too many clients already", "53300"),
    ("remaining connection slots are reserved", "53300"),
    ("too many connections for", "53300"),
    ("no more connections allowed", "53300"),  # PgBouncer
    ("the database system is", "57P03"),  # starting up, shutting down, in recovery mode
    ("failed to resolve host", "unknown host"),
    ("could not translate host name", "unknown host"),
    ("no such database", "3D000"),  # PgBouncer
    ('FATAL:  database "', "3D000"),
    ("Connection refused", "08001"),
    ("No such file or directory", "08001"),  # no server behind the Unix socket
    ("server closed the connection unexpectedly", "08006"),
)

_BUSY_CODES = frozenset({"53300", "57P03"})
_BUSY_ATTEMPTS = 6  # chosen: waits of 0.2, 0.4, 0.8, 1.6 and 2 s, 5 s together
_UNREACHABLE_ATTEMPTS = 3  # chosen: bridges a restart of 0.6 s, and a wrong port is still reported at once
_BUSY_REASON = {"53300": "has no free connection slots", "57P03": "is starting up or shutting down"}


def prepare_conninfo(dsn: str | None, settings: PoolSettings) -> str:
    """Return *dsn*, or nothing but libpq's environment, as keywords with pgtune's own settings added.

    Raises:
        UsageError: *dsn* is no connection string.
    """
    given = _parameters(dsn or "")
    given.setdefault("connect_timeout", max(2, round(settings.connect_timeout_s)))  # libpq's minimum is 2
    own = {"application_name": APPLICATION_NAME, "client_encoding": "UTF8"}
    return make_conninfo("", **(given | own))


def _parameters(dsn: str) -> dict[str, str | int | None]:
    try:
        given = conninfo_to_dict(dsn)
        host, port = str(given.get("host") or ""), str(given.get("port") or "0")
        # A leading @ is an abstract socket; another, or letters in the port, belong to the password.
        if "@" not in host[1:] and port.replace(",", "").isdigit():
            return given
    except psycopg.ProgrammingError:
        pass
    # Nothing of it is repeated: what libpq took for the host or an option may be a piece of the password.
    raise UsageError(
        "connection string cannot be read; write postgresql://user@host:5432/database or keyword=value "
        "pairs, and percent-encode special characters in the password (@ is %40, / is %2F)"
    )


def connect(conninfo: str, on_notice: OnNotice) -> ServerConnection:
    """Return an open connection in autocommit mode, tried again while the server is busy or restarting.

    *on_notice* is told of each wait. No prepared statements are made, so that transaction poolers work.

    Raises:
        ConnectError: unreachable, refused, wrong password, unknown database.
    """
    stamina.instrumentation.set_on_retry_hooks(())  # on_notice tells of retries, nobody else
    patience = _Patience(conninfo, on_notice)
    try:
        for attempt in stamina.retry_context(
            on=patience.is_temporary,
            attempts=_BUSY_ATTEMPTS,
            timeout=None,
            wait_initial=0.2,
            wait_max=2.0,
            wait_jitter=0.1,
        ):
            with attempt:
                return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)
    except psycopg.Error as error:
        raise describe_failure(error, conninfo) from None  # the cause may hold the password
    raise AssertionError("the last attempt returns or raises")


class _Patience:
    """Decides which failures are worth another attempt."""

    def __init__(self, conninfo: str, on_notice: OnNotice) -> None:
        self._conninfo = conninfo
        self._on_notice = on_notice
        self._failures = 0

    def is_temporary(self, error: Exception) -> bool:
        """Say whether to try again after *error*, and tell the user when that means waiting."""
        if not isinstance(error, psycopg.Error):
            return False
        self._failures += 1
        sqlstate = connect_sqlstate(error)
        if sqlstate in _BUSY_CODES and self._failures < _BUSY_ATTEMPTS:
            self._on_notice(
                f"{describe_target(error, self._conninfo)} {_BUSY_REASON[sqlstate]}; "
                f"trying again ({self._failures} of {_BUSY_ATTEMPTS - 1})"
            )
            return True
        return sqlstate.startswith("08") and self._failures < _UNREACHABLE_ATTEMPTS


def connect_sqlstate(error: psycopg.Error) -> str:
    """Return the SQLSTATE of a failed connection attempt, or an empty string where nothing tells it."""
    if error.sqlstate is not None:
        return error.sqlstate
    return next((sqlstate for text, sqlstate in _SQLSTATE_BY_MESSAGE if text in str(error)), "")


def describe_failure(error: psycopg.Error, conninfo: str) -> ConnectError:
    """Return the error that names what could not be reached, why, and what to do."""
    target = describe_target(error, conninfo)
    database = str(_parameter(error, conninfo, "db", "dbname"))
    user = str(_parameter(error, conninfo, "user", "user"))
    by_sqlstate = {
        "28P01": f'password for user "{user}" was not accepted by {target}; '
        "correct it in the connection string, PGPASSWORD or ~/.pgpass",
        "no password": f'no password for user "{user}" was given to {target}; '
        "put it in the connection string, PGPASSWORD or ~/.pgpass",
        "3D000": f'database "{database}" does not exist on {target}; list those that do with psql -l',
        "53300": f"{target} has no free connection slots; close some sessions or try again later",
        "57P03": f"{target} is starting up or shutting down; try again later",
        "08001": f"{target} does not accept connections; check that the server runs, and its host and port",
        "unknown host": f"host of {target} is not known; check its spelling and your network",
    }
    message = (
        by_sqlstate.get(connect_sqlstate(error)) or f"{target}: {_cause(error)}; check the connection string"
    )
    return ConnectError(redact(message, conninfo))


def describe_target(error: psycopg.Error | None, conninfo: str) -> str:
    """Return where *conninfo* leads, as ``host:port``."""
    host = _parameter(error, conninfo, "host", "host") or "localhost"
    port = _parameter(error, conninfo, "port", "port") or "5432"
    return f"{host}:{port}"


def _parameter(error: psycopg.Error | None, conninfo: str, attribute: str, keyword: str) -> str:
    """Return what libpq settled on, environment and service file included, else what *conninfo* says."""
    pgconn = None if error is None else error.pgconn
    settled = b"" if pgconn is None else getattr(pgconn, attribute)
    return str(settled.decode(errors="replace") or conninfo_to_dict(conninfo).get(keyword) or "")


def _cause(error: psycopg.Error) -> str:
    """Return libpq's message without its preamble, on one line."""
    cause = str(error).rpartition(" failed: ")[2].removeprefix("connection is bad: ")
    return " ".join(cause.replace("FATAL:", "").split())
