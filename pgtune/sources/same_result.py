"""Two queries and a user's database in; whether they return the same rows there, in one snapshot, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import psycopg
from psycopg import IsolationLevel, generators, pq

from pgtune.errors import ConnectionLost
from pgtune.model.equivalence import QueryPair
from pgtune.model.rewrite import DataCheck
from pgtune.parse.shared_parameters import used_numbers
from pgtune.parse.sql_tokens import read_words
from pgtune.parse.statement_kind import StatementKind, statement_kind
from pgtune.sources.connect import ServerConnection
from pgtune.sources.result_rows import INEXACT_TYPES, ResultRows, compare_rows
from pgtune.sources.server_errors import Sent, translate
from pgtune.sources.snapshot_queries import fetch_rows
from pgtune.sources.transaction import Timeouts, rolled_back

MAX_COMPARED_ROWS = 100_000  # value by value, where the hashes differ; chosen
MAX_WITNESSES = 5  # rows shown of each side; chosen
# Classes of SQLSTATE that a statement's own rows cause: 21 cardinality, 22 data.
_DATA_ERRORS = ("21", "22")
_HASH = "pg_catalog.hashtextextended(q::pg_catalog.text, 0)::pg_catalog.numeric"
_TEXT_OID = 25

Values = Sequence[str | None]


class _Failed(Exception):
    """One of the two ended in an error; the message is the server's."""

    def __init__(self, error: psycopg.Error) -> None:
        super().__init__(error.diag.message_primary or str(error))
        self.is_about_data = (error.sqlstate or "").startswith(_DATA_ERRORS)


def compare_on_data(
    connection: ServerConnection, pair: QueryPair, values: Values | None, timeouts: Timeouts
) -> DataCheck:
    """Run both queries in one REPEATABLE READ READ ONLY snapshot and compare what they return.

    *values* are those of ``$1``, ``$2``, ... as text; None: not known, and nothing is run if there are any.
    The order of rows does not count. Rows are counted and hashed by the server; they are fetched only where
    the hashes differ, and only up to MAX_COMPARED_ROWS.

    Raises:
        ConnectionLost: the server went away.
    """
    if len(pair.original) != 1 or len(pair.rewritten) != 1:
        return DataCheck(None, reason="several statements are compared on generated databases only")
    try:
        with rolled_back(connection, "READ ONLY", timeouts, {}, IsolationLevel.REPEATABLE_READ):
            return _Comparison(connection, pair.original[0], pair.rewritten[0], values).run()
    except psycopg.Error as error:
        target = f"{connection.info.host}:{connection.info.port}"
        told = translate(error, Sent(target, "", 0, timeouts.statement_ms, timeouts.lock_ms, 0.0))
        if isinstance(told, ConnectionLost):
            raise told from error
        return DataCheck(None, reason=str(told))


