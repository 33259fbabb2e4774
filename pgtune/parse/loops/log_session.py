"""The log entries of one session, in their order, in; its turns, with their times and transactions, out."""

from __future__ import annotations

from collections.abc import Callable

from pgtune.model.equivalence import Row
from pgtune.parse.log_entry import EntryKind, LogEntry
from pgtune.parse.log_workload import read_values
from pgtune.parse.loops.log_clock import clock_ms
from pgtune.parse.loops.runs import TurnSequence
from pgtune.parse.loops.transaction_count import TransactionCount
from pgtune.parse.loops.turn_shape import TurnShape
from pgtune.parse.loops.turns import Turn, split_literals

OUTSIDE_TRANSACTION = "/0"  # %v once the statement has committed itself


class LogSession:
    """Puts together what the log says about one statement in several entries.

    *on_turn* gets every statement, those that control transactions too.
    """

    def __init__(self, sequence: TurnSequence, on_turn: Callable[[Turn], None]) -> None:
        self._sequence = sequence
        self._on_turn = on_turn
        self._announced: Turn | None = None  # by log_statement: its duration may follow, or its failure
        self._steps_ms = 0.0  # parse and bind before the statement they are for
        self._transaction = TransactionCount()

    def take(self, entry: LogEntry) -> None:
        """Use the next entry of the session."""
        kind = entry.kind
        if kind is EntryKind.STATEMENT:
            self._take_statement(entry)
        elif kind is EntryKind.DURATION:
            self._end_announced(entry)
        elif kind is EntryKind.STEP:
            self._flush()
            self._steps_ms += entry.duration_ms or 0.0
        elif kind is EntryKind.FAILURE:
            self._announced, self._steps_ms = None, 0.0
        elif kind is EntryKind.CONNECTION:
            self.close()

    def close(self) -> None:
        """End the session."""
        self._flush()
        self._sequence.close()
        self._transaction = TransactionCount()

    def _take_statement(self, entry: LogEntry) -> None:
        self._flush()
        found = split_literals(entry.text)
        if found is None:
            self._sequence.close()
            return
        shape, literals = found
        if shape.control is not None:
            self._steps_ms = 0.0
            self._on_turn(Turn(shape, literals, entry.line, busy_ms=entry.duration_ms))
            self._transaction.take(shape.control)
            return
        start_ms, end_ms, busy_ms = self._times(entry)
        turn = Turn(
            shape,
            literals,
            entry.line,
            _parameters(shape, entry),
            start_ms,
            end_ms,
            busy_ms,
            self._transaction.current,
            _virtual_transaction(entry),
        )
        if busy_ms is None:
            self._announced = turn
        else:
            self._emit(turn)

    def _times(self, entry: LogEntry) -> tuple[float | None, float | None, float | None]:
        """Return start, end and time on the server, with the parse and bind before.

        Only the start is known of a statement that is announced.
        """
        clock = clock_ms(entry.origin.timestamp)
        if entry.duration_ms is None:
            return clock, None, None
        busy_ms, self._steps_ms = entry.duration_ms + self._steps_ms, 0.0
        return None if clock is None else clock - busy_ms, clock, busy_ms

    def _end_announced(self, entry: LogEntry) -> None:
        """Take a duration by itself; log_duration writes one for parse and bind too."""
        if self._announced is not None and entry.duration_ms is not None:
            turn, self._announced = self._announced, None
            start_ms, end_ms, busy_ms = self._times(entry)
            self._emit(turn._replace(start_ms=start_ms, end_ms=end_ms, busy_ms=busy_ms))

    def _flush(self) -> None:
        if self._announced is not None:
            turn, self._announced = self._announced, None
            self._emit(turn)

    def _emit(self, turn: Turn) -> None:
        self._on_turn(turn)
        self._sequence.add(turn)


def _parameters(shape: TurnShape, entry: LogEntry) -> Row | None:
    if not shape.parameters:
        return ()
    values = read_values(entry.parameters)
    return None if values is None or len(values) < shape.parameters else values


def _virtual_transaction(entry: LogEntry) -> str | None:
    named = entry.origin.virtual_transaction
    return None if named is None or named.endswith(OUTSIDE_TRANSACTION) else named
