"""Text with one or more EXPLAIN plans in JSON in, plans in the same shape out.

Also read: one object instead of an array (auto_explain), Python's repr of the same, doubled quotes from a
grid, literal newlines inside strings, rows that hold the plan under "QUERY PLAN", text before and behind.
"""

from __future__ import annotations

import json
import re
from typing import Any

from pgtune.errors import PlanError
from pgtune.parse.raw_shape import RawPlan, raw_object

_NAME = "Plan|Node Type|QUERY PLAN|Query Text|Query Identifier|Query Parameters"
_KEY = rf"(?:\"\"|[\"'])(?:{_NAME})(?:\"\"|[\"'])\s*:"
# Only at the start of a line: a literal in a text plan may hold JSON too.
_START = re.compile(rf"^[ \t]*+\(*+(?=[\[{{][\s\[{{]{{0,200}}+{_KEY})", re.MULTILINE)
_NEXT = re.compile(rf"[\[{{](?=[\s\[{{]{{0,200}}+{_KEY})")
_PYTHON_TOKEN = re.compile(
    r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|\b(True|False|None)\b|Decimal\(['\"]([^'\"]*)['\"]\)",
    re.DOTALL,
)
_PYTHON_WORDS = {"True": "true", "False": "false", "None": "null"}
_PYTHON_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\n|.)", re.DOTALL)
_CONTROL_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "a": "\a", "v": "\v", "\n": ""}


def find_json(text: str) -> int | None:
    """Return the offset at which a plan in JSON begins, or None."""
    match = _START.search(text)
    return match.end() if match else None


def read_json(text: str, start: int, first_number: int = 1) -> list[RawPlan]:
    """Return the plans from offset *start* on; *first_number* is the line number of the text's first line.

    Raises:
        PlanError: the JSON breaks off, is not JSON, is nested too deeply, or holds no plan.
    """
    if '""Plan""' in text or '""Node Type""' in text:
        text = text[:start] + text[start:].replace('""', '"')
    decoder = json.JSONDecoder(object_pairs_hook=raw_object, strict=False)
    if re.match(r"[\[{\s]*'", text[start:]):
        text = text[:start] + _as_json(text[start:])
    plans: list[RawPlan] = []
    at: int | None = start
    while at is not None:
        try:
            value, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise _unreadable(text, error, first_number) from error
        except RecursionError as error:
            raise PlanError(
                "JSON plan: nested too deeply to read; give it to pgtune in the text format"
            ) from error
        plans.extend(_plans_in(value))
        following = _NEXT.search(text, end)
        at = following.start() if following else None
    if not plans:
        raise PlanError('JSON, but not a plan: no "Plan" key; expected the output of EXPLAIN (FORMAT JSON)')
    return plans


def text_rows(text: str, start: int) -> str | None:
    """Return the text plan in rows such as ``[{"QUERY PLAN": "Seq Scan on t"}, ...]``, or None."""
    if not re.match(r'\[\s*\{\s*"QUERY PLAN"\s*:\s*"', text[start:]):
        return None
    try:
        rows, _ = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (json.JSONDecodeError, RecursionError):
        return None
    cells = [
        row["QUERY PLAN"] for row in rows if isinstance(row, dict) and isinstance(row.get("QUERY PLAN"), str)
    ]
    return "\n".join(cells)


def _plans_in(value: Any) -> list[RawPlan]:
    """Return the plans in an array, an object, or rows around them, without utility statements."""
    if isinstance(value, list):
        return [plan for item in value for plan in _plans_in(item)]
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("Plan"), dict):
        return [value]
    if "Node Type" in value:
        return [{"Plan": value}]
    return _plans_in(value["QUERY PLAN"]) if "QUERY PLAN" in value else []


def _unreadable(text: str, error: json.JSONDecodeError, first_number: int) -> PlanError:
    number = first_number + error.lineno - 1
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        last = first_number + text.rstrip().count("\n")
        return PlanError(f"the JSON plan is cut off at line {last}; paste it again up to the closing bracket")
    cause = error.msg[:1].lower() + error.msg[1:]
    return PlanError(f"JSON plan: {cause} at line {number}; paste it again as EXPLAIN printed it")


def _as_json(text: str) -> str:
    return _PYTHON_TOKEN.sub(_json_token, text)


def _json_token(match: re.Match[str]) -> str:
    single, double, word, decimal = match.groups()
    if word is not None:
        return _PYTHON_WORDS[word]
    if decimal is not None:
        return decimal
    return json.dumps(_PYTHON_ESCAPE.sub(_unescaped, single if single is not None else double))


def _unescaped(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) > 1:
        return chr(int(escape[1:], 16))
    return _CONTROL_ESCAPES.get(escape, escape)