class _Comparison:
    """Both queries, and the transaction that they run in."""

    def __init__(
        self, connection: ServerConnection, original: str, rewritten: str, values: Values | None
    ) -> None:
        self._connection = connection
        self._texts = (original, rewritten)
        self._values = tuple(values or ())

    def run(self) -> DataCheck:
        if obstacle := self._obstacle():
            return DataCheck(None, reason=obstacle)
        try:
            ours, our_hash = self._count_and_hash(0)
        except _Failed as failed:
            return DataCheck(None, reason=f"the original fails on this data: {failed}")
        try:
            theirs, their_hash = self._count_and_hash(1)
        except _Failed as failed:
            reason = f"the other one fails on this data: {failed}"
            return DataCheck(False if failed.is_about_data else None, ours, reason)
        if ours != theirs:
            reason = f"the original returns {ours:,} rows, the other {theirs:,}"
            return DataCheck(False, ours, reason, *self._witnesses())
        if our_hash == their_hash:
            return DataCheck(True, ours)
        return self._compare_values(ours) if ours <= MAX_COMPARED_ROWS else self._judge_hashes(ours)

    def _obstacle(self) -> str | None:
        """Why they are not run; each is parsed by itself first, so that it is one whole statement."""
        volatile = {row["name"] for row in fetch_rows(self._connection, "volatile_functions")}
        for text in self._texts:
            if statement_kind(text) is not StatementKind.READ:
                return "it writes, and nothing is written on this server"
            if names := volatile & set(_called(text)):
                return f"{min(names)}() gives another value at each call"
            if max(used_numbers(text), default=0) > len(self._values):
                return "its parameters have no values; give them with --param"
            try:
                self._parse(text)
            except _Failed as failed:
                return f"the server refuses the statement: {failed}"
        return None

    def _parse(self, text: str) -> None:
        pgconn = self._connection.pgconn
        with self._savepoint():
            pgconn.send_prepare(b"", text.encode(), self._types(text))
            self._receive(pq.ExecStatus.COMMAND_OK)

    def _types(self, text: str) -> list[int]:
        """The server infers the types of the parameters; one that only the other query has is text."""
        used = used_numbers(text)
        return [0 if number in used else _TEXT_OID for number in range(1, len(self._values) + 1)]

    def _count_and_hash(self, side: int) -> tuple[int, str | None]:
        query = f"SELECT pg_catalog.count(*), pg_catalog.sum({_HASH}) FROM ({self._texts[side]}\n) AS q"
        ((count, row_hash),) = self._ask(query).rows
        return int(count or 0), row_hash

    def _compare_values(self, rows: int) -> DataCheck:
        """Numbers count as equal when they differ in their last digits, or in how they are written."""
        ours, theirs = map(self._ask, self._texts)
        found = compare_rows(ours, theirs, MAX_WITNESSES)
        if found is None:
            return DataCheck(True, rows)
        return DataCheck(False, rows, f"of {rows:,} rows not all are the same", *found)

    def _judge_hashes(self, rows: int) -> DataCheck:
        """Too many rows to compare by value: the hashes decide where a value is written in one way only."""
        ours, theirs = (self._ask(f"SELECT * FROM ({text}\n) AS q LIMIT 0").types for text in self._texts)
        if ours != theirs or INEXACT_TYPES & set(ours):
            reason = (
                f"both return {rows:,} rows whose hashes differ; sums of floats, and numbers of another "
                f"scale, are compared up to {MAX_COMPARED_ROWS:,} rows"
            )
            return DataCheck(None, rows, reason)
        return DataCheck(False, rows, f"of {rows:,} rows not all are the same", *self._witnesses())

    def _witnesses(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Rows that one side has and the other lacks."""
        return self._except_all(0, 1), self._except_all(1, 0)

    def _except_all(self, side: int, other: int) -> tuple[str, ...]:
        parts = (f"SELECT q::pg_catalog.text FROM ({self._texts[each]}\n) AS q" for each in (side, other))
        rows = self._ask(f"{' EXCEPT ALL '.join(parts)} LIMIT {MAX_WITNESSES}").rows
        return tuple(row[0] or "" for row in rows)

    def _ask(self, text: str) -> ResultRows:
        """Send one statement by the extended protocol; its values and its answer are text."""
        values = [None if value is None else value.encode() for value in self._values]
        with self._savepoint():
            self._connection.pgconn.send_query_params(
                text.encode(), values, self._types(text), result_format=pq.Format.TEXT
            )
            return ResultRows.of(self._receive(pq.ExecStatus.TUPLES_OK))

    def _receive(self, expected: pq.ExecStatus) -> pq.abc.PGresult:
        """Wait as psycopg waits for a query: an interrupt cancels it."""
        result: pq.abc.PGresult
        (result,) = self._connection.wait(generators.execute(self._connection.pgconn))
        if result.status != expected:
            raise psycopg.errors.error_from_result(result, encoding="utf-8")
        return result

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        """Keep the snapshot when the body fails; timeouts and a lost connection go through."""
        try:
            with self._connection.transaction():
                yield
        except psycopg.Error as error:
            if error.sqlstate is None or error.sqlstate.startswith(("57", "55", "08", "25")):
                raise
            raise _Failed(error) from error


def _called(text: str) -> Iterator[str]:
    tokens = read_words(text)
    for token, following in pairwise(tokens):
        if following.text == "(":
            yield token.text.strip('"').lower()
