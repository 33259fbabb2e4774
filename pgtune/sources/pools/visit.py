"""A connection in, one guarded transaction out; the server's errors become pgtune's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from pgtune.errors import ConnectionLost, PgtuneError, ServerError, StatementCancelled, StatementRefused
from pgtune.sources.connect import ServerConnection
from pgtune.sources.server_errors import Sent, translate
from pgtune.sources.transaction import Timeouts, rolled_back

_SETTINGS = {"search_path": ""}  # nobody's function or operator stands before PostgreSQL's own


@contextmanager
def visit(connection: ServerConnection, timeouts: Timeouts) -> Iterator[None]:
    """Run the body in a READ ONLY transaction that is rolled back.

    Raises:
        psycopg.Error: the server refused.
    """
    with rolled_back(connection, "READ ONLY", timeouts, _SETTINGS):
        yield


@contextmanager
def translated(target: str, timeouts: Timeouts) -> Iterator[None]:
    """Turn the body's psycopg errors into one line about the server at *target*.

    Raises:
        StatementRefused: no privilege.
        StatementCancelled: a view took longer than the timeout, or an administrator cancelled.
        ConnectionLost: the server went away.
    """
    started_s = time.perf_counter()
    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        raise StatementCancelled(
            f"sessions of {target}: cancelled, or a view took more than {timeouts.statement_ms / 1000:g} s; "
            "try again when the server is less busy"
        ) from error
    except psycopg.Error as error:
        elapsed_ms = (time.perf_counter() - started_s) * 1000
        sent = Sent(target, "", 0, timeouts.statement_ms, timeouts.lock_ms, elapsed_ms)
        told = translate(error, sent)
        raise _ours(told, target) from error


def _ours(told: PgtuneError, target: str) -> ServerError:
    """The statement was pgtune's own: where it is refused, the user gave no wrong input."""
    if isinstance(told, ConnectionLost):
        return told
    if isinstance(told, ServerError):
        return type(told)(f"sessions of {target}: {told}")
    return StatementRefused(
        f"sessions of {target}: {told}; connect to the server itself where a pooler is in between"
    )
