"""A jsonlog (15 and later), or a log that a collector has put into JSON lines, in; entries out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from pgtune.parse.log_entry import (
    PLAN_MESSAGE,
    LogEntry,
    Origin,
    TruncatedEntry,
    make_entry,
    origin_of_prefix,
    read_plan_header,
)

MAX_WRAPPERS = 4  # chosen; how deep a collector may have nested the server's record


def read_json_log(lines: Iterable[str]) -> Iterator[LogEntry | TruncatedEntry]:
    """Yield the plan entries of *lines*, each one JSON object; holds one line at a time."""
    for number, line in enumerate(lines, 1):
        if "plan:" not in line:
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            if PLAN_MESSAGE.search(line):
                yield TruncatedEntry(number, "the log line is not a whole JSON object")
            continue
        if isinstance(record, dict):
            yield from _read_record(number, record, MAX_WRAPPERS)


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


def _read_record(number: int, record: dict[str, Any], depth: int) -> Iterator[LogEntry | TruncatedEntry]:
    for value in record.values():
        if isinstance(value, dict) and depth:
            yield from _read_record(number, value, depth - 1)
        elif isinstance(value, str) and "plan:" in value:
            yield from _read_message(number, value, record)


def _read_message(number: int, text: str, record: dict[str, Any]) -> Iterator[LogEntry | TruncatedEntry]:
    message = PLAN_MESSAGE.match(text)
    if message is not None:
        yield make_entry(number, message["duration_ms"], text[message.end() :], _origin(record))
        return
    first_line, _, rest = text.partition("\n")
    header = read_plan_header(first_line)  # a collector's record may hold the whole stderr text
    if header is not None:
        body = header.rest + "\n" + "\n".join(line.removeprefix("\t") for line in rest.split("\n"))
        yield make_entry(number, header.duration_ms, body, origin_of_prefix(header.prefix))


def _origin(record: dict[str, Any]) -> Origin:
    return Origin(
        timestamp=_text(record, "timestamp", "log_time"),
        pid=_number(record, "pid", "process_id"),
        database=_text(record, "dbname", "database_name"),
        user=_text(record, "user", "user_name"),
        query_id=_number(record, "query_id"),
    )


def _text(record: dict[str, Any], *keys: str) -> str | None:
    values = (record.get(key) for key in keys)
    return next((value for value in values if isinstance(value, str) and value), None)


def _number(record: dict[str, Any], *keys: str) -> int | None:
    text = next((str(record[key]) for key in keys if record.get(key)), "")
    return (int(text) or None) if text.lstrip("-").isdigit() else None
