"""What a server log holds for pgtune: a message in, an entry, or the reason why it is not whole, out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

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
PARAMETERS_DETAIL = re.compile(r"(?:DETAIL:  )?[Pp]arameters: (?=\$1 = )")  # small before 16
# Two blanks after the colon: the server's own label of a message field (LOG, DETAIL, STATEMENT),
# translated or not.
FIELD_LABEL = re.compile(r"[^\W\d_]+ ?:  ")
SEVERITY_AT_END = re.compile(r"[^\W\d_]++ ?: {1,2}(?:[0-9A-Z]{5}: +)?$")  # SQLSTATE with log_error_verbosity
MAX_HEADER_CHARS = 1000  # chosen; how far into a line its message may begin

TRUNCATION_MARK = "[Your log message was truncated]"  # syslog relays and Heroku put it in place of the tail
QUOTED_LITERAL = re.compile(r"'(?:[^']|'')*'")
PREFIX_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d| [A-Z]{2,5}\b)?"
)
PREFIX_PID = re.compile(r"\[(\d+)\]")
PREFIX_USER_AT_DATABASE = re.compile(r"(?<![\w.])([\w.$-]++)@([\w.$-]+)")
PREFIX_USER = re.compile(r"\buser=([^\s,]+)")
PREFIX_DATABASE = re.compile(r"\b(?:db|database)=([^\s,]+)")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who logged a message, as far as the log says."""

    timestamp: str | None = None  # as written, in the zone of log_timezone
    pid: int | None = None
    database: str | None = None
    user: str | None = None
    query_id: int | None = None  # csvlog and jsonlog of 14 and later; never 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages of a log are read."""

    word: str  # in the first line of each; a quick look that spares most lines the pattern
    message: re.Pattern[str]  # groups duration_ms and what


PLANS = Wanted("plan:", PLAN_MESSAGE)
PLANS_AND_STATEMENTS = Wanted("duration: ", TIMED_MESSAGE)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One plan that auto_explain logged, or one statement that took long."""

    line: int  # 1-based, of the entry's first line
    duration_ms: float | None
    text: str  # what follows "plan:": the query text and the plan, in any format of auto_explain.log_format
    origin: Origin = Origin()
    is_statement: bool = False  # `text` is the statement, without a plan
    parameters: str | None = None  # of a statement: "$1 = '42', $2 = NULL"


@dataclass(frozen=True, slots=True)
class TruncatedEntry:
    """An entry that announces a plan which the log does not hold whole."""

    line: int  # 1-based, of the entry's first line
    reason: str


@dataclass(frozen=True, slots=True)
class MessageHeader:
    """The line that announces a plan or begins a statement."""

    prefix: str  # log_line_prefix, expanded
    duration_ms: str
    rest: str  # what stands behind "plan:", usually nothing; the first line of a statement
    is_statement: bool


def origin_of_prefix(prefix: str) -> Origin:
    """Return what can be read from an expanded log_line_prefix, whose layout the log does not tell."""
    timestamp = PREFIX_TIMESTAMP.search(prefix)
    pid = PREFIX_PID.search(prefix)
    is_named = "=" in prefix
    user = PREFIX_USER.search(prefix) if is_named else None
    database = PREFIX_DATABASE.search(prefix) if is_named else None
    both = PREFIX_USER_AT_DATABASE.search(prefix) if "@" in prefix else None
    return Origin(
        timestamp=timestamp[0] if timestamp else None,
        pid=int(pid[1]) if pid else None,
        database=database[1] if database else both[2] if both else None,
        user=user[1] if user else both[1] if both else None,
    )


def read_header(line: str, wanted: Wanted = PLANS) -> MessageHeader | None:
    """Return the parts of the first line of a wanted entry; one quoted inside another message is none."""
    message = wanted.message.search(line, 0, MAX_HEADER_CHARS)
    if message is None or line.startswith("\t"):
        return None
    before = line[: message.start()]
    severity = SEVERITY_AT_END.search(before)
    if severity is None or ":  " in before[: severity.start()]:
        return None
    is_statement = is_of_statement(message)
    rest = line[message.end() :].rstrip("\r\n") if is_statement else line[message.end() :].strip()
    return MessageHeader(before[: severity.start()], message["duration_ms"], rest, is_statement)


def is_of_statement(message: re.Match[str]) -> bool:
    """Tell whether a match of `Wanted.message` is a statement's, not a plan's."""
    return message["what"] != "plan:"


def make_entry(line: int, duration_ms: str, text: str, origin: Origin) -> LogEntry | TruncatedEntry:
    """Return the entry for the body *text* of a plan's message, or why the body is not whole."""
    body = text.strip("\r\n")
    reason = truncation_of(body)
    if reason is not None:
        return TruncatedEntry(line, reason)
    return LogEntry(line, float(duration_ms), body, origin)


def make_statement_entry(
    line: int, duration_ms: str, text: str, origin: Origin, detail: str | None
) -> LogEntry | TruncatedEntry:
    """Return the entry for a statement that took long; *detail* is the message's, whatever it says."""
    if TRUNCATION_MARK in text:
        return TruncatedEntry(line, "the log says that the message was truncated")
    named = PARAMETERS_DETAIL.match(detail) if detail else None
    parameters = detail[named.end() :] if detail and named else None
    return LogEntry(
        line, float(duration_ms), text.strip("\r\n"), origin, is_statement=True, parameters=parameters
    )


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
