"""A log on stderr in, with any log_line_prefix and the prefixes of a container or journal; entries out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pgtune.parse.log_entry import (
    FIELD_LABEL,
    MAX_HEADER_CHARS,
    PLANS,
    EntryKind,
    LogEntry,
    MessageHeader,
    TruncatedEntry,
    Wanted,
    make_entry,
    origin_of_prefix,
    read_header,
)

DIGITS = re.compile(r"\d+")
MAX_UNMARKED_LINES = 200_000  # chosen; bounds memory when what follows a plan is no log at all
DETAIL = re.compile(r"DETAIL:  (?:[0-9A-Z]{5}: +)?(?=[Pp]arameters: )")
WITH_BODY = frozenset({EntryKind.PLAN, EntryKind.STATEMENT})
MAX_PREFIX_CHARS = 300  # chosen; how far into a line its severity is looked for


@dataclass(slots=True)
class _OpenEntry:
    """An entry of which more lines may follow."""

    line: int
    header: MessageHeader
    body: list[str] = field(default_factory=list)
    detail: list[str] | None = None  # of a statement, once it has begun
    unmarked: bool = False  # the log has lost the tabs that mark continuation lines

    def add(self, line: str) -> None:
        (self.body if self.detail is None else self.detail).append(line)

    def takes_detail(self, line: str) -> bool:
        """Begin the DETAIL of a statement, its parameters, if *line* does so under the same prefix."""
        is_statement = self.header.kind is EntryKind.STATEMENT
        if not is_statement or self.detail is not None or "arameters: " not in line:
            return False
        prefix = self.header.prefix
        label = DETAIL.match(line, len(prefix)) if line.startswith(prefix) else None
        if label is None:
            label = DETAIL.search(line, 0, MAX_HEADER_CHARS)
            if label is None or not _masked(prefix).startswith(_masked(line[: label.start()])):
                return False
        self.detail = [line[label.end() :].rstrip("\r\n")]
        return True

    def finish(self) -> LogEntry | TruncatedEntry:
        detail = None if self.detail is None else "\n".join(self.detail)
        origin = origin_of_prefix(self.header.prefix)
        return make_entry(self.line, self.header, "\n".join(self.body), origin, detail)


def read_stderr_log(lines: Iterable[str], wanted: Wanted = PLANS) -> Iterator[LogEntry | TruncatedEntry]:
    """Yield the wanted entries of *lines*; holds one entry at a time.

    The server marks every continuation line with a tab (``append_with_tabs`` in
    ``src/backend/utils/error/elog.c``), so that a line without one begins something else.
    """
    entry: _OpenEntry | None = None
    for number, line in enumerate(lines, 1):
        if entry is not None:
            if line.startswith("\t"):
                entry.add(line[1:].rstrip("\r\n"))
                continue
            if entry.takes_detail(line):
                continue
            continuation = _continuation_of(entry, line)
            if continuation is not None:
                entry.add(continuation)
                continue
            yield entry.finish()
            entry = None
        if wanted.word in line:
            entry = _open_entry(number, line, wanted)
    if entry is not None:
        yield entry.finish()


def _open_entry(number: int, line: str, wanted: Wanted) -> _OpenEntry | None:
    header = read_header(line, wanted)
    if header is None:
        return None
    body = [header.rest] if header.rest else []
    return _OpenEntry(number, header, body)


def _continuation_of(entry: _OpenEntry, line: str) -> str | None:
    """Return the text that *line*, which does not begin with a tab, adds to *entry*; None ends the entry."""
    text = line.rstrip("\r\n")
    if not text:
        return ""
    repeated_prefix, tab, rest = text.partition("\t")
    if tab and _masked(entry.header.prefix).startswith(_masked(repeated_prefix)):
        return rest  # "db-1  | \tSort ...": what carries the log puts its own prefix on each line
    if (entry.body and not entry.unmarked) or entry.header.kind not in WITH_BODY:
        return None
    if _begins_entry(entry.header.prefix, text) or len(entry.body) >= MAX_UNMARKED_LINES:
        return None
    entry.unmarked = True
    return text


def _masked(prefix: str) -> str:
    return DIGITS.sub("0", prefix)


def _begins_entry(known_prefix: str, text: str) -> bool:
    if text.startswith(" "):
        return False
    if not known_prefix:
        return FIELD_LABEL.match(text) is not None
    return FIELD_LABEL.search(text, 0, MAX_PREFIX_CHARS) is not None
