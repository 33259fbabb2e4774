"""A column and what statements compare it with in, the values that it may be given out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from pgtune.advice.equivalence.fulfilment import fulfilling, fulfilling_all, fulfils
from pgtune.advice.equivalence.json_documents import complete_documents, json_documents
from pgtune.advice.equivalence.moments import combined_moments
from pgtune.advice.equivalence.numbers import combined_numbers, integer_limits
from pgtune.advice.equivalence.ranges import ELEMENTS, ranges_of
from pgtune.advice.equivalence.regular_expressions import texts_matching
from pgtune.advice.equivalence.texts import combined_texts, texts_like
from pgtune.advice.equivalence.type_values import (
    around,
    arrays_of,
    common_values,
    extreme_values,
    fitted,
    odd_values,
    run_of,
    whole_array,
)
from pgtune.advice.equivalence.value_type import Family, ValueType, value_type
from pgtune.parse.sql.mined_constants import ColumnCondition, Comparison, JsonMember, MinedConstants

MAX_LITERALS = 40  # of one column; chosen
_MAX_COMBINED = 4  # numbers that are added to each other and so on; chosen
_MAX_LOOSE = 6  # literals of no column that one without literals gets; chosen


class Choice(Enum):
    """Which of a column's values a database takes."""

    ANY = "any"
    COMMON = "common"
    LITERAL = "literal"  # what literals stand for, and what they make together
    BOUNDARY = "boundary"
    ODD = "odd"
    EXTREME = "extreme"
    FULFILLING = "fulfilling"
    RUN = "run"  # numbers and days that follow each other


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """Values for one column by choice; none is empty unless the type is not known."""

    kind: ValueType
    by_choice: Mapping[Choice, tuple[str, ...]]
    checks: tuple[ColumnCondition, ...] = ()
    wants_null: bool = False  # a row whose column is NULL fulfils what has to be fulfilled
    is_free: bool = True  # no condition on it is known
    refuses_null: bool = False  # there is a condition that NULL does not fulfil

    def allows(self, value: str) -> bool:
        """Tell whether the checks let the value pass, as far as that can be told."""
        return all(fulfils(value, check, self.kind) for check in self.checks)


def column_values(
    names: Iterable[str], kind: ValueType, mined: MinedConstants, checks: Sequence[ColumnCondition]
) -> ColumnValues:
    """Return the values of a column of that type.

    Args:
        names: of the column, in lower case, and of those that it is compared with.
        kind: its type.
        mined: of the statements and of the checks.
        checks: what a CHECK demands of it; values that fail one are left out.
    """
    named = sorted(names)
    sentinels = _sentinels(named, kind, mined)
    conditions = [each for each in mined.conditions if each.column in named]
    own = tuple(each for each in _at_literals(named, kind, mined) if each not in sentinels)
    common = common_values(kind)
    if not own:
        common = tuple(dict.fromkeys([*common, *_loose(kind, mined)]))
    near = tuple(dict.fromkeys(each for value in own for each in around(value, kind)))
    everything = tuple(dict.fromkeys([*own, *near, *common]))
    fitting = (
        fulfilling(everything, conditions, kind)
        or _whole(named, kind, mined)
        or tuple(dict.fromkeys([*own, *near]))
        or common
    )
    choices = {
        Choice.ANY: everything,
        Choice.COMMON: tuple(dict.fromkeys([*own[:3], *common])),
        Choice.LITERAL: own or common,
        Choice.BOUNDARY: tuple(dict.fromkeys([*own, *near])) or common,
        Choice.ODD: _ambiguous(named, kind, mined) or odd_values(kind),
        Choice.EXTREME: common if sentinels else extreme_values(kind),
        Choice.FULFILLING: fitting,
        Choice.RUN: _run(fitting, conditions, kind) or fitting,
    }
    certain = [each for each in conditions if each.is_certain]
    nulls = [each for each in certain if each.comparison is Comparison.IS_NULL and not each.negated]
    return ColumnValues(
        kind,
        {choice: _allowed(values, everything, checks, kind) for choice, values in choices.items()},
        checks=tuple(checks),
        wants_null=bool(nulls),
        is_free=not conditions,
        refuses_null=len(certain) > len(nulls),
    )


def sentinel_literals(mined: MinedConstants) -> tuple[str, ...]:
    """Return the literals that are taken for "less than, or greater than, everything": no row gets them."""
    literals = {literal for values in mined.by_column.values() for literal in values}
    return tuple(sorted(literals & integer_limits()))


