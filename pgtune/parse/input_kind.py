"""The beginning of an input in; whether it is SQL, a plan or a server log out."""

from __future__ import annotations

import re
from enum import Enum

HEAD_CHARS = 65_536  # enough to meet the first entry of a log; chosen


class InputKind(Enum):
    """What an input holds."""

    SQL = "SQL"
    PLAN = "plan"
    LOG = "server log"


_COST = re.compile(
    r"\(cost=\d+\.\d+\.\.\d+\.\d+ rows=|\(actual (?:time|rows)=\d|\(never executed\)|QUERY PLAN"
)
# Above a plan in a session of psql, which may hold SQL and the server's messages as well.
_COLUMN_NAME = re.compile(r"^ *[|│║]? *QUERY PLAN *[|│║]?[ \r]*$", re.MULTILINE)
_NODE_TYPE = re.compile(r'"Node Type"|\'Node Type\'|Node Type: "|<Node-Type>')
_STATEMENT = re.compile(
    r"(?:select|insert|update|delete|merge|with|values|table|explain|create|alter|drop|set|begin|start|commit|copy"
    r"|analyze|vacuum|truncate|refresh|declare|execute|prepare|do|call|grant|revoke|comment|show|reset|lock|reindex"
    r"|cluster|savepoint|rollback|end|discard|listen|notify|import|security|load)\b",
    re.IGNORECASE,
)
# With COSTS OFF a plan can begin with a word that begins statements as well.
_NODE_HEAD = re.compile(
    r"(?:Insert|Update|Delete|Merge) on |Merge (?:\w+ )?Join|Merge Append|Values Scan|Table "
)
_BLANK_OR_COMMENT = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/|\()+", re.DOTALL)


def classify(name: str, head: str) -> InputKind:
    """Tell what an input is by its name and its first HEAD_CHARS characters."""
    if name.lower().endswith(".sql"):
        return InputKind.SQL
    if _COLUMN_NAME.search(head):
        return InputKind.PLAN
    if _looks_like_statement(head) and not _NODE_TYPE.search(head) and not _COST.search(head):
        return InputKind.SQL
    from pgtune.parse.server_log import looks_like_log  # SQL, the usual input, need not wait for it

    if looks_like_log(head):
        return InputKind.LOG
    return InputKind.PLAN


def _looks_like_statement(head: str) -> bool:
    blank = _BLANK_OR_COMMENT.match(head)
    start = blank.end() if blank else 0
    return _STATEMENT.match(head, start) is not None and _NODE_HEAD.match(head, start) is None
