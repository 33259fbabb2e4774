"""What a server log holds for pgtune: a message in, an entry, or the reason why it is not whole, out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

# auto_explain writes the words "duration" and "plan" untranslated in every lc_messages: contrib modules
# ship no message catalogue (seen with ru_RU and fr_FR on 15). Only the severity before them is translated.
PLAN_MESSAGE = re.compile(r"duration: (?P<duration_ms>\d+(?:\.\d+)?) ms\s+(?P<what>plan:)")
# What log_min_duration_statement writes: the callers of check_log_duration in src/backend/tcop/postgres.c.
# Parse and bind are logged by themselves and run nothing. Only the English words are known, the server
# translates them.
TIMED_MESSAGE = re.compile(
    r"duration: (?P<duration_ms>\d+(?:\.\d+)?) ms\s+"
    r"(?P<what>plan:|statement: |execute (?:fetch from )?[^:\n]{1,200}: )"
)
# The same, what log_statement and log_duration write besides, and who connects. Durations of a parse or bind
# alone, of a FETCH and of what was announced before (log_duration) carry no text.
SESSION_MESSAGE = re.compile(
    r"(?:duration: (?P<duration_ms>\d+(?:\.\d+)?) ms(?:  |\s*$))?"
    r"(?P<what>statement: |execute (?!fetch from )[^:\n]{1,200}: |(?:parse|bind) [^:\n]{1,200}: "
    r"|connection authorized: |(?<= ms)\s*$)"
)
FAILURE = re.compile(r"(?:ERROR|FATAL|PANIC):  ")
PARAMETERS_DETAIL = re.compile(r"(?:DETAIL:  )?[Pp]arameters: (?=\$1 = )")  # small before 16
# Two blanks after the colon: the server's own label of a message field (LOG, DETAIL, STATEMENT),
# translated or not.
FIELD_LABEL = re.compile(r"[^\W\d_]+ ?:  ")
# "LOG:  " as most servers write it, where a search for any severity would look at every letter before it.
LOG_LABEL = "LOG:  "
SQLSTATE = re.compile(r"[0-9A-Z]{5}: ")
SEVERITY_AT_END = re.compile(r"[^\W\d_]++ ?: {1,2}(?:[0-9A-Z]{5}: +)?$")  # SQLSTATE with log_error_verbosity
MAX_HEADER_CHARS = 1000  # chosen; how far into a line its message may begin

TRUNCATION_MARK = "[Your log message was truncated]"  # syslog relays and Heroku put it in place of the tail
QUOTED_LITERAL = re.compile(r"'(?:[^']|'')*'")
PREFIX_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d| [A-Z]{2,5}\b)?"
    r"|(?<![\w.-])\d{10}\.\d{3}(?![\w.])"  # %n
)
PREFIX_PID = re.compile(r"\[(\d+)\]")
PREFIX_SESSION = re.compile(r"(?<![\w.-])[0-9a-f]{8}\.[0-9a-f]{1,8}(?![\w.])")  # %c
PREFIX_VIRTUAL_TRANSACTION = re.compile(r"(?<![\w./-])\d+/\d+(?![\w./-])")  # %v
PREFIX_USER_AT_DATABASE = re.compile(r"(?<![\w.])([\w.$-]++)@([\w.$-]+)")
PREFIX_USER = re.compile(r"\buser=([^\s,]+)")
PREFIX_DATABASE = re.compile(r"\b(?:db|database)=([^\s,]+)")
NO_TIME = "0"  # in place of a timestamp
REMEMBERED_PREFIXES = 4096  # chosen; without their timestamps: as many as there are sessions


class Origin(NamedTuple):
    """Who logged a message, as far as the log says; a tuple, as each entry of a large log has one."""

    timestamp: str | None = None  # as written, in the zone of log_timezone; %n: seconds since the epoch
    pid: int | None = None
    database: str | None = None
    user: str | None = None
    query_id: int | None = None  # csvlog and jsonlog of 14 and later; never 0
    session: str | None = None  # %c: start time and pid
    virtual_transaction: str | None = None  # %v: "3/118"


class EntryKind(Enum):
    """What a message says."""

    PLAN = "plan"
    STATEMENT = "statement"  # with its duration, or announced before it runs
    DURATION = "duration"  # of what was announced before
    STEP = "step"  # a parse or bind by itself: it takes time and runs nothing
    FAILURE = "failure"  # an ERROR: what the session ran last was undone
    CONNECTION = "connection"  # a session begins


KINDS = {  # by the first letters of a message
    "stat": EntryKind.STATEMENT,
    "exec": EntryKind.STATEMENT,
    "plan": EntryKind.PLAN,
    "pars": EntryKind.STEP,
    "bind": EntryKind.STEP,
    "conn": EntryKind.CONNECTION,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages of a log are read."""

    word: str  # in the first line of each; a quick look that spares most lines the pattern
    message: re.Pattern[str]  # groups duration_ms and what
    failures: bool = False  # those with severity ERROR or worse too