def _run(values: Sequence[str], conditions: Sequence[ColumnCondition], kind: ValueType) -> tuple[str, ...]:
    """Return the run from or to the first of the values, whichever fulfils more; none for other types."""
    if not values:
        return ()
    upward, downward = run_of(values[0], kind, 1), run_of(values[0], kind, -1)
    fulfilled = [len(fulfilling_all(run, conditions, kind)) for run in (upward, downward)]
    return upward if fulfilled[0] >= fulfilled[1] else downward


def _sentinels(names: Sequence[str], kind: ValueType, mined: MinedConstants) -> frozenset[str]:
    """Return the literals that are the least or greatest integer.

    Who writes ``id > -2147483648`` means every id, and has none that is equal to it.
    """
    if kind.family is not Family.INTEGER:
        return frozenset()
    literals = {each for name in names for each in mined.by_column.get(name, ())}
    return frozenset(extreme_values(kind)) & literals


def _at_literals(names: Sequence[str], kind: ValueType, mined: MinedConstants) -> tuple[str, ...]:
    """Return the values that the literals stand for which meet the columns."""
    literals = _literals(names, mined)
    values = [each for literal in literals for each in fitted(literal, kind)]
    if kind.family is Family.TEXT:
        values += [each for pattern in _of(names, mined.patterns) for each in texts_like(pattern, kind)]
        expressions = _of(names, mined.regular_expressions)
        values += [each for pattern in expressions for each in texts_matching(pattern, kind)]
        values += combined_texts(literals, kind)
    elif kind.family is Family.MOMENT:
        values += combined_moments(literals, kind)
    elif kind.family is Family.JSON:
        values += json_documents(_members(names, mined), literals)
    elif kind.name in ELEMENTS:
        values += ranges_of(_range_bounds(literals, value_type(ELEMENTS[kind.name])))
    elif kind.element is not None:
        values += arrays_of(elements) if (elements := _elements(literals, kind.element)) else ()
    elif kind.family in (Family.INTEGER, Family.NUMERIC) and 1 < len(values) <= _MAX_COMBINED:
        values += combined_numbers(tuple(values), kind)
    return tuple(dict.fromkeys(values))


def _ambiguous(names: Sequence[str], kind: ValueType, mined: MinedConstants) -> tuple[str, ...]:
    """Return values with which texts made of several columns are equal where the columns are not."""
    return tuple(dict.fromkeys(each for part in _of(names, mined.ambiguous) for each in fitted(part, kind)))


def _whole(names: Sequence[str], kind: ValueType, mined: MinedConstants) -> tuple[str, ...]:
    """Return documents and arrays that hold everything that statements look for in them."""
    if kind.family is Family.JSON:
        return complete_documents(_members(names, mined))
    if kind.element is not None and (elements := _elements(_literals(names, mined), kind.element)):
        return (whole_array(elements),)
    return ()


def _literals(names: Sequence[str], mined: MinedConstants) -> list[str]:
    return _of(names, mined.by_column)[:MAX_LITERALS]


def _of(names: Sequence[str], by_name: Mapping[str, frozenset[str]]) -> list[str]:
    return sorted({each for name in names for each in by_name.get(name, ())})


def _members(names: Sequence[str], mined: MinedConstants) -> list[JsonMember]:
    return [each for each in mined.json_members if each.column in names]


def _range_bounds(literals: Sequence[str], element: ValueType) -> list[str]:
    bounds = _elements(literals, element)
    return sorted(bounds, key=Decimal) if element.family is not Family.MOMENT else sorted(bounds)


def _elements(literals: Sequence[str], element: ValueType) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for literal in literals for each in fitted(literal, element)))


def _loose(kind: ValueType, mined: MinedConstants) -> tuple[str, ...]:
    is_number = kind.family in (Family.INTEGER, Family.NUMERIC, Family.FLOAT)
    literals = sorted(mined.loose_numbers if is_number else mined.loose_strings)[:_MAX_LOOSE]
    return tuple(dict.fromkeys(each for literal in literals for each in fitted(literal, kind)))


def _allowed(
    values: Sequence[str], others: Sequence[str], checks: Sequence[ColumnCondition], kind: ValueType
) -> tuple[str, ...]:
    """Return the values that pass the checks; if none does, the others that do."""
    for candidates in (values, others):
        passing = tuple(each for each in candidates if all(fulfils(each, check, kind) for check in checks))
        if passing:
            return passing
    return tuple(values)
