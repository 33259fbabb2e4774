"""A key and its printed value in, the value that FORMAT JSON has for that key out."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

BOOLEAN_KEYS = frozenset(
    {"Parallel Aware", "Async Capable", "Inner Unique", "Single Copy", "Disabled", "Inlining", "Optimization"}
    | {"Expressions", "Deforming"}
)
LIST_KEYS = frozenset(
    {"Output", "Sort Key", "Presorted Key", "Group Key", "Hash Key", "Conflict Arbiter Indexes"}
    | {"Params Evaluated", "Sampling Parameters", "Sort Methods Used", "Distinct Key"}
)
_STRING_KEYS = frozenset(
    {
        "Alias",
        "Schema",
        "Filter",
        "Order By",
        "Cache Key",
        "Function Call",
        "Table Function Call",
        "Run Condition",
    }
    | {"Window", "Remote SQL", "Relations", "Repeatable Seed", "Query Text", "Query Parameters", "Cache Mode"}
    | {"Subplan Name", "Strategy", "Node Type", "Relation", "Format", "Custom Plan Provider"}
)
_STRING_SUFFIXES = (" Cond", " Filter", " Name", " Key", " Clauses", " SQL")
_INTEGER = re.compile(r"-?\d+")
_FLOAT = re.compile(r"-?\d+\.\d+(?:[eE][+-]?\d+)?")
_TOP_LEVEL = re.compile(r"""'[^']*'|"[^"]*"|[()\[\]{},]|[^'"()\[\]{},]+|['"]""")


@lru_cache(maxsize=1000)
def is_string_key(key: str) -> bool:
    """Tell whether the value is an expression or a name: text, even if it looks like a number."""
    return key in _STRING_KEYS or (key.endswith(_STRING_SUFFIXES) and not key.startswith("Rows Removed"))


def scalar_value(key: str, printed: str) -> Any:
    """Return *printed* as the int, float, bool or str that FORMAT JSON has for *key*."""
    if is_string_key(key):
        return printed
    if key in BOOLEAN_KEYS and printed in {"true", "false"}:
        return printed == "true"
    return number_or_text(printed)


def number_or_text(printed: str) -> int | float | str:
    """Return an int for digits, a float for digits with a decimal point, else the text itself."""
    if _INTEGER.fullmatch(printed):
        return int(printed)
    if _FLOAT.fullmatch(printed):
        return float(printed)
    return printed


def split_list(printed: str) -> list[str]:
    """Split at commas outside quotes and brackets: ``a, f(b, c)`` gives ``["a", "f(b, c)"]``."""
    if not printed:
        return []
    if "(" not in printed and "'" not in printed and '"' not in printed and "[" not in printed:
        return printed.split(", ")
    items: list[str] = []
    item: list[str] = []
    depth = 0
    for piece in _TOP_LEVEL.findall(printed):
        if piece == "," and depth == 0:
            items.append("".join(item).strip(" "))
            item = []
            continue
        if piece in "([{":
            depth += 1
        elif piece in ")]}":
            depth -= 1
        item.append(piece)
    items.append("".join(item).strip(" "))
    return items
