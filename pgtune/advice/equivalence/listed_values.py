"""Types whose values are few enough to list, each with what its literals look like."""

from __future__ import annotations

import re
from typing import NamedTuple

from pgtune.advice.equivalence.value_type import ValueType


class _Listed(NamedTuple):
    values: tuple[str, ...]
    literal: str = r"(?!)"  # pattern of the literals that the server takes for sure


_TIME = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?"
_RANGE = r"empty|[\[(]{bound}?,{bound}?[\])]"
_MOMENT_BOUND = r"\"?\d{4}-\d\d-\d\d[ 0-9:.]*\"?"
_UUID = "00000000-0000-0000-0000-00000000000{}"
_INTEGER_RANGES = _Listed(("empty", "[1,3)", "[2,5)", "(,3)", "[3,)"), _RANGE.format(bound=r"-?\d+"))
_MOMENT_RANGES = _Listed(
    ("empty", "[2024-01-01,2024-01-03)", "[2024-01-02,2024-02-01)", "(,2024-01-02)"),
    _RANGE.format(bound=_MOMENT_BOUND),
)
_LISTED = {
    "boolean": _Listed(("t", "f"), "t|f|true|false"),
    "time without time zone": _Listed(("00:00:00", "12:00:00", "12:30:00", "23:59:59"), _TIME),
    "time with time zone": _Listed(("00:00:00+00", "12:00:00+00", "12:00:00+02", "23:59:59+00"), _TIME),
    "interval": _Listed(
        ("1 day", "24:00:00", "1 mon", "30 days", "00:00:00", "-1 days"),
        r"([+-]?\d+ ?(years?|mons?|months?|weeks?|days?|hours?|minutes?|seconds?) ?)+",
    ),
    "uuid": _Listed(
        tuple(_UUID.format(digit) for digit in "1230"), r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    ),
    "bytea": _Listed((r"\x01", r"\x", r"\x00", r"\xff01"), r"\\x([0-9a-fA-F]{2})*"),
    "int4range": _INTEGER_RANGES,
    "int8range": _INTEGER_RANGES,
    "numrange": _Listed(_INTEGER_RANGES.values, _RANGE.format(bound=r"-?\d+(\.\d+)?")),
    "daterange": _Listed(_MOMENT_RANGES.values, _RANGE.format(bound=r"\d{4}-\d\d-\d\d")),
    "tsrange": _MOMENT_RANGES,
    "tstzrange": _MOMENT_RANGES,
    "int4multirange": _Listed(("{}", "{[1,3)}", "{[1,2),[4,6)}")),
    "int8multirange": _Listed(("{}", "{[1,3)}", "{[1,2),[4,6)}")),
    "nummultirange": _Listed(("{}", "{[1,3)}", "{[1,2),[4,6)}")),
    "datemultirange": _Listed(("{}", "{[2024-01-01,2024-01-03)}")),
    "inet": _Listed(
        ("10.0.0.1", "10.0.0.2", "192.168.0.0/24", "::1"), r"(\d{1,2}\.){3}\d{1,2}(/\d|/[12]\d|/3[012])?"
    ),
    "cidr": _Listed(("10.0.0.0/8", "192.168.0.0/24", "10.0.0.1/32"), r"(\d{1,2}\.){3}\d{1,2}"),
    "macaddr": _Listed(("08:00:2b:01:02:03", "08:00:2b:01:02:04"), r"([0-9a-f]{2}:){5}[0-9a-f]{2}"),
    "macaddr8": _Listed(("08:00:2b:01:02:03:04:05", "08:00:2b:01:02:03:04:06")),
    "money": _Listed(("1.00", "2.00", "0.00", "-1.00"), r"-?\d{1,9}(\.\d+)?"),
    "xml": _Listed(("<a/>", "<a>1</a>", "<b>2</b>")),
    "point": _Listed(("(0,0)", "(1,2)", "(1,1)"), r"\(-?\d+(\.\d+)?, ?-?\d+(\.\d+)?\)"),
    "line": _Listed(("{1,-1,0}", "{0,1,2}")),
    "lseg": _Listed(("[(0,0),(1,1)]", "[(0,0),(1,2)]")),
    "box": _Listed(("(1,1),(0,0)", "(2,2),(1,1)")),
    "path": _Listed(("((0,0),(1,1),(2,0))", "[(0,0),(1,1)]")),
    "polygon": _Listed(("((0,0),(1,1),(2,0))", "((0,0),(2,2),(2,0))")),
    "circle": _Listed(("<(0,0),1>", "<(1,1),2>")),
    "tsvector": _Listed(("", "'a'", "'a' 'b'", "'a':1 'b':2"), r"[A-Za-z0-9 ]+"),
    "tsquery": _Listed(("'a'", "'a' & 'b'", "'b' | 'c'")),
    "pg_lsn": _Listed(("0/1", "0/2", "1/0")),
    "jsonpath": _Listed(('$."a"', "$")),
    '"char"': _Listed(("a", "b", ""), r"[!-~]"),
    "hstore": _Listed(('"a"=>"1"', '"a"=>"2", "b"=>NULL', ""), r'("?\w+"?=>"?\w+"?,? ?)+'),
    "xid": _Listed(("1", "2"), r"\d{1,9}"),
    "tid": _Listed(("(0,1)", "(0,2)")),
    "regclass": _Listed(("1", "2"), r"\d{1,9}"),
}


def listed_values(kind: ValueType) -> tuple[str, ...]:
    """Return values of the type, the common ones first; none for a type that is not known."""
    if kind.name in ("bit", "bit varying"):
        length = kind.length or 2
        return ("0" * length, "1" * length, ("01" * length)[:length])
    listed = _LISTED.get(kind.name)
    return () if listed is None else listed.values


def is_literal(text: str, kind: ValueType) -> bool:
    """Tell whether the server takes *text* for a value of the type for sure."""
    if kind.name in ("bit", "bit varying"):
        fits = kind.length is None or (
            len(text) == kind.length if kind.name == "bit" else len(text) <= kind.length
        )
        return fits and re.fullmatch("[01]+", text) is not None
    listed = _LISTED.get(kind.name)
    return listed is not None and re.fullmatch(listed.literal, text) is not None
