"""A one-dimensional array literal in, its elements out, and back (src/backend/utils/adt/arrayfuncs.c)."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ELEMENT = re.compile(r'"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^",{}\\]+)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_NOT_READ = "no array literal of one dimension"
_SPECIAL = re.compile(r'(["\\])')


def read_array(literal: str) -> tuple[str | None, ...]:
    """Return the elements of ``{a,"b c",NULL}`` as text; NULL is None.

    Raises:
        ValueError: it is no array of one dimension whose elements are set apart by commas.
    """
    if not (literal.startswith("{") and literal.endswith("}")):
        raise ValueError(_NOT_READ)
    elements: list[str | None] = []
    position, end = 1, len(literal) - 1
    while position < end:
        match = _ELEMENT.match(literal, position, end)
        if match is None or literal[match.end()] not in ",}":
            raise ValueError(_NOT_READ)
        elements.append(_element(match))
        position = match.end() + 1
    return tuple(elements)


def write_array(elements: Iterable[str | None]) -> str:
    """Return the literal of *elements*; every text is quoted, so that none is taken for NULL."""
    return "{" + ",".join("NULL" if text is None else _quoted(text) for text in elements) + "}"


def _element(match: re.Match[str]) -> str | None:
    if match["bare"] is None:
        return _ESCAPE.sub(r"\1", match["quoted"])
    return None if match["bare"].upper() == "NULL" else match["bare"]


def _quoted(text: str) -> str:
    return '"' + _SPECIAL.sub(r"\\\1", text) + '"'
