"""A query text in, the same text without its values out: calls of one query can be counted together."""

from __future__ import annotations

import re

# Strings, numbers that are not part of a name, lists of values and white space.
_STRING = re.compile(r"'(?:[^']|'')*'")
_NUMBER = re.compile(r"(?<![\w$.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?\b", re.IGNORECASE)
_LIST = re.compile(r"\(\s*(?:\?|\$\d+)(?:\s*,\s*(?:\?|\$\d+))+\s*\)")
_SPACE = re.compile(r"\s+")


def fingerprint(query: str) -> str:
    """Return ``query`` with values as ``?``, lists of values as ``(?)`` and single blanks."""
    text = _STRING.sub("?", query)
    text = _NUMBER.sub("?", text)
    text = _LIST.sub("(?)", text)
    return _SPACE.sub(" ", text).strip().rstrip(";")
