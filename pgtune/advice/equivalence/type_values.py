"""A type in, values of it out: common ones, odd ones, and those at and around a literal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import count, pairwise

from pgtune.advice.equivalence import json_documents, moments, numbers, texts
from pgtune.advice.equivalence.listed_values import is_literal, listed_values
from pgtune.advice.equivalence.value_type import Family, ValueType

_RUN = 10  # values; chosen
_NUMBERS = frozenset({Family.INTEGER, Family.NUMERIC, Family.FLOAT})
_COMMON: Mapping[Family, tuple[str, ...]] = {
    Family.INTEGER: numbers.SMALL,
    Family.NUMERIC: numbers.FRACTIONS,
    Family.FLOAT: numbers.FRACTIONS,
    Family.TEXT: texts.PLAIN,
    Family.MOMENT: moments.COMMON,
    Family.JSON: json_documents.PLAIN,
    Family.UNKNOWN: (),
}


@lru_cache(maxsize=8192)
def fitted(literal: str, kind: ValueType) -> tuple[str, ...]:
    """Return the values of the type that *literal* stands for; none when it does not fit."""
    return _FITTED[kind.family](literal, kind)


@lru_cache(maxsize=8192)
def around(value: str, kind: ValueType) -> tuple[str, ...]:
    """Return values of the type next to *value*, which is one of it."""
    if kind.family in _NUMBERS:
        return numbers.numbers_around(value, kind)
    if kind.family is Family.TEXT:
        return texts.texts_around(value, kind)
    return moments.moments_around(value, kind) if kind.family is Family.MOMENT else ()


@lru_cache(maxsize=1024)
def common_values(kind: ValueType) -> tuple[str, ...]:
    """Return a few values of the type; none for a type that is not known."""
    if kind.family is Family.ENUM:
        return kind.labels
    if kind.element is not None:
        return arrays_of(common_values(kind.element))
    if kind.family is Family.LISTED:
        return listed_values(kind)
    return tuple(dict.fromkeys(each for text in _COMMON[kind.family] for each in fitted(text, kind)))


@lru_cache(maxsize=1024)
def odd_values(kind: ValueType) -> tuple[str, ...]:
    """Return zero and negative numbers, blank and wildcard texts; else the common values."""
    if kind.family is Family.TEXT:
        return tuple(dict.fromkeys(each for text in texts.ODD for each in texts.fitted_text(text, kind)))
    if kind.family in _NUMBERS:
        return tuple(dict.fromkeys(each for text in ("0", "-1", "-2", "1") for each in fitted(text, kind)))
    return common_values(kind)


@lru_cache(maxsize=1024)
def extreme_values(kind: ValueType) -> tuple[str, ...]:
    """Return the least and greatest numbers and dates of the type; else the common values."""
    if kind.family in (Family.INTEGER, Family.NUMERIC):
        return numbers.extreme_numbers(kind)
    return (
        ("infinity", "-infinity", "0001-01-01", "9999-12-31")
        if kind.family is Family.MOMENT
        else common_values(kind)
    )


@lru_cache(maxsize=1024)
def run_of(value: str, kind: ValueType, step: int) -> tuple[str, ...]:
    """Return *value* and what follows it, or with step -1 goes before it, by one or by a day."""
    if kind.family in _NUMBERS:
        return numbers.numbers_from(value, kind, step, _RUN)
    return moments.moments_from(value, kind, step, _RUN) if kind.family is Family.MOMENT else ()


@lru_cache(maxsize=1024)
def distinct_values(kind: ValueType, number: int) -> tuple[str, ...]:
    """Return *number* different values of the type, or as many as are known."""
    if kind.family in _NUMBERS:
        made = (each for turn in count(1) for each in (fitted(str(turn), kind) or ("",)))
    elif kind.family is Family.TEXT:
        made = (
            each for turn in count(1) for each in texts.fitted_text(f"k{turn}"[-kind.max_characters :], kind)
        )
    elif kind.family is Family.MOMENT:
        made = (each for turn in count() for each in fitted(moments.days_after(turn), kind))
    elif kind.name == "uuid":
        made = (f"00000000-0000-0000-0000-{turn:012d}" for turn in count(1))
    else:
        return common_values(kind)[:number]
    return tuple(dict.fromkeys(value for value, _ in zip(made, range(number), strict=False) if value))


def arrays_of(elements: tuple[str, ...]) -> tuple[str, ...]:
    """Return arrays with none, one, two of the elements, one twice, and NULL, as the server takes them."""
    quoted = [f'"{_escaped(element)}"' for element in elements]
    pairs = [f"{{{left},{right}}}" for left, right in pairwise(quoted)]
    singles = [f"{{{element}}}" for element in quoted]
    twice = [f"{{{element},{element}}}" for element in quoted]
    return tuple(dict.fromkeys([*singles[:3], "{}", "{NULL}", *pairs[:2], *twice[:1], whole_array(elements)]))


def whole_array(elements: tuple[str, ...]) -> str:
    """Return the array of all elements."""
    return "{" + ",".join(f'"{_escaped(element)}"' for element in elements) + "}"


def _escaped(element: str) -> str:
    return element.replace("\\", "\\\\").replace('"', '\\"')


def _fitted_array(literal: str, kind: ValueType) -> tuple[str, ...]:
    """Of ``{1,2}`` the array, of an element the array that holds it."""
    element = kind.element
    if element is None:
        return ()
    if literal.startswith("{") and literal.endswith("}"):
        parts = [part for part in literal[1:-1].split(",") if part]
        return (literal,) if all(part in fitted(part, element) and '"' not in part for part in parts) else ()
    return tuple(f'{{"{_escaped(each)}"}}' for each in fitted(literal, element))


_FITTED: Mapping[Family, Callable[[str, ValueType], tuple[str, ...]]] = {
    Family.INTEGER: numbers.fitted_number,
    Family.NUMERIC: numbers.fitted_number,
    Family.FLOAT: numbers.fitted_number,
    Family.TEXT: texts.fitted_text,
    Family.MOMENT: moments.fitted_moment,
    Family.ENUM: lambda literal, kind: (literal,) if literal in kind.labels else (),
    Family.JSON: lambda literal, _: (literal,) if json_documents.is_json(literal) else (),
    Family.ARRAY: _fitted_array,
    Family.LISTED: lambda literal, kind: (literal,) if is_literal(literal, kind) else (),
    Family.UNKNOWN: lambda _literal, _kind: (),
}
