"""A log that went through syslog (also Heroku's) in; entries out, put together again per backend."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pgtune.parse.log_entry import (
    FIELD_LABEL,
    PLANS,
    EntryKind,
    LogEntry,
    MessageHeader,
    Origin,
    TruncatedEntry,
    Wanted,
    make_entry,
    origin_of_prefix,
    read_header,
)

# "Nov 21 03:38:58 db1 postgres[5446]: [5-2] rest": backend 5446, its message 5, chunk 2 of it.
CHUNK = re.compile(
    r"(?P<stamp>.*?)(?P<backend>[^\s\[]+\[[^\]\s]*\]):? .*?\[(?P<message>\d+)-(?P<chunk>\d+)\] ?"
)
MAX_CHUNK_HEAD_CHARS = 400  # chosen; what stands before the text of a chunk
BACKEND_PID = re.compile(r"(\d+)\]")
SYSLOG_TIMESTAMP = re.compile(r"[A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d|\d{4}-\S+")
ESCAPED_TAB = "#011"  # how syslog daemons write control characters: # and the octal code
MAX_OPEN_ENTRIES = 512  # chosen; backends whose entries are put together at the same time


@dataclass(slots=True)
class _OpenMessage:
    line: int
    message: str
    header: MessageHeader
    origin: Origin
    chunk: int = 1
    body: list[str] = field(default_factory=list)
    detail: list[str] | None = None  # of a statement, once it has begun
    complete: bool = False  # a DETAIL of a plan, a CONTEXT or a STATEMENT has begun
    lost_chunk: bool = False

    def add(self, chunk: int, rest: str) -> None:
        """Add what chunk number *chunk* holds.

        The server cuts lines over 900 bytes into chunks (``write_syslog`` in
        ``src/backend/utils/error/elog.c``): only one that begins with a tab begins a line.
        """
        if self.complete:
            return
        self.lost_chunk |= chunk != self.chunk + 1
        self.chunk = chunk
        text = rest.replace(ESCAPED_TAB, "\t")
        part = self.body if self.detail is None else self.detail
        if text.startswith("\t"):
            part.extend(("\n", text[1:]))
        elif text.startswith(self.header.prefix) and FIELD_LABEL.match(text, len(self.header.prefix)):
            self._begin_field(text[len(self.header.prefix) :])
        else:
            part.append(text)

    def _begin_field(self, text: str) -> None:
        is_statement = self.header.kind is EntryKind.STATEMENT
        if is_statement and self.detail is None and text.startswith("DETAIL:  "):
            self.detail = [text]
        else:
            self.complete = True

    def finish(self) -> LogEntry | TruncatedEntry:
        if self.lost_chunk:
            return TruncatedEntry(self.line, "syslog has lost a part of the message")
        detail = None if self.detail is None else "".join(self.detail)
        return make_entry(self.line, self.header, "".join(self.body), self.origin, detail)


def looks_like_syslog(line: str) -> bool:
    """Tell whether *line* carries the sequence number that the server gives syslog messages."""
    return "]" in line and CHUNK.match(line, 0, MAX_CHUNK_HEAD_CHARS) is not None


def read_syslog(lines: Iterable[str], wanted: Wanted = PLANS) -> Iterator[LogEntry | TruncatedEntry]:
    """Yield the wanted entries of *lines*, in which messages of several backends may be mixed."""
    open_messages: dict[str, _OpenMessage] = {}  # {backend: its entry}
    for number, line in enumerate(lines, 1):
        if not open_messages and wanted.word not in line:
            continue
        chunk = CHUNK.match(line, 0, MAX_CHUNK_HEAD_CHARS)
        if chunk is None:
            continue
        backend, rest = chunk["backend"], line[chunk.end() :].rstrip("\r\n")
        known = open_messages.get(backend)
        if known is not None:
            if known.message == chunk["message"]:
                known.add(int(chunk["chunk"]), rest)
                continue
            del open_messages[backend]
            yield known.finish()
        opened = _open_message(number, chunk, rest, wanted)
        if opened is not None:
            open_messages[backend] = opened
            if len(open_messages) > MAX_OPEN_ENTRIES:
                yield open_messages.pop(next(iter(open_messages))).finish()
    for message in open_messages.values():
        yield message.finish()


def _open_message(number: int, chunk: re.Match[str], rest: str, wanted: Wanted) -> _OpenMessage | None:
    header = read_header(rest, wanted) if chunk["chunk"] == "1" else None
    if header is None:
        return None
    known = origin_of_prefix(header.prefix)
    stamp = SYSLOG_TIMESTAMP.match(chunk["stamp"])
    pid = BACKEND_PID.search(chunk["backend"])
    origin = Origin(
        timestamp=known.timestamp or (stamp[0] if stamp else None),
        pid=known.pid or (int(pid[1]) if pid else None),
        database=known.database,
        user=known.user,
        session=known.session,
        virtual_transaction=known.virtual_transaction,
    )
    return _OpenMessage(number, chunk["message"], header, origin, body=[header.rest])
