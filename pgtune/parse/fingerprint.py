"""A query text in, the same text without its values out: calls of one query can be counted together."""

from __future__ import annotations

import re

# Strings, numbers that are not part of a name, lists of values and white space.
_STRING = re.compile(r"'(?:[^']|'')*'")
# It begins with its first character, not with what stands before: the search then skips to digits (measured:
# half the time).
_NUMBER = re.compile(r"[-\d](?<![\w$.].)(?:(?<=-)\d+|(?<!-)\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\b")
_LIST = re.compile(r"\(\s*(?:\?|\$\d+)(?:\s*,\s*(?:\?|\$\d+))+\s*\)")


def fingerprint(query: str) -> str:
    """Return ``query`` with values as ``?``, lists of values as ``(?)`` and single blanks."""
    text = _STRING.sub("?", query)
    text = _NUMBER.sub("?", text)
    text = _LIST.sub("(?)", text)
    return " ".join(text.split()).rstrip(";")
