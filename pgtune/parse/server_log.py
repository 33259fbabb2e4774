"""The lines of a PostgreSQL server log of any format in; the plans and slow statements in it out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from pgtune.parse.log_csv import RECORD_START, read_csv_log
from pgtune.parse.log_entry import (
    MAX_HEADER_CHARS,
    PLANS,
    PLANS_AND_STATEMENTS,
    LogEntry,
    Origin,
    TruncatedEntry,
    Wanted,
    read_header,
)
from pgtune.parse.log_json import read_json_log, unwrap_container_lines
from pgtune.parse.log_stderr import read_stderr_log
from pgtune.parse.log_syslog import looks_like_syslog, read_syslog
from pgtune.parse.logged_query import read_query_parameters, split_query_text

__all__ = [
    "PLANS_AND_STATEMENTS",
    "LogEntry",
    "Origin",
    "TruncatedEntry",
    "looks_like_log",
    "read_log",
    "read_query_parameters",
    "split_query_text",
]

NOT_A_LOG = " \t[-|/'\""  # a plan, its frame, a JSON array, a comment, a quoted plan
HEAD_LINES = 400  # chosen; a log may begin inside a long entry, when it was rotated or cut
BYTE_ORDER_MARK = "\ufeff"
JSON_RECORD = re.compile(r'\{".*"(?:message|error_severity|log|textPayload|record)":')
CONTAINER_RECORD = re.compile(r'\{"log":".*"stream":"std')
SEVERITY_AFTER_TIME = re.compile(r"[^']*?\d\d:\d\d:\d\d[^']*?[^\W\d_]+ ?:  \S")
SEVERITY_FIRST = re.compile(r"(?:LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DEBUG\d?|STATEMENT):  \S")


def read_log(lines: Iterable[str], wanted: Wanted = PLANS) -> Iterator[LogEntry | TruncatedEntry]:
    """Yield every wanted entry of a log, in the order in which the entries end, and every one that is cut.

    Reads stderr, syslog, csvlog and jsonlog; each line may keep its line ending. Memory is bounded by the
    longest entry. A whole entry may still hold a damaged plan, which reading the plan then finds.
    """
    source = iter(lines)
    head = list(islice(source, HEAD_LINES))
    if head:
        head[0] = head[0].removeprefix(BYTE_ORDER_MARK)
    everything = chain(head, source)
    if any(CONTAINER_RECORD.match(line) for line in head):
        return read_stderr_log(unwrap_container_lines(everything), wanted)
    if any(JSON_RECORD.match(line) for line in head):
        return read_json_log(everything, wanted)
    if any(RECORD_START.match(line) for line in head):
        return read_csv_log(everything, wanted)
    if any(looks_like_syslog(line) for line in head):
        return read_syslog(everything, wanted)
    return read_stderr_log(everything, wanted)


def looks_like_log(head: str) -> bool:
    """Tell a server log from other text by its first 64 KB; EXPLAIN output and SQL are none.

    A log is known by the lines that begin its entries: those are never indented, as the lines
    of a plan that may quote a log are.
    """
    return any(_begins_log_entry(line) for line in head.removeprefix(BYTE_ORDER_MARK).split("\n"))


def _begins_log_entry(line: str) -> bool:
    if not line or line[0] in NOT_A_LOG:
        return False
    if line[0] == "{":
        return JSON_RECORD.match(line) is not None
    if RECORD_START.match(line) or SEVERITY_FIRST.match(line):
        return True
    if ":  " in line and SEVERITY_AFTER_TIME.match(line, 0, MAX_HEADER_CHARS):
        return True
    header = read_header(line) if "plan:" in line else None
    return header is not None and "'" not in header.prefix
