"""Literals that are elements in, ranges that begin and end at them out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

ELEMENTS: Mapping[str, str] = {
    "int4range": "integer",
    "int8range": "bigint",
    "numrange": "numeric",
    "daterange": "date",
    "tsrange": "timestamp without time zone",
    "tstzrange": "timestamp with time zone",
}
_MAX_ELEMENTS = 3  # chosen: they make two dozen ranges


def ranges_of(elements: Sequence[str]) -> tuple[str, ...]:
    """Return ranges with *elements*, in ascending order, as bounds: inside, outside, and without one."""
    return tuple(dict.fromkeys(_ranges(elements[:_MAX_ELEMENTS])))


def _ranges(elements: Sequence[str]) -> Iterator[str]:
    for element in elements:
        yield from (f'["{element}","{element}"]', f'["{element}",)', f'(,"{element}"]', f'(,"{element}")')
    for lower, upper in combinations(elements, 2):
        yield from (f'["{lower}","{upper}")', f'["{lower}","{upper}"]', f'("{lower}","{upper}"]')
