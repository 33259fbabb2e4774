"""What statements compare their columns with, ready for drawing values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Comparison(Enum):
    """How a condition compares a column with constants."""

    EQUAL = "="
    NOT_EQUAL = "<>"
    LESS = "<"
    LESS_EQUAL = "<="
    GREATER = ">"
    GREATER_EQUAL = ">="
    BETWEEN = "between"  # two values
    IN = "in"  # any number of values
    LIKE = "like"
    ILIKE = "ilike"
    MATCHES = "~"
    MATCHES_ANY_CASE = "~*"
    IS_NULL = "is null"  # no value


@dataclass(frozen=True, slots=True, order=True)
class ColumnCondition:
    """A plain column against constants."""

    group: str  # query and table alias as written: what has to hold for one row together
    column: str  # lower case
    comparison: Comparison = field(compare=False)
    values: tuple[str, ...]
    negated: bool = False  # below an odd number of NOTs
    is_certain: bool = True  # a row that does not fulfil it is dropped: neither OR nor CASE stands above it


@dataclass(frozen=True, slots=True, order=True)
class JsonMember:
    """A place in a JSON column that a statement reads."""

    column: str
    path: tuple[str, ...]
    values: tuple[str, ...] = ()  # it is compared with


@dataclass(frozen=True, slots=True)
class MinedConstants:
    """Which values make conditions true, false and borderline; column names in lower case, unqualified."""

    by_column: Mapping[str, frozenset[str]] = field(
        default_factory=dict
    )  # literals in one expression with it
    patterns: Mapping[str, frozenset[str]] = field(default_factory=dict)  # of LIKE and ILIKE
    regular_expressions: Mapping[str, frozenset[str]] = field(default_factory=dict)  # of ~ and ~*
    ambiguous: Mapping[str, frozenset[str]] = field(default_factory=dict)  # values of ambiguous_parts
    conditions: tuple[ColumnCondition, ...] = ()
    json_members: tuple[JsonMember, ...] = ()
    loose_numbers: frozenset[str] = frozenset()  # that belong to no column
    loose_strings: frozenset[str] = frozenset()
    same: tuple[frozenset[str], ...] = ()  # columns that are compared with each other; one: ``a.id = b.id``
    grouped: frozenset[str] = frozenset()  # columns of GROUP BY and PARTITION BY
    parameters: Mapping[int, frozenset[str]] = field(default_factory=dict)  # $n: columns it meets
    thresholds: frozenset[int] = frozenset()  # of aggregates, window functions, LIMIT and OFFSET; rounded up