PLANS = Wanted("plan:", PLAN_MESSAGE)
PLANS_AND_STATEMENTS = Wanted("duration: ", TIMED_MESSAGE)
SESSIONS = Wanted("", SESSION_MESSAGE, failures=True)


class LogEntry(NamedTuple):
    """One plan that auto_explain logged, or one message about a statement or session."""

    line: int  # 1-based, of the entry's first line
    duration_ms: float | None
    text: str  # what follows "plan:": the query text and the plan, in any format of auto_explain.log_format
    origin: Origin = Origin()
    kind: EntryKind = EntryKind.PLAN
    parameters: str | None = None  # of a statement: "$1 = '42', $2 = NULL"

    @property
    def is_statement(self) -> bool:
        """True when `text` is the statement, without a plan."""
        return self.kind is EntryKind.STATEMENT


@dataclass(frozen=True, slots=True)
class TruncatedEntry:
    """An entry that announces a plan which the log does not hold whole."""

    line: int  # 1-based, of the entry's first line
    reason: str


class MessageHeader(NamedTuple):
    """The line that announces a plan or begins a statement."""

    prefix: str  # log_line_prefix, expanded
    duration_ms: str | None
    rest: str  # what stands behind "plan:", usually nothing; the first line of a statement
    kind: EntryKind


def origin_of_prefix(prefix: str) -> Origin:
    """Return what can be read from an expanded log_line_prefix, whose layout the log does not tell."""
    timestamp = PREFIX_TIMESTAMP.search(prefix)
    if timestamp is None:
        return _origin_without_time(prefix)
    known = _origin_without_time(f"{prefix[: timestamp.start()]}{NO_TIME}{prefix[timestamp.end() :]}")
    return Origin(timestamp[0], *known[1:])


@lru_cache(maxsize=REMEMBERED_PREFIXES)
def _origin_without_time(prefix: str) -> Origin:
    pid = PREFIX_PID.search(prefix)
    user = PREFIX_USER.search(prefix)
    database = PREFIX_DATABASE.search(prefix)
    both = PREFIX_USER_AT_DATABASE.search(prefix)
    session = PREFIX_SESSION.search(prefix)
    virtual_transaction = PREFIX_VIRTUAL_TRANSACTION.search(prefix)
    return Origin(
        pid=int(pid[1]) if pid else None,
        database=database[1] if database else both[2] if both else None,
        user=user[1] if user else both[1] if both else None,
        session=session[0] if session else None,
        virtual_transaction=virtual_transaction[0] if virtual_transaction else None,
    )


def read_header(line: str, wanted: Wanted = PLANS) -> MessageHeader | None:
    """Return the parts of the first line of a wanted entry; one quoted inside another message is none."""
    if line.startswith("\t"):
        return None
    start = line.find(LOG_LABEL, 0, MAX_HEADER_CHARS)
    prefix, behind = line[:start], start + len(LOG_LABEL)
    if start < 0 or ": " in prefix or prefix[-1:].isalpha() or SQLSTATE.match(line, behind):
        return _search_header(line, wanted)
    message = wanted.message.match(line, behind)
    return None if message is None else _make_header(line, prefix, message)


