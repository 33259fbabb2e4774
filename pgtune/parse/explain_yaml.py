"""Text with EXPLAIN plans in YAML in, plans in the shape of JSON out.

EXPLAIN quotes every string and leaves numbers and booleans plain, so quoting alone tells the type: none of
YAML's guesses (dates, "yes", base-60 numbers) is wanted, and aliases, which it never writes, are refused.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from pgtune.errors import PlanError
from pgtune.parse.raw_shape import RawPlan, raw_object
from pgtune.parse.scalar_values import number_or_text

_START = re.compile(
    r"^[ \t]*+(?:- )?(?:Query Text|Query Identifier|Query Parameters|Plan):[ \t]*+(?=\n|\"|-?\d)",
    re.MULTILINE,
)
# libyaml recurses in C without a limit, so what could exhaust its stack is refused before: brackets inside
# brackets (EXPLAIN has few, around grouping sets), dashes side by side, and 4,000 columns (1,000 levels).
_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)
_MAX_BRACKETS = 8
_DASHES = re.compile(r"^[ \t]*+(?:-[ \t]++){9}", re.MULTILINE)
_TOO_DEEP = re.compile(r"^[ ]{4000}", re.MULTILINE)
_NODE_TYPE = 'Node Type: "'
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


def find_yaml(text: str) -> int | None:
    """Return the offset of the line on which a plan in YAML begins, or None."""
    match = _START.search(text) if _NODE_TYPE in text else None
    return match.start() if match else None


def read_yaml(text: str, start: int, first_number: int = 1) -> list[RawPlan]:
    """Return the plans from offset *start* on; *first_number* is the line number of the text's first line.

    Raises:
        PlanError: the YAML breaks off, is not YAML, uses aliases, or holds no plan.
    """
    first_number += text.count("\n", 0, start)
    body = _indented_body(text[start:])
    if _TOO_DEEP.search(body) or _DASHES.search(body) or _bracket_depth(body) > _MAX_BRACKETS:
        raise PlanError("YAML plan: nested too deeply to read; give it to pgtune in the text format")
    try:
        document = _value(yaml.compose(body, _LOADER), set())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        number = first_number + (mark.line if mark else 0)
        raise PlanError(
            f"the YAML plan is broken or cut off at line {number}; paste it again in full"
        ) from error
    except RecursionError as error:
        raise PlanError(
            "YAML plan: nested too deeply to read; give it to pgtune in the text format"
        ) from error
    items = document if isinstance(document, list) else [document]
    plans = [item for item in items if isinstance(item, dict) and isinstance(item.get("Plan"), dict)]
    if not plans:
        raise PlanError('YAML, but not a plan: no "Plan" key; expected the output of EXPLAIN (FORMAT YAML)')
    return plans


def _bracket_depth(text: str) -> int:
    depth = deepest = 0
    for match in _BRACKET.finditer(text):
        if match[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] in "]}":
            depth -= 1
    return deepest


def _indented_body(text: str) -> str:
    """Return the document without the psql footer or prompt that may follow at the same indentation."""
    lines = text.expandtabs(2).split("\n")
    margin = len(lines[0]) - len(lines[0].lstrip())
    lines = [line[margin:] if line[:margin].isspace() or not margin else line for line in lines]
    top = re.compile(r"- |\s|[A-Z][\w ]*:" if not lines[0].startswith("- ") else r"- |\s")
    end = next((index for index, line in enumerate(lines) if line and not top.match(line)), len(lines))
    return "\n".join(lines[:end])


def _empty(key: str) -> Any:
    """Return what an empty group is in JSON; YAML shows lists and objects alike as nothing."""
    return {} if key in {"Settings", "Planning"} else []


def _value(node: Any, seen: set[int]) -> Any:
    if id(node) in seen:
        raise PlanError("YAML plan: aliases are not read; EXPLAIN writes none")
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        pairs = ((key.value, _value(value, seen)) for key, value in node.value)
        return raw_object((key, _empty(key) if value is None else value) for key, value in pairs)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, seen) for item in node.value]
    if node is None:
        return None
    if node.style:  # the quote, or "|" or ">"; plain is None or empty
        return node.value
    return _PLAIN_WORDS.get(node.value, number_or_text(node.value))
