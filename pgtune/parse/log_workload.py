"""Entries of server logs in; their queries, each once with its calls, time and slowest values, out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from pgtune.parse.fingerprint import fingerprint
from pgtune.parse.log_entry import LogEntry, TruncatedEntry
from pgtune.parse.logged_query import read_query_parameters, split_query_text

PARAMETER = re.compile(r"(?:, )?\$(\d+) = (NULL|'(?:[^']|'')*')")
REMEMBERED_TEXTS = 1024  # chosen; statements with parameters come again letter by letter
MAX_BACKENDS = 10_000  # chosen; whose last entry is remembered


@dataclass(frozen=True, slots=True)
class LoggedQuery:
    """All calls of one query that logs held; text and values are those of the slowest."""

    name: str  # "postgresql.log:1201"
    text: str
    calls: int
    total_ms: float
    values: tuple[str | None, ...] | None  # of $1, $2, ...; None: not logged
    query_id: str | None = None


@dataclass(slots=True)
class _Group:
    name: str
    text: str
    slowest_ms: float
    parameters: str | None
    query_id: int | None
    calls: int = 0
    total_ms: float = 0.0


@dataclass(slots=True)
class LogTally:
    """Counts entries by query; memory grows with the number of different queries, not with the log."""

    entries: int = 0
    truncated: int = 0
    _groups: dict[str, _Group] = field(default_factory=dict)
    _last: dict[int | None, tuple[str, bool]] = field(default_factory=dict)  # {pid: text, is_statement}

    def add(self, log: str, entry: LogEntry | TruncatedEntry) -> None:
        """Count one entry of the log called *log*.

        A statement and a plan of the same text, one right after the other in one session, are one call: the
        simple protocol logs the plan first, the extended one the statement.
        """
        if isinstance(entry, TruncatedEntry):
            self.truncated += 1
            return
        is_statement, pid = entry.is_statement, entry.origin.pid
        text = entry.text if is_statement else split_query_text(entry.text)[0]
        if not text:
            return
        if self._last.get(pid) == (text, not is_statement):
            del self._last[pid]
            return
        self._remember(pid, text, is_statement)
        self._count(f"{log}:{entry.line}", text, entry)

    def queries(self) -> tuple[LoggedQuery, ...]:
        """Return what has been counted, in the order of first appearance."""
        return tuple(
            LoggedQuery(
                group.name,
                group.text,
                group.calls,
                group.total_ms,
                read_values(group.parameters),
                None if group.query_id is None else str(group.query_id),
            )
            for group in self._groups.values()
        )

    def _remember(self, pid: int | None, text: str, is_statement: bool) -> None:
        if len(self._last) >= MAX_BACKENDS:
            self._last.clear()
        self._last[pid] = (text, is_statement)

    def _count(self, name: str, text: str, entry: LogEntry) -> None:
        self.entries += 1
        duration_ms = entry.duration_ms or 0.0
        key = _fingerprint(text)
        group = self._groups.get(key)
        if group is None or duration_ms > group.slowest_ms:
            counted = (group.calls, group.total_ms) if group else (0, 0.0)
            group = _Group(name, text, duration_ms, _parameters(entry), entry.origin.query_id, *counted)
            self._groups[key] = group
        group.calls += 1
        group.total_ms += duration_ms


def read_values(parameters: str | None) -> tuple[str | None, ...] | None:
    """Return the values in ``$1 = '42', $2 = NULL``; None where one is missing or cannot be read."""
    if parameters is None:
        return None
    values: list[str | None] = []
    position = 0
    while position < len(parameters):
        match = PARAMETER.match(parameters, position)
        if match is None:
            return None
        number, value = match.groups()
        if int(number) != len(values) + 1:
            return None
        values.append(None if value == "NULL" else value[1:-1].replace("''", "'"))
        position = match.end()
    return tuple(values) or None


@lru_cache(maxsize=REMEMBERED_TEXTS)
def _fingerprint(text: str) -> str:
    return fingerprint(text)


def _parameters(entry: LogEntry) -> str | None:
    return entry.parameters if entry.is_statement else read_query_parameters(entry.text)
