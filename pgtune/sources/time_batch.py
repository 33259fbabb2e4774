"""Ways to do a loop's work and a disposable database in, the rows per second of each out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum

import psycopg
from psycopg.types.array import ListBinaryDumper

from pgtune.errors import ConnectionLost, PgtuneError, StatementError
from pgtune.model.batch import BatchTiming
from pgtune.sources.connect import ServerConnection
from pgtune.sources.disposable_session import open_session, target_of
from pgtune.sources.server_errors import Sent, translate
from pgtune.sources.turn_values import MAX_TURNS, Sendable, TurnSource, TurnValues, turn_values

SLOW_TURNS = 2_000  # of the ways that wait for each row; chosen
LIMIT_S = 2.0  # of one way, from which on no further call is begun; chosen
_WARM_UP_TURNS = 100  # chosen: they fill the catalog caches
_PREPARED_AFTER = 5  # runs; psycopg's own default, which programs use

Turns = Sequence[Sequence[Sendable]]


class Sending(Enum):
    """How values reach the server."""

    AUTOCOMMIT = "one turn, which is committed"
    TURN = "one turn"
    PIPELINE = "many turns without waiting"
    FLAT = "a parameter for each value"
    ARRAYS = "an array for each parameter"
    COPY = "COPY"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do the work of many turns."""

    name: str  # "unnest, 1,000 rows"
    sql: str
    sending: Sending
    rows_per_call: int = 1
    order: tuple[int, ...] = ()  # of COPY: the parameters, from 1, in the order of its columns


@dataclass(frozen=True, slots=True)
class WayTimes:
    """What was measured, and why the rest was not."""

    timings: tuple[BatchTiming, ...]  # in the order of the ways
    unmeasured: tuple[str, ...] = ()  # a sentence each
    remark: str = ""  # why other values were sent than those that were seen


def time_ways(conninfo: str, ways: Sequence[Way], source: TurnSource, timeout_ms: int) -> WayTimes:
    """Run each of *ways* for some seconds at most.

    All are rolled back but the one that commits each turn, which is the last. The others' one commit is not
    counted. *timeout_ms* limits each statement; 0 = none.
    """
    results: dict[str, BatchTiming | str] = {}
    try:
        with open_session(conninfo) as connection:
            connection.prepare_threshold = _PREPARED_AFTER
            _limit(connection, timeout_ms)
            values, remark = _accepted_values(connection, source, timeout_ms)
            for place, way in enumerate(sorted(ways, key=_place)):
                results[way.name] = _time(_Work(connection, way, values, place * MAX_TURNS), timeout_ms)
    except PgtuneError as error:
        return WayTimes((), (str(error),))
    measured = [results[way.name] for way in ways]
    return WayTimes(
        tuple(each for each in measured if isinstance(each, BatchTiming)),
        tuple(f"{way.name}: {why}" for way in ways if isinstance(why := results[way.name], str)),
        remark,
    )


def _accepted_values(
    connection: ServerConnection, source: TurnSource, timeout_ms: int
) -> tuple[TurnValues, str]:
    """Return values that the turn runs with, and a remark where those that were seen had to be left out.

    Raises:
        StatementError: it runs with none.
    """
    values = turn_values(connection, source)
    refusal = _refusal(connection, source, values, timeout_ms)
    if refusal is None:
        return values, ""
    unseen = replace(source, known=())
    with suppress(StatementError):  # the table gives none
        values = turn_values(connection, unseen)
        if source.known and _refusal(connection, unseen, values, timeout_ms) is None:
            return values, f"measured with values like those of the table's rows, its own fail: {refusal}"
    raise StatementError(refusal)


def _refusal(
    connection: ServerConnection, source: TurnSource, values: TurnValues, timeout_ms: int
) -> str | None:
    """Why the first turn fails; it is undone."""
    try:
        with connection.transaction(force_rollback=True), psycopg.RawCursor(connection) as cursor:
            cursor.execute(source.text.encode(), values.turns(0, 1)[0])
    except psycopg.Error as error:
        return _reason(connection, error, timeout_ms)
    return None


def _place(way: Way) -> int:
    """Those of many rows a call come first and read the pages; what is committed would change the others."""
    return {Sending.TURN: 1, Sending.AUTOCOMMIT: 2}.get(way.sending, 0)


