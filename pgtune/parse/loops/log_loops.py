"""The lines of server logs in; loops of like statements inside one session out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pgtune.model.catalog import Catalog
from pgtune.model.loop import Loop, LoopOrigin
from pgtune.parse.log_entry import SESSIONS, EntryKind, LogEntry, Origin, TruncatedEntry
from pgtune.parse.loops.gathered import GatheredRuns, RunPlace
from pgtune.parse.loops.limits import DEFAULT_LIMITS, LoopLimits
from pgtune.parse.loops.log_session import LogSession
from pgtune.parse.loops.runs import Run, TurnSequence
from pgtune.parse.loops.turns import Turn
from pgtune.parse.server_log import read_log

MAX_SESSIONS = 5000  # open at the same time; the one that was silent longest is ended; chosen
# Shorter than any threshold that someone sets: every statement is logged then, BEGIN too; chosen.
UNFILTERED_MS = 0.1
BATCH_ENTRIES = 500  # chosen
BATCH_CHARS = 1_000_000  # of their texts, unless one alone has more; chosen
PREFIX = "log_line_prefix = '%m [%p] '"


@dataclass(frozen=True, slots=True)
class LoggedLoops:
    """What logs held."""

    loops: tuple[Loop, ...]
    statements: int  # read
    remarks: tuple[str, ...] = ()


def loops_of_log(
    name: str, lines: Iterable[str], catalog: Catalog | None = None, limits: LoopLimits = DEFAULT_LIMITS
) -> LoggedLoops:
    """Return the loops in the log *name*; *catalog* helps to find the query that an N+1 belongs to.

    Reads what log_min_duration_statement, log_statement and log_duration write, in every format. Memory is
    bounded by the open sessions and the number of different loops.
    """
    reader = LogLoops(catalog, limits)
    reader.read(name, lines)
    return reader.finish()


class LogLoops:
    """Reads one log after the other: a loop that is in several of them is one."""

    def __init__(self, catalog: Catalog | None = None, limits: LoopLimits = DEFAULT_LIMITS) -> None:
        self._gathered = GatheredRuns(LoopOrigin.LOGS, limits, catalog)
        self._min_turns = limits.min_turns
        self._name = ""
        self._sessions: dict[str, LogSession] = {}
        self._statements = 0
        self._without_session = 0
        self._truncated = 0
        self._is_unfiltered = False

    def read(
        self,
        name: str,
        lines: Iterable[str],
        on_entry: Callable[[LogEntry | TruncatedEntry], None] = lambda _entry: None,
    ) -> None:
        """Read the log called *name*; sessions end with it. *on_entry* gets what is read, too."""
        self._name = name
        for entries in _batches(read_log(lines, SESSIONS)):
            for entry in entries:
                on_entry(entry)
            for entry in entries:
                if isinstance(entry, TruncatedEntry):
                    self._truncated += 1
                else:
                    self._take(entry)
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    def finish(self) -> LoggedLoops:
        """Return the loops of all that was read."""
        return LoggedLoops(self._gathered.loops(), self._statements, tuple(self._remarks()))

    def _take(self, entry: LogEntry) -> None:
        is_statement = entry.kind is EntryKind.STATEMENT
        self._statements += is_statement
        key = _session_of(entry.origin)
        if key is None:
            self._without_session += is_statement
            return
        session = self._sessions.pop(key, None)
        if session is None:
            session = self._begin(key)
        self._sessions[key] = session  # the last one is the one that spoke last
        session.take(entry)

    def _begin(self, key: str) -> LogSession:
        if len(self._sessions) >= MAX_SESSIONS:
            self._sessions.pop(next(iter(self._sessions))).close()

        def take_run(run: Run) -> None:
            place = RunPlace(self._name, f"session {key}")
            self._gathered.add(run, place, is_every_statement_seen=self._is_unfiltered)

        return LogSession(TurnSequence(take_run, self._min_turns), self._note)

    def _note(self, turn: Turn) -> None:
        """Learn whether the log holds every statement: fast ones, or what log_statement = mod leaves out."""
        if not self._is_unfiltered:
            reads = turn.shape.command == "SELECT" or turn.shape.control is not None
            self._is_unfiltered = reads if turn.busy_ms is None else turn.busy_ms < UNFILTERED_MS

    def _remarks(self) -> Iterator[str]:
        gathered = self._gathered
        if self._without_session:
            yield (
                f"{self._without_session} statements without a process id: sessions cannot be told apart, "
                f"so that no loop is looked for among them; set {PREFIX}"
            )
        if gathered.same_values:
            yield (
                f"{gathered.same_values} statements ran again and again with the same values: polling, or a "
                "cache that is missing; no loop"
            )
        if gathered.unlogged_values:
            yield (
                f"{gathered.unlogged_values} like statements without their values: no loop is claimed; set "
                "log_parameter_max_length = -1"
            )
        if gathered.pipelined:
            yield f"{gathered.pipelined} runs of like statements were sent in pipeline mode: no loop"
        if self._truncated:
            yield f"{self._truncated} entries are cut off and were skipped"


def _batches(
    entries: Iterable[LogEntry | TruncatedEntry],
) -> Iterator[Sequence[LogEntry | TruncatedEntry]]:
    """Yield *entries*, some at a time: one by one they would take a third longer (measured).

    Each entry would run through the code of all who use it.
    """
    batch: list[LogEntry | TruncatedEntry] = []
    chars = 0
    for entry in entries:
        batch.append(entry)
        chars += len(entry.text) if isinstance(entry, LogEntry) else 0
        if len(batch) >= BATCH_ENTRIES or chars >= BATCH_CHARS:
            yield batch
            batch, chars = [], 0
    yield batch


def _session_of(origin: Origin) -> str | None:
    """Return %c, which no other session shares, else the pid, which one after it may have."""
    if origin.session is not None:
        return origin.session
    return None if origin.pid is None else str(origin.pid)
