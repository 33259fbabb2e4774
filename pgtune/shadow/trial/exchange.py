"""Groups of statements in, their answers out: one flush of the extended protocol, with a limit on the wait.

The extended protocol takes one statement at a time, so that no statement of a user's can bring a second one.
"""

from __future__ import annotations

import select
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGresult

from pgtune.errors import ConnectionLost
from pgtune.model.equivalence import Row, Value
from pgtune.parse.shared_parameters import used_numbers
from pgtune.sources.connect import ServerConnection

# Beyond the server's own statement_timeout, which a function of a hostile schema can lift; chosen.
MAX_WAIT_S = 30.0
TypeKey = tuple[int, int]  # OID of the type, and its modifier
_TEXT_OID = 25
_ENDED = frozenset({"57P01", "57P02", "57P03"})  # shut down, crashed, starting
_FAILED = frozenset({pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE})


@dataclass(frozen=True, slots=True)
class Request:
    """A statement to run: one that was prepared by that name, else *text*."""

    text: str = ""
    values: Row = ()
    prepared: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of the server."""

    sqlstate: str
    message: str
    position: int | None = None  # in the statement, in characters from 1

    def __str__(self) -> str:
        return f"{self.sqlstate} {self.message}"


@dataclass(frozen=True, slots=True)
class Described:
    """What the server says of a statement before it is run."""

    parameters: tuple[int, ...]  # OIDs of the types of $1, $2, ...
    names: tuple[str, ...]  # of the result's columns
    types: tuple[TypeKey, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one statement gave."""

    names: tuple[str, ...]  # of its columns; empty where it returns no rows
    types: tuple[TypeKey, ...]
    rows: tuple[Row, ...]
    row_count: int
    failure: Failure | None = None


class Exchange:
    """A session in pipeline mode; it is used for nothing else."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._pgconn = connection.pgconn
        self._pgconn.nonblocking = 1
        self._pgconn.enter_pipeline_mode()

    @property
    def backend_pid(self) -> int:
        """The server process of the session."""
        return self._pgconn.backend_pid

    def prepare(self, name: str, text: str) -> Described | Failure:
        """Have *text* parsed under *name*, which nothing else may have; nothing is run."""
        encoded = name.encode()
        with self._lost_when_it_fails():
            self._pgconn.send_prepare(encoded, text.encode(), _parameter_types(text))
            self._pgconn.send_describe_prepared(encoded)
            self._pgconn.pipeline_sync()
        result = self._results(1)[0][-1]
        if result.status in _FAILED:
            return self._failure(result)
        return Described(
            tuple(result.param_type(number) for number in range(result.nparams)),
            _names(result),
            _types(result),
        )

    def run(self, *groups: Sequence[Request]) -> list[list[Answer]]:
        """Run all *groups*, in order; a failure ends its group, and is the last answer of it.

        Raises:
            ConnectionLost: the server went away, or did not answer within MAX_WAIT_S.
        """
        with self._lost_when_it_fails():
            for group in groups:
                for request in group:
                    self._send(request)
                self._pgconn.pipeline_sync()
        return [[self._answer(result) for result in results] for results in self._results(len(groups))]

    def _send(self, request: Request) -> None:
        values = [None if value is None else value.encode() for value in request.values]
        if request.prepared:
            self._pgconn.send_query_prepared(request.prepared.encode(), values)
        else:
            types = _parameter_types(request.text) if values else None
            self._pgconn.send_query_params(request.text.encode(), values, types)

    def _results(self, groups: int) -> list[list[PGresult]]:
        answered: list[list[PGresult]] = [[]]
        while len(answered) <= groups:
            self._wait()
            while len(answered) <= groups and not self._pgconn.is_busy():
                result = self._pgconn.get_result()
                if result is None or result.status == pq.ExecStatus.PIPELINE_ABORTED:
                    continue  # the end of one statement's results, or a statement behind a failure
                if result.status == pq.ExecStatus.PIPELINE_SYNC:
                    answered.append([])
                else:
                    answered[-1].append(result)
        return answered[:groups]

    def _wait(self) -> None:
        """Send what is buffered and read what has come; return when there is something to look at."""
        with self._lost_when_it_fails():
            writing = [self._pgconn.socket] if self._pgconn.flush() else []
            readable, writable, _ = select.select([self._pgconn.socket], writing, [], MAX_WAIT_S)
            if readable:
                self._pgconn.consume_input()
        if not readable and not writable:
            self._connection.close()
            raise ConnectionLost(
                f"scratch server: no answer within {MAX_WAIT_S:.0f} s; look at the statements"
            )
        if self._pgconn.status != pq.ConnStatus.OK:
            raise _lost(self._pgconn.get_error_message())

    @contextmanager
    def _lost_when_it_fails(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise _lost(str(error)) from None

    def _answer(self, result: PGresult) -> Answer:
        if result.status in _FAILED:
            return Answer((), (), (), 0, self._failure(result))
        columns = range(result.nfields)
        return Answer(
            names=_names(result),
            types=_types(result),
            rows=tuple(
                tuple(_text(result.get_value(row, column)) for column in columns)
                for row in range(result.ntuples)
            ),
            row_count=result.command_tuples or 0,
        )

    def _failure(self, result: PGresult) -> Failure:
        def field(code: pq.DiagnosticField) -> str:
            return (result.error_field(code) or b"").decode(errors="replace")

        sqlstate = field(pq.DiagnosticField.SQLSTATE)
        if sqlstate in _ENDED:
            raise _lost(field(pq.DiagnosticField.MESSAGE_PRIMARY))
        position = field(pq.DiagnosticField.STATEMENT_POSITION)
        message = _one_line(field(pq.DiagnosticField.MESSAGE_PRIMARY))
        return Failure(sqlstate, message, int(position) if position else None)


def _parameter_types(text: str) -> list[int]:
    """The server infers the types of $1, $2, ...; it cannot infer that of one that *text* does not use."""
    used = used_numbers(text)
    return [0 if number in used else _TEXT_OID for number in range(1, max(used, default=0) + 1)]


def _names(result: PGresult) -> tuple[str, ...]:
    return tuple((result.fname(column) or b"").decode() for column in range(result.nfields))


def _types(result: PGresult) -> tuple[TypeKey, ...]:
    return tuple((result.ftype(column), result.fmod(column)) for column in range(result.nfields))


def _lost(cause: str) -> ConnectionLost:
    return ConnectionLost(f"scratch server: it ended: {_one_line(cause)}; try again")


def _text(value: bytes | None) -> Value:
    return None if value is None else value.decode()


def _one_line(text: str) -> str:
    return " ".join(text.split())