def _limit(connection: ServerConnection, timeout_ms: int) -> None:
    connection.execute("SELECT pg_catalog.set_config('statement_timeout', %s, false)", [str(timeout_ms)])


@dataclass(frozen=True, slots=True)
class _Work:
    """A way with the turns that it carries out."""

    connection: ServerConnection
    way: Way
    values: TurnValues
    first: int  # turn: each way brings keys of its own

    def calls(self) -> Iterator[Turns]:
        """Yield the turns of each call."""
        size = self.way.rows_per_call
        waits = self.way.sending in (Sending.AUTOCOMMIT, Sending.TURN)
        count = min(self.values.count, SLOW_TURNS if waits else MAX_TURNS)
        turns = self.values.turns(self.first, count)
        for begin in range(0, count, size):
            part = turns[begin : begin + size]
            if self.way.sending is not Sending.FLAT or len(part) == size:
                yield part

    def warm_up(self) -> None:
        """Run a few turns, and undo them."""
        few = min(self.values.count, _WARM_UP_TURNS)
        if self.way.sending is Sending.FLAT:
            few = self.way.rows_per_call
        parts = [self.values.turns(self.first + MAX_TURNS - few, few)]
        if self.way.rows_per_call == 1:
            parts = [[turn] for turn in parts[0]]
        with self.connection.transaction(force_rollback=True):
            for part in parts:
                _SENDERS[self.way.sending](self.connection, self.way, part)

    def run(self) -> BatchTiming:
        """Send the turns until all are done or time is up."""
        prepared = [*self.calls()]
        rows = calls = 0
        begin_s = time.perf_counter()
        elapsed_s = 0.0
        for part in prepared:
            _SENDERS[self.way.sending](self.connection, self.way, part)
            rows, calls = rows + len(part), calls + 1
            elapsed_s = time.perf_counter() - begin_s
            if elapsed_s > LIMIT_S:
                break
        return BatchTiming(self.way.name, rows / elapsed_s, calls / rows)


def _time(work: _Work, timeout_ms: int) -> BatchTiming | str:
    """What was measured, or why nothing was."""
    try:
        work.warm_up()
        if work.way.sending is Sending.AUTOCOMMIT:
            return work.run()
        with work.connection.transaction(force_rollback=True):
            return work.run()
    except psycopg.Error as error:
        return _reason(work.connection, error, timeout_ms)


def _reason(connection: ServerConnection, error: psycopg.Error, timeout_ms: int) -> str:
    told = translate(error, Sent(target_of(connection), "", 0, 0, 0, 0.0))
    if isinstance(told, ConnectionLost):
        raise told from error
    if isinstance(error, psycopg.errors.QueryCanceled) and timeout_ms:
        return f"over {timeout_ms / 1000:g} s"
    return str(told)


def _send_turn(connection: ServerConnection, way: Way, turns: Turns) -> None:
    (turn,) = turns
    with psycopg.RawCursor(connection) as cursor:
        cursor.execute(way.sql.encode(), turn)


def _send_pipeline(connection: ServerConnection, way: Way, turns: Turns) -> None:
    with psycopg.RawCursor(connection) as cursor:
        cursor.executemany(way.sql.encode(), turns)


def _send_flat(connection: ServerConnection, way: Way, turns: Turns) -> None:
    with psycopg.RawCursor(connection) as cursor:
        cursor.execute(way.sql.encode(), [value for turn in turns for value in turn])


def _send_arrays(connection: ServerConnection, way: Way, turns: Turns) -> None:
    with psycopg.RawCursor(connection) as cursor:
        # As text psycopg quotes each element in Python: three times the time of all the rest (measured).
        cursor.adapters.register_dumper(list, ListBinaryDumper)
        cursor.execute(way.sql.encode(), [list(values) for values in zip(*turns, strict=True)])


def _send_copy(connection: ServerConnection, way: Way, turns: Turns) -> None:
    with connection.cursor() as cursor, cursor.copy(way.sql.encode()) as copy:
        for turn in turns:
            copy.write_row([turn[number - 1] for number in way.order])


_SENDERS: dict[Sending, Callable[[ServerConnection, Way, Turns], None]] = {
    Sending.AUTOCOMMIT: _send_turn,
    Sending.TURN: _send_turn,
    Sending.PIPELINE: _send_pipeline,
    Sending.FLAT: _send_flat,
    Sending.ARRAYS: _send_arrays,
    Sending.COPY: _send_copy,
}
