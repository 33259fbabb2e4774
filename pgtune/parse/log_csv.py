"""A csvlog in; entries out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pgtune.parse.log_entry import PLAN_MESSAGE, LogEntry, Origin, TruncatedEntry, make_entry

# log_time, then user_name: the same in every version since 8.3; later columns differ by version.
RECORD_START = re.compile(r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [^\s,"]+,(?:"(?:[^"]|"")*")?,')
TIMESTAMP, USER, DATABASE, PID = 0, 1, 2, 3  # columns, in every version
QUERY_ID = 25  # column, since 14
FIELD = re.compile(r'(?:"([^"]*+(?:""[^"]*+)*+)"|([^,"\r\n]*))(?:,|\r?\n?$)')


def read_csv_log(lines: Iterable[str]) -> Iterator[LogEntry | TruncatedEntry]:
    """Yield the plan entries of *lines*; holds one record at a time.

    A record whose quotes do not close before the next one starts has been cut, and is skipped.
    """
    record: list[str] = []  # the lines of a record whose quotes are still open
    first_line = 0
    for number, line in enumerate(lines, 1):
        if record:
            if not (line[:2] == "20" and RECORD_START.match(line)):
                record.append(line)
                if line.count('"') % 2:
                    yield from _read_record(first_line, record)
                    record = []
                continue
            yield from _cut_record(first_line, record)
            record = []
        if line.count('"') % 2:
            if RECORD_START.match(line):
                record, first_line = [line], number
        elif "plan:" in line:
            yield from _read_record(number, [line])
    if record:
        yield from _cut_record(first_line, record)


def _read_record(first_line: int, record: list[str]) -> Iterator[LogEntry | TruncatedEntry]:
    if "plan:" not in record[0]:
        return  # a plan entry announces its plan in the first line of its message
    fields = [quoted.replace('""', '"') or bare for quoted, bare in FIELD.findall("".join(record))]
    for message in fields:
        header = PLAN_MESSAGE.match(message)
        if header is not None:
            yield make_entry(first_line, header["duration_ms"], message[header.end() :], _origin(fields))
            return


def _cut_record(first_line: int, record: list[str]) -> Iterator[TruncatedEntry]:
    if PLAN_MESSAGE.search(record[0]):
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
