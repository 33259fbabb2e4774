"""A literal as SQL writes it in; the value that a parameter would carry out."""

from __future__ import annotations

import re

from pgtune.model.equivalence import Value

ESCAPE = re.compile(
    r"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL
)
UNICODE_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{4})|\+([0-9a-fA-F]{6})|(\\))")
NAMED_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
DOLLAR_QUOTED = re.compile(r"(\$\w*\$)(.*)\1", re.DOTALL)


def value_of(literal: str) -> Value:
    """Return the value of a string, number, NULL, TRUE or FALSE, as text; None is NULL."""
    first = literal[0]
    if first == "'":
        return literal[1:-1].replace("''", "'")
    if first == "$":
        quoted = DOLLAR_QUOTED.fullmatch(literal)
        return quoted[2] if quoted else literal
    if literal[-1] == "'":
        return _prefixed(literal)
    word = literal.lower()
    return None if word == "null" else word


def _prefixed(literal: str) -> str:
    prefix, _, rest = literal.partition("'")
    inner = rest[:-1].replace("''", "'")
    kind = prefix.upper()
    if kind == "E":
        return ESCAPE.sub(_escaped, inner)
    if kind == "U&":
        return UNICODE_ESCAPE.sub(
            lambda found: "\\" if found[3] else chr(int(found[1] or found[2], 16)), inner
        )
    if kind == "X":
        return "".join(f"{int(digit, 16):04b}" for digit in inner)
    return inner


def _escaped(found: re.Match[str]) -> str:
    """``src/backend/parser/scan.l``, state xe."""
    octal, hexadecimal, short, long, char = found.groups()
    if octal:
        return chr(int(octal, 8))
    if char:
        return NAMED_ESCAPES.get(char, char)
    return chr(int(hexadecimal or short or long, 16))
