"""A type's name in, what decides which values it has out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

_FORMATTED = re.compile(
    r"(?P<name>.+?)(?:\((?P<modifier>-?\d+(?:,-?\d+)?)\))?(?P<zone> with(?:out)? time zone)?"
    r"(?P<array>(?:\[\])+)?"
)


class Family(Enum):
    """Types whose values are made in the same way."""

    INTEGER = "integer"
    NUMERIC = "numeric"
    FLOAT = "float"
    TEXT = "text"
    MOMENT = "moment"  # date and timestamps
    ENUM = "enum"
    JSON = "json"
    ARRAY = "array"
    LISTED = "listed"  # its values are listed in listed_values.py
    UNKNOWN = "unknown"


_FAMILIES = {
    **dict.fromkeys(("smallint", "integer", "bigint", "oid"), Family.INTEGER),
    "numeric": Family.NUMERIC,
    **dict.fromkeys(("real", "double precision"), Family.FLOAT),
    **dict.fromkeys(("text", "character varying", "character", "bpchar", "name", "citext"), Family.TEXT),
    **dict.fromkeys(("date", "timestamp with time zone", "timestamp without time zone"), Family.MOMENT),
    **dict.fromkeys(("json", "jsonb"), Family.JSON),
}
_MAX_NAME = 63  # characters of a "name"; NAMEDATALEN - 1
MAX_TEXT = 200  # chosen


@dataclass(frozen=True, slots=True)
class ValueType:
    """A type without its domain."""

    name: str  # without modifier: "character varying"
    family: Family
    length: int | None = None  # characters, or bits
    precision: int | None = None  # digits of a numeric
    scale: int | None = None
    labels: tuple[str, ...] = ()
    element: ValueType | None = None  # of an array

    @property
    def max_characters(self) -> int:
        """Of a text."""
        if self.length is not None:
            return self.length
        return _MAX_NAME if self.name == "name" else MAX_TEXT


@lru_cache(maxsize=4096)
def value_type(formatted: str, labels: tuple[str, ...] = ()) -> ValueType:
    """Return the type that format_type() prints as *formatted*; *labels* are those of an enum."""
    match = _FORMATTED.fullmatch(formatted)
    if match is None:
        return ValueType(formatted, Family.UNKNOWN)
    if match["array"]:
        element = value_type(formatted.removesuffix("[]").rstrip("[]"), labels)
        is_known = element.family is not Family.UNKNOWN
        return ValueType(formatted, Family.ARRAY if is_known else Family.UNKNOWN, element=element)
    name = match["name"] + (match["zone"] or "")
    if labels:
        return ValueType(name, Family.ENUM, labels=labels)
    first, _, second = (match["modifier"] or "").partition(",")
    family = _FAMILIES.get(name, Family.LISTED)
    if family is Family.NUMERIC:
        scale = int(second or 0) if first else None
        return ValueType(name, family, precision=int(first) if first else None, scale=scale)
    if name in ("character", "bit") and not first:
        first = "1"
    return ValueType(name, family, length=int(first) if first else None)
