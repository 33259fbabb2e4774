"""One statement in, its description or answer out; sent so that the server itself refuses a second one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import generators, pq
from psycopg.rows import scalar_row
from psycopg.types.string import TextBinaryLoader, TextLoader

from pgtune.sources.connect import ServerConnection


@dataclass(frozen=True, slots=True)
class Described:
    """What the server says about a statement before it is run."""

    parameters: int  # the highest n of its $n
    columns: int  # of the result; 0 for a command without one
    types: tuple[int, ...] = ()  # OIDs, of the parameters


def describe(connection: ServerConnection, text: str) -> Described:
    """Have *text* parsed as an unnamed prepared statement, and run nothing.

    Raises:
        psycopg.Error: it is not valid, or more than one statement.
    """
    pgconn = connection.pgconn
    pgconn.send_prepare(b"", text.encode())
    _result(connection)
    pgconn.send_describe_prepared(b"")
    result = _result(connection)
    types = tuple(result.param_type(number) for number in range(result.nparams))
    return Described(result.nparams, result.nfields, types)


def fetch_json(connection: ServerConnection, text: str, values: Sequence[str | None]) -> str:
    """Run *text* with *values* for its ``$n`` and return the JSON it answers, as sent.

    Values go as text of unknown type, so that the server reads them as it would read a literal.
    """
    with psycopg.RawCursor(connection, row_factory=scalar_row) as cursor:
        cursor.adapters.register_loader("json", TextBinaryLoader)
        # A binary result needs the extended protocol: the server refuses a second statement.
        return str(cursor.execute(text, list(values), binary=True).fetchone())


def fetch_json_unbound(connection: ServerConnection, text: str) -> str:
    """Run *text*, whose ``$n`` stay open, and return the JSON it answers, as sent.

    Bound parameters would be planned as constants, so it goes by the simple protocol. That takes several
    statements, hence the extended one has to accept the very same text first.
    """
    describe(connection, text)
    with psycopg.RawCursor(connection, row_factory=scalar_row) as cursor:
        cursor.adapters.register_loader("json", TextLoader)
        return str(cursor.execute(text).fetchone())


def _result(connection: ServerConnection) -> pq.abc.PGresult:
    """Wait for one result as psycopg waits for a query: an interrupt cancels it."""
    result: pq.abc.PGresult
    (result,) = connection.wait(generators.execute(connection.pgconn))
    if result.status != pq.ExecStatus.COMMAND_OK:
        raise psycopg.errors.error_from_result(result, encoding="utf-8")
    return result
