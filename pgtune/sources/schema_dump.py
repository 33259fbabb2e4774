"""Connection parameters in, the statements that make the database's schema out: pg_dump --schema-only."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from psycopg.conninfo import make_conninfo

from pgtune.errors import (
    ConnectError,
    ServerError,
    StatementCancelled,
    StatementRefused,
    UsageError,
    system_cause,
)
from pgtune.model.names import RelationName
from pgtune.parse.sql_split import read_script
from pgtune.parse.sql_tokens import read_tokens
from pgtune.sources.connection_parameters import libpq_environment
from pgtune.sources.redact import redact

PROGRAM = "pg_dump"
_LOCK_WAIT_S = 5  # chosen: as long as EXPLAIN waits
_TIME_LIMIT_S = (
    600.0  # chosen: 100,000 tables take minutes; pg_dump itself switches the server's timeouts off
)
_END_S = 5.0  # chosen: pg_dump cancels its query and leaves in less
_OPTIONS = (
    "--schema-only",
    "--no-owner",
    "--no-privileges",
    "--no-comments",
    "--no-publications",
    "--no-subscriptions",
    "--no-security-labels",
    "--no-tablespaces",
    "--quote-all-identifiers",  # majors differ in what must be quoted
    "--encoding=UTF8",
    "--no-password",
    f"--lock-wait-timeout={_LOCK_WAIT_S * 1000}",
)
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_SESSION_TIMEOUT = re.compile(r"SET \w+_timeout\b")


def require_pg_dump(programs: Path, version_num: int) -> None:
    """Return when *programs* holds a pg_dump that may dump a server of *version_num*.

    Raises:
        UsageError: there is no pg_dump, or it cannot be run.
        StatementRefused: the server is newer.
    """
    program = programs / PROGRAM
    try:
        done = subprocess.run(  # noqa: S603 a program that the user or a package installed
            [str(program), "--version"], capture_output=True, text=True, check=True
        )
    except OSError as error:
        raise UsageError(
            f"{program}: {system_cause(error)}; give --postgres-bin the bin directory of a PostgreSQL"
        ) from error
    except subprocess.CalledProcessError as error:
        raise UsageError(
            f"{program}: does not run ({_last_line(error.stderr)}); give another with --postgres-bin"
        ) from error
    version = _VERSION.search(done.stdout)
    major, server_major = int(version[1]) if version else 0, version_num // 10000
    if major < server_major:
        raise StatementRefused(
            f"{program}: PostgreSQL {major}'s pg_dump does not read a server of version {server_major}; "
            f"give --postgres-bin the bin directory of PostgreSQL {server_major}"
        )


def dump_schema(
    programs: Path, parameters: Mapping[str, str], left_out: Sequence[RelationName] = ()
) -> tuple[str, ...]:
    """Return the DDL of all but the tables *left_out*, in an order that can be run, without passwords.

    *parameters* are libpq's keywords and values; they go to pg_dump's environment, which others cannot read.

    Raises:
        ConnectError: pg_dump could not connect.
        StatementRefused: the role lacks a privilege.
        StatementCancelled: a lock was not to be had.
        ServerError: pg_dump failed otherwise.
    """
    patterns = (f"--exclude-table={_pattern(name)}" for name in left_out)
    command = [str(programs / PROGRAM), *_OPTIONS, *patterns]
    environment = {**libpq_environment(parameters), "LC_ALL": "C"}  # messages are read below
    code, out, err = _run(command, environment)
    if code != 0:
        secret = make_conninfo("", password=parameters.get("password", ""))
        raise _failure(redact(err.decode(errors="replace"), secret))
    return tuple(_statements(out.decode(errors="replace")))


def _run(command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, bytes, bytes]:
    """Run pg_dump; an interrupt or a pg_dump that takes for ever ends it."""
    process = subprocess.Popen(  # noqa: S603 a program that the user or a package installed
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    with process:
        try:
            out, err = process.communicate(timeout=_TIME_LIMIT_S)
        except subprocess.TimeoutExpired:
            _end(process)
            raise StatementCancelled(
                f"{PROGRAM}: not done after {_TIME_LIMIT_S:.0f} s; try again when the server is less busy"
            ) from None
        except BaseException:  # also an interrupt: pg_dump does not outlive us
            _end(process)
            raise
    return process.returncode, out, err


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()


def _pattern(name: RelationName) -> str:
    """A name as pg_dump's patterns have it: in double quotes nothing but a double quote is special."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in (name.schema or "", name.name))


def _statements(dump: str) -> Iterator[str]:
    for statement in read_script(dump).statements:
        text = statement.text
        if text.startswith("CREATE USER MAPPING") or _SESSION_TIMEOUT.match(text):
            continue
        yield _without_options(text) if text.startswith("CREATE SERVER") else text


def _without_options(create_server: str) -> str:
    """CREATE SERVER up to its OPTIONS, which name hosts and may hold passwords."""
    start = next((token.start for token in read_tokens(create_server) if token.keyword == "OPTIONS"), None)
    return create_server[:start].rstrip()


def _failure(messages: str) -> ServerError:
    """The error for what pg_dump wrote: its first message says what went wrong."""
    lines = [line.partition(": error: ")[2] for line in messages.splitlines() if ": error: " in line]
    cause = lines[0] if lines else _last_line(messages)
    cause = cause.partition("ERROR:  ")[2] or cause
    if "due to statement timeout" in cause or "due to lock timeout" in cause:
        return StatementCancelled(
            f"{PROGRAM}: no lock on a table within {_LOCK_WAIT_S} s: another session holds it; "
            "look in pg_locks or try again later"
        )
    if "permission denied" in cause:
        return StatementRefused(f"{PROGRAM}: {cause}; grant it, or connect as another role")
    if cause.startswith("connection to server"):
        return ConnectError(f"{PROGRAM}: {cause}; check the connection string")
    return ServerError(f"{PROGRAM}: {cause}; see the server's log, then try again")


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[-1]
