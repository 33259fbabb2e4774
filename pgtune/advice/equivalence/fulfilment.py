"""A value and a condition in, whether the value fulfils it out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import groupby
from operator import attrgetter, eq, ge, gt, le, lt, ne
from typing import Any

from pgtune.advice.equivalence.moments import WORDS
from pgtune.advice.equivalence.regular_expressions import is_matching
from pgtune.advice.equivalence.texts import is_like
from pgtune.advice.equivalence.value_type import Family, ValueType
from pgtune.parse.sql.mined_constants import ColumnCondition, Comparison

_ORDERED: Mapping[Comparison, Callable[[Any, Any], bool]] = {
    Comparison.EQUAL: eq,
    Comparison.NOT_EQUAL: ne,
    Comparison.LESS: lt,
    Comparison.LESS_EQUAL: le,
    Comparison.GREATER: gt,
    Comparison.GREATER_EQUAL: ge,
}


def fulfils(value: str, condition: ColumnCondition, kind: ValueType) -> bool:
    """Tell whether a value of that type, not NULL, fulfils the condition; True where it cannot be told."""
    if condition.comparison is Comparison.IS_NULL:
        return condition.negated
    if condition.comparison in (Comparison.LIKE, Comparison.ILIKE):
        ignore_case = condition.comparison is Comparison.ILIKE
        return is_like(value, condition.values[0], ignore_case=ignore_case) is not condition.negated
    if condition.comparison in (Comparison.MATCHES, Comparison.MATCHES_ANY_CASE):
        ignore_case = condition.comparison is Comparison.MATCHES_ANY_CASE
        matches = is_matching(value, condition.values[0], ignore_case=ignore_case)
        return matches is None or matches is not condition.negated
    keys = [_key(each, kind) for each in (value, *condition.values)]
    if any(key is None for key in keys):
        return True
    try:
        return _compare(keys[0], condition.comparison, keys[1:]) is not condition.negated
    except TypeError:  # a timestamp with and one without a time zone
        return True


def fulfilling(
    values: Iterable[str], conditions: Sequence[ColumnCondition], kind: ValueType
) -> tuple[str, ...]:
    """Return the values that fulfil the conditions of one group together, for all groups.

    Where no value fulfils all conditions of a group, those that fulfil most of them.
    """
    candidates = tuple(values)
    chosen: list[str] = []
    by_group = attrgetter("group")
    for _, grouped in groupby(sorted(conditions, key=by_group), by_group):
        group = tuple(grouped)
        scores = [sum(fulfils(value, each, kind) for each in group) for value in candidates]
        best = max(scores, default=0)
        chosen += [value for value, score in zip(candidates, scores, strict=True) if score == best]
    return tuple(dict.fromkeys(chosen))


def fulfilling_all(
    values: Iterable[str], conditions: Sequence[ColumnCondition], kind: ValueType
) -> tuple[str, ...]:
    """Return the values that fulfil each of the conditions, of whatever group."""
    return tuple(value for value in values if all(fulfils(value, each, kind) for each in conditions))


def _compare(value: Any, comparison: Comparison, others: Sequence[Any]) -> bool:
    if comparison is Comparison.IN:
        return value in others
    if comparison is Comparison.BETWEEN:
        return bool(others[0] <= value <= others[1])
    return _ORDERED[comparison](value, others[0])


def _key(text: str, kind: ValueType) -> Decimal | datetime | str | int | None:
    """What values of the type are compared by; None for what only the server can order."""
    try:
        if kind.family in (Family.INTEGER, Family.NUMERIC, Family.FLOAT):
            return Decimal(text)
        if kind.family is Family.MOMENT:
            return None if text in WORDS else datetime.fromisoformat(text)
        if kind.family is Family.ENUM:
            return kind.labels.index(text)
    except (ValueError, InvalidOperation):
        return None
    return text if kind.family is Family.TEXT or kind.name in ("boolean", "uuid") else None
