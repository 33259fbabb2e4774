"""A jsonlog (15 and later), or a log that a collector has put into JSON lines, in; entries out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from pgtune.parse.log_entry import (
    PLANS,
    EntryKind,
    LogEntry,
    MessageHeader,
    Origin,
    TruncatedEntry,
    Wanted,
    kind_of,
    make_entry,
    origin_of_prefix,
    read_header,
)

FAILURES = frozenset({"ERROR", "FATAL", "PANIC"})
MAX_WRAPPERS = 4  # chosen; how deep a collector may have nested the server's record


def read_json_log(lines: Iterable[str], wanted: Wanted = PLANS) -> Iterator[LogEntry | TruncatedEntry]:
    """Yield the wanted entries of *lines*, each one JSON object; holds one line at a time."""
    for number, line in enumerate(lines, 1):
        if wanted.word not in line:
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            if wanted.message.search(line):
                yield TruncatedEntry(number, "the log line is not a whole JSON object")
            continue
        if isinstance(record, dict):
            yield from _read_record(number, record, wanted, MAX_WRAPPERS)


def unwrap_container_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield the stderr lines that the container runtime's json-file driver wrapped, one per line of input."""
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            yield line
            continue
        text = record.get("log") if isinstance(record, dict) else None
        yield text if isinstance(text, str) else line


def _read_record(
    number: int, record: dict[str, Any], wanted: Wanted, depth: int
) -> Iterator[LogEntry | TruncatedEntry]:
    severity = record.get("error_severity")
    if wanted.failures and severity in FAILURES:
        yield LogEntry(number, None, "", _origin(record), EntryKind.FAILURE)
        return
    if severity is not None and isinstance(text := record.get("message"), str):  # the server's own record
        yield from _read_message(number, text, record, wanted)
        return
    for value in record.values():
        if isinstance(value, dict) and depth:
            yield from _read_record(number, value, wanted, depth - 1)
        elif isinstance(value, str) and wanted.word in value:
            yield from _read_message(number, value, record, wanted)


def _read_message(
    number: int, text: str, record: dict[str, Any], wanted: Wanted
) -> Iterator[LogEntry | TruncatedEntry]:
    message = wanted.message.match(text)
    if message is None:
        yield from _read_wrapped_text(number, text, wanted)
        return
    header = MessageHeader("", message["duration_ms"], text[message.end() :], kind_of(message))
    yield make_entry(number, header, header.rest, _origin(record), _text(record, "detail"))


def _read_wrapped_text(number: int, text: str, wanted: Wanted) -> Iterator[LogEntry | TruncatedEntry]:
    """Read the whole stderr text of a message, as a collector's record may hold it."""
    first_line, _, rest = text.partition("\n")
    header = read_header(first_line, wanted)
    if header is None:
        return
    body = header.rest + "\n" + "\n".join(line.removeprefix("\t") for line in rest.split("\n"))
    yield make_entry(number, header, body, origin_of_prefix(header.prefix))


def _origin(record: dict[str, Any]) -> Origin:
    return Origin(
        timestamp=_text(record, "timestamp", "log_time"),
        pid=_number(record, "pid", "process_id"),
        database=_text(record, "dbname", "database_name"),
        user=_text(record, "user", "user_name"),
        query_id=_number(record, "query_id"),
        session=_text(record, "session_id"),
        virtual_transaction=_text(record, "vxid", "virtual_transaction_id"),
    )


def _text(record: dict[str, Any], *keys: str) -> str | None:
    for key in keys:
        value = record.get(key)
        if value and isinstance(value, str):
            return value
    return None


def _number(record: dict[str, Any], *keys: str) -> int | None:
    text = next((str(record[key]) for key in keys if record.get(key)), "")
    return (int(text) or None) if text.lstrip("-").isdigit() else None
