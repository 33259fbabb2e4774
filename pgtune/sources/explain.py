"""A statement and its values in, the server's own EXPLAIN output out; nothing the statement does is kept."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import psycopg

from pgtune.errors import StatementError
from pgtune.sources.connect import ServerConnection
from pgtune.sources.explain_options import (
    GENERIC_PLAN_VERSION_NUM,
    ExplainOptions,
    ExplainOutput,
    explain_prefix,
)
from pgtune.sources.protocol import describe, fetch_json, fetch_json_unbound
from pgtune.sources.server_errors import Sent, translate
from pgtune.sources.transaction import Access, Timeouts, rolled_back

# EXPLAIN's own spelling; a quote inside a JSON string would be escaped, so this is a node and not a literal.
_WRITING_NODES = ('"Node Type": "ModifyTable"', '"Node Type": "LockRows"')


class Explanation:
    """One statement on its way through the server."""

    def __init__(
        self,
        connection: ServerConnection,
        statement: str,
        values: Sequence[str | None],
        options: ExplainOptions,
    ) -> None:
        self._connection = connection
        self._statement = statement
        self._values = values
        self._options = options
        self._version_num = connection.info.server_version
        self._target = f"{connection.info.host}:{connection.info.port}"
        self._prefix = ""  # of what was sent last: positions in error messages count from its start
        self._sent_s = time.perf_counter()

    def run(self) -> ExplainOutput:
        """Plan the statement; run it if asked to and if it writes nothing or may write; roll back.

        Raises:
            StatementError: no valid SQL, several statements, or a value missing or wrong.
            StatementRefused: no privilege, unknown relation, or a write that only showed when it ran.
            StatementCancelled: statement or lock timeout, or cancelled.
            ConnectionLost: the server went away.
        """
        with self._translated_errors(), _kept_notices(self._connection) as notices:
            answer = self._plan_generic() if self._options.generic_plan else self._plan_and_run()
            json_text, wall_ms, executed, writes = answer
            return ExplainOutput(json_text, tuple(notices), wall_ms, executed, writes)

    def _plan_and_run(self) -> tuple[str, float, bool, bool]:
        may_run, allow_writes = self._options.analyze, self._options.allow_writes
        with self._transaction("READ ONLY"):
            columns = self._describe()
            # Planned first: the plan says whether it writes, and the next planning finds warm catalog caches.
            json_text, wall_ms = self._fetch(analyze=False, writes=False)
            # CREATE TABLE AS and SELECT INTO show no writing node but have no result columns either, and
            # READ ONLY lets EXPLAIN ANALYZE run them (tried on 15 and 18).
            writes = columns == 0 or _is_writing(json_text)
            if may_run and not writes:
                try:
                    return *self._fetch(analyze=True, writes=False), True, False
                except psycopg.errors.ReadOnlySqlTransaction:  # a function that writes
                    if not allow_writes:
                        raise
        if may_run and allow_writes:
            with self._transaction("READ WRITE"):
                return *self._fetch(analyze=True, writes=True), True, True
        return json_text, wall_ms, False, writes

    def _plan_generic(self) -> tuple[str, float, bool, bool]:
        if self._version_num < GENERIC_PLAN_VERSION_NUM:
            raise StatementError(
                "a plan without parameter values needs PostgreSQL 16, "
                f"the server is {self._version_num // 10000}; give the values with --param"
            )
        with self._transaction("READ ONLY"):
            self._sending("")
            describe(self._connection, self._statement)
            self._sending(explain_prefix(self._version_num, self._options, analyze=False, writes=False))
            json_text = fetch_json_unbound(self._connection, self._prefix + self._statement)
            return json_text, self._elapsed_ms(), False, _is_writing(json_text)

    def _describe(self) -> int:
        """Return the number of result columns, having checked that each parameter has a value."""
        self._sending("")
        described = describe(self._connection, self._statement)
        if described.parameters != len(self._values):
            raise StatementError(
                f"the statement has {described.parameters} parameters, {len(self._values)} values are given; "
                "give one --param for each"
            )
        return described.columns

    def _fetch(self, *, analyze: bool, writes: bool) -> tuple[str, float]:
        self._sending(explain_prefix(self._version_num, self._options, analyze=analyze, writes=writes))
        json_text = fetch_json(self._connection, self._prefix + self._statement, self._values)
        return json_text, self._elapsed_ms()

    def _transaction(self, access: Access) -> AbstractContextManager[None]:
        timeouts = Timeouts(self._options.timeout_ms, self._options.lock_timeout_ms)
        return rolled_back(self._connection, access, timeouts, self._options.settings)

    def _sending(self, prefix: str) -> None:
        self._prefix = prefix
        self._sent_s = time.perf_counter()

    def _elapsed_ms(self) -> float:
        return (time.perf_counter() - self._sent_s) * 1000

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            sent = Sent(
                target=self._target,
                text=self._prefix + self._statement,
                prefix_chars=len(self._prefix),
                timeout_ms=self._options.timeout_ms,
                lock_timeout_ms=self._options.lock_timeout_ms,
                elapsed_ms=self._elapsed_ms(),
            )
            raise translate(error, sent) from error


def _is_writing(json_text: str) -> bool:
    return any(node in json_text for node in _WRITING_NODES)


@contextmanager
def _kept_notices(connection: ServerConnection) -> Iterator[list[str]]:
    """Yield a list that fills with the notices the server sends meanwhile."""
    notices: list[str] = []

    def keep(notice: psycopg.errors.Diagnostic) -> None:
        notices.append(f"{notice.severity}: {notice.message_primary}")

    connection.add_notice_handler(keep)
    try:
        yield notices
    finally:
        connection.remove_notice_handler(keep)
