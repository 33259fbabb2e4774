"""A csvlog in; entries out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pgtune.parse.log_entry import (
    PLANS,
    LogEntry,
    Origin,
    TruncatedEntry,
    Wanted,
    is_of_statement,
    make_entry,
    make_statement_entry,
)

# log_time, then user_name: the same in every version since 8.3; later columns differ by version.
RECORD_START = re.compile(r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [^\s,"]+,(?:"(?:[^"]|"")*")?,')
TIMESTAMP, USER, DATABASE, PID = 0, 1, 2, 3  # columns, in every version
QUERY_ID = 25  # column, since 14
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
    fields = [quoted.replace('""', '"') or bare for quoted, bare in FIELD.findall("".join(record))]
    for column, text in enumerate(fields):
        message = wanted.message.match(text)
        if message is None:
            continue
        body, duration_ms, origin = text[message.end() :], message["duration_ms"], _origin(fields)
        if is_of_statement(message):
            detail = fields[column + 1] if column + 1 < len(fields) else None
            yield make_statement_entry(first_line, duration_ms, body, origin, detail)
        else:
            yield make_entry(first_line, duration_ms, body, origin)
        return


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
    )
