"""The body of an auto_explain entry in; its query text, its parameters and its plan out."""

from __future__ import annotations

import json
import re
from html import unescape

QUERY_TEXT = "Query Text: "
QUERY_PARAMETERS = "Query Parameters: "  # 16 and later
# auto_explain always prints costs, and the root is the one node that is not indented.
ROOT_NODE = re.compile(r"^[^\s].*?  \(cost=\d+\.\d\d\.\.\d+\.\d\d rows=\d+ width=\d+\)", re.MULTILINE)
ACTUAL_ROOT = re.compile(r"^[^\s].*?  ?\(actual (?:time|rows)=", re.MULTILINE)
JSON_QUERY_TEXT = re.compile(r'\s*\{\s*"Query Text":\s*(?=")')
YAML_QUERY_TEXT = re.compile(r'\s*Query Text: (?=")')
JSON_DECODER = json.JSONDecoder(strict=False)  # reads the strings of YAML too: the server escapes both alike
XML_QUERY_TEXT = re.compile(r"<Query-Text>(.*?)</Query-Text>", re.DOTALL)


def split_query_text(body: str) -> tuple[str | None, str]:
    """Return the query text, None if it is not there, and the part that reads as a plan.

    In a JSON, YAML or XML body the plan part is the whole body, whose keys name its parts.
    A text body loses its "Query Text" and "Query Parameters".
    """
    if body.lstrip()[:1] in ("{", "<", "["):
        return _quoted_query(body), body
    if YAML_QUERY_TEXT.match(body) and "\nPlan:" in body:
        return _quoted_query(body), body
    query, _, plan = _split_text(body)
    return query, plan


def read_query_parameters(body: str) -> str | None:
    """Return the logged parameters of a text body, as in ``$1 = '42', $2 = NULL``, or None."""
    return _split_text(body)[1]


def _quoted_query(body: str) -> str | None:
    quoted = JSON_QUERY_TEXT.match(body) or YAML_QUERY_TEXT.match(body)
    if quoted is not None:
        try:
            return str(JSON_DECODER.raw_decode(body, quoted.end())[0])
        except json.JSONDecodeError:
            return None
    tagged = XML_QUERY_TEXT.search(body)
    return unescape(tagged[1]) if tagged else None


def _split_text(body: str) -> tuple[str | None, str | None, str]:
    """Return query text, query parameters and plan of a text body."""
    if not body.startswith(QUERY_TEXT):
        return None, None, body
    root = _last_start(ROOT_NODE, body)
    if root is None:
        root = _last_start(ACTUAL_ROOT, body)
    if root is None:
        root = body.find("\n") + 1 or len(body)
    query = body[len(QUERY_TEXT) : root].removesuffix("\n")
    # The last occurrence: a query may hold the words, and parameters rarely do.
    query, mark, parameters = query.rpartition("\n" + QUERY_PARAMETERS)
    if not mark:
        return parameters, None, body[root:]
    return query, parameters, body[root:]


def _last_start(pattern: re.Pattern[str], body: str) -> int | None:
    """Return where the last match begins: a query text may itself quote a plan, a plan has one root."""
    start = None
    for match in pattern.finditer(body):
        start = match.start()
    return start
