"""A csvlog in; entries out."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

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
)

# log_time, then user_name: the same in every version since 8.3; later columns differ by version.
RECORD_START = re.compile(r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [^\s,"]+,(?:"(?:[^"]|"")*")?,')
TIMESTAMP, USER, DATABASE, PID = 0, 1, 2, 3  # columns, in every version
SESSION, VIRTUAL_TRANSACTION, SQLSTATE, MESSAGE = 5, 9, 12, 13  # columns, in every version
QUERY_ID = 25  # column, since 14
SUCCESS_CLASSES = ("00", "01", "02")  # of SQLSTATE: done, warning, no data
FIELD = re.compile(r'(?:"([^"]*+(?:""[^"]*+)*+)"|([^,"\r\n]*))(?:,|\r?\n?$)')


def read_csv_log(lines: Iterable[str], wanted: Wanted = PLANS) -> Iterator[LogEntry | TruncatedEntry]:
    """Yield the wanted entries of *lines*; holds one record at a time.

    A record whose quotes do not close before the next one starts has been cut, and is skipped.
    """
    record: list[str] = []  # the lines of a record whose quotes are still open
    first_line = 0
    for number, line in enumerate(lines, 1):
        if record:
            if not (line[:2] == "20" and RECORD_START.match(line)):
                record.append(line)
                if line.count('"') % 2:
                    yield from _read_record(first_line, record, wanted)
                    record = []
                continue
            yield from _cut_record(first_line, record, wanted)
            record = []
        if line.count('"') % 2:
            if RECORD_START.match(line):
                record, first_line = [line], number
        elif wanted.word in line:
            yield from _read_record(number, [line], wanted)
    if record:
        yield from _cut_record(first_line, record, wanted)


def _read_record(first_line: int, record: list[str], wanted: Wanted) -> Iterator[LogEntry | TruncatedEntry]:
    if wanted.word not in record[0]:
        return  # an entry announces itself in the first line of its message
    fields = _fields("".join(record))
    if wanted.failures and len(fields) > SQLSTATE and not fields[SQLSTATE].startswith(SUCCESS_CLASSES):
        yield LogEntry(first_line, None, "", _origin(fields), EntryKind.FAILURE)
        return
    for column in (MESSAGE, *range(len(fields))):
        message = wanted.message.match(fields[column]) if column < len(fields) else None
        if message is None:
            continue
        rest = fields[column][message.end() :]
        header = MessageHeader("", message["duration_ms"], rest, kind_of(message))
        detail = fields[column + 1] if column + 1 < len(fields) else None
        yield make_entry(first_line, header, rest, _origin(fields), detail)
        return


def _fields(record: str) -> list[str]:
    """Return the columns; the csv module reads no field over 128 KiB, as a long plan is."""
    try:
        return next(csv.reader([record]), [])
    except csv.Error:
        return [quoted.replace('""', '"') or bare for quoted, bare in FIELD.findall(record)]


def _cut_record(first_line: int, record: list[str], wanted: Wanted) -> Iterator[TruncatedEntry]:
    if wanted.message.search(record[0]):
        yield TruncatedEntry(first_line, "the csvlog record is cut off")


def _origin(fields: list[str]) -> Origin:
    pid = fields[PID] if len(fields) > PID else ""
    query_id = fields[QUERY_ID] if len(fields) > QUERY_ID else ""
    return Origin(
        timestamp=fields[TIMESTAMP] or None,
        pid=int(pid) if pid.isdigit() else None,
        database=fields[DATABASE] or None,
        user=fields[USER] or None,
        query_id=(int(query_id) or None) if query_id.lstrip("-").isdigit() else None,
        session=_field(fields, SESSION),
        virtual_transaction=_field(fields, VIRTUAL_TRANSACTION),
    )


def _field(fields: list[str], column: int) -> str | None:
    return fields[column] or None if len(fields) > column else None