def _search_header(line: str, wanted: Wanted) -> MessageHeader | None:
    message = wanted.message.search(line, 0, MAX_HEADER_CHARS)
    if message is None:
        return _read_failure(line) if wanted.failures else None
    before = line[: message.start()]
    severity = SEVERITY_AT_END.search(before)
    if severity is None or ":  " in before[: severity.start()]:
        return None
    return _make_header(line, before[: severity.start()], message)


def _make_header(line: str, prefix: str, message: re.Match[str]) -> MessageHeader:
    kind, rest = kind_of(message), line[message.end() :]
    rest = rest.strip() if kind is EntryKind.PLAN else rest.rstrip("\r\n")
    return MessageHeader(prefix, message["duration_ms"], rest, kind)


def _read_failure(line: str) -> MessageHeader | None:
    failure = FAILURE.search(line, 0, MAX_HEADER_CHARS)
    if failure is None or ":  " in line[: failure.start()]:
        return None
    return MessageHeader(line[: failure.start()], None, "", EntryKind.FAILURE)


def kind_of(message: re.Match[str]) -> EntryKind:
    """Return what a match of `Wanted.message` says."""
    return KINDS.get(message["what"][:4], EntryKind.DURATION)


def make_entry(
    line: int, header: MessageHeader, text: str, origin: Origin, detail: str | None = None
) -> LogEntry | TruncatedEntry:
    """Return the entry for a message whose body is *text*, or why the body is not whole.

    *detail* is the message's, whatever it says.
    """
    duration_ms = None if header.duration_ms is None else float(header.duration_ms)
    if header.kind is EntryKind.STATEMENT:
        return _make_statement_entry(line, duration_ms, text, origin, detail)
    if header.kind is not EntryKind.PLAN:
        return LogEntry(line, duration_ms, "", origin, header.kind)
    body = text.strip("\r\n")
    reason = truncation_of(body)
    if reason is not None:
        return TruncatedEntry(line, reason)
    return LogEntry(line, duration_ms, body, origin)


def _make_statement_entry(
    line: int, duration_ms: float | None, text: str, origin: Origin, detail: str | None
) -> LogEntry | TruncatedEntry:
    if TRUNCATION_MARK in text:
        return TruncatedEntry(line, "the log says that the message was truncated")
    parameters = None
    if detail and (named := PARAMETERS_DETAIL.match(detail)):
        parameters = detail[named.end() :]
    return LogEntry(line, duration_ms, text.strip("\r\n"), origin, EntryKind.STATEMENT, parameters)


def truncation_of(body: str) -> str | None:
    """Return why *body* is not a whole auto_explain message, or None."""
    start = body.lstrip()
    if not start:
        return "the entry ends before its plan"
    if TRUNCATION_MARK in body:
        return "the log says that the message was truncated"
    if start.startswith("{"):
        return _truncation_of_json(body)
    if start.startswith("<"):
        return None if body.rstrip().endswith("</explain>") else "the XML plan is cut off"
    return _truncation_of_text(body)


def _truncation_of_json(body: str) -> str | None:
    if not body.rstrip().endswith("}"):
        return "the JSON plan is cut off"
    # Braces also stand in literals: unequal counts are only a reason to look closer.
    if body.count("{") != body.count("}"):
        try:
            json.loads(body, strict=False)
        except (ValueError, RecursionError):
            return "the JSON plan is damaged"
    return None


def _truncation_of_text(body: str) -> str | None:
    if "(cost=" not in body and "(actual" not in body and "\nPlan:" not in body:
        return "the entry ends before its plan"
    last_line = QUOTED_LITERAL.sub("", body[body.rfind("\n") + 1 :])
    if last_line.count("(") > last_line.count(")"):
        return "the plan is cut off inside a line"
    return None
