"""A regular expression of PostgreSQL in, texts that it matches out.

Source: https://www.postgresql.org/docs/current/functions-matching.html#FUNCTIONS-POSIX-REGEXP
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from random import Random

from pgtune.advice.equivalence.value_type import ValueType

_DRAWN = 60  # texts, of which few are kept; chosen
_VARIED = 4  # texts kept for the signs in them; chosen
_SHORT = 2  # texts kept because they are the shortest; chosen
_MAX_MATCHED = 20  # characters; Python may take 2^n steps to see that a longer text does not match. Chosen
_TOKEN = re.compile(
    r"(?P<escape>\\.)"
    r"|(?P<set>\[\^?\]?(?:\[:\w+:\]|\\.|[^]\\])*\])"
    r"|(?P<many>[*+]|\{(?P<least>\d+),\})"
    r"|(?P<plain>.)",
    re.DOTALL,
)
_LEAST: Mapping[str, int] = {"*": 0, "+": 1}
_MORE = 2  # repetitions than the least where any number may be; chosen
_ESCAPES: Mapping[str, str] = {r"\m": r"\b", r"\M": r"\b", r"\y": r"\b", r"\Y": r"\B"}
_CLASSES: Mapping[str, str] = {
    "[:alpha:]": "a-zA-Z",
    "[:digit:]": "0-9",
    "[:alnum:]": "a-zA-Z0-9",
    "[:upper:]": "A-Z",
    "[:lower:]": "a-z",
    "[:xdigit:]": "0-9a-fA-F",
    "[:space:]": r"\s",
    "[:blank:]": r" \t",
    "[:punct:]": r"!-/:-@\[-`{-~",
    "[:word:]": r"\w",
}
# Or what Python warns of, as it may be an operation on sets one day.
_CLASS = re.compile(rf"{'|'.join(map(re.escape, _CLASSES))}|(?<!\\)(?:[\[&|~]|-(?=-))")
_RANGE = re.compile(r"(\w)-(\w)")
# What rstr raises for what it does not know: it has no list of its own.
_NOT_READ = (re.error, OverflowError, KeyError, TypeError, ValueError, IndexError)


def texts_matching(pattern: str, kind: ValueType) -> tuple[str, ...]:
    """Return texts that the pattern matches and the type holds: the shortest, and varied ones; maybe none."""
    drawn = [each for each in _drawn(pattern) if len(each) <= kind.max_characters]
    shortest = sorted(drawn, key=len)[:_SHORT]
    return tuple(dict.fromkeys([*shortest, *_varied(drawn)]))


@cache  # a value is drawn for many rows
def is_matching(text: str, pattern: str, *, ignore_case: bool) -> bool | None:
    """Tell whether the pattern matches anywhere in the text; None where that cannot be told."""
    expression = _compiled(pattern, ignore_case)
    if expression is None or len(text) > _MAX_MATCHED:
        return None
    return expression.search(text) is not None


def _varied(texts: Sequence[str]) -> Iterator[str]:
    """Yield a few texts, each with the most signs that those before lack."""
    seen: set[tuple[str, int]] = set()
    for _ in range(min(_VARIED, len(texts))):
        best = max(texts, key=lambda text: len(_signs(text) - seen))
        seen |= _signs(best)
        yield best


def _signs(text: str) -> set[tuple[str, int]]:
    """What in a text is neither letter nor digit, each with how many of it stand before."""
    return {(each, text.count(each, 0, at)) for at, each in enumerate(text) if not each.isalnum()}


@cache
def _drawn(pattern: str) -> tuple[str, ...]:
    from rstr import Rstr

    expression = _compiled(pattern, False)
    if expression is None:
        return ()
    generator, short = Rstr(Random(pattern)), _short(_in_python(pattern))  # noqa: S311
    try:
        texts = dict.fromkeys(generator.xeger(short) for _ in range(_DRAWN))
    except _NOT_READ:
        return ()
    return tuple(each for each in texts if "\0" not in each)


@cache
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str] | None:
    try:
        return re.compile(_in_python(pattern), re.IGNORECASE if ignore_case else 0)
    except (re.error, OverflowError):
        return None


def _in_python(pattern: str) -> str:
    """The pattern as Python writes it."""
    return "".join(_token_in_python(token) for token in _TOKEN.finditer(pattern))


def _token_in_python(token: re.Match[str]) -> str:
    if token["escape"]:
        return _ESCAPES.get(token[0], token[0])
    if token["set"]:
        return "[" + _CLASS.sub(lambda found: _CLASSES.get(found[0], f"\\{found[0]}"), token[0][1:])
    return token[0]


def _short(expression: str) -> str:
    """The expression with few repetitions where any number may be, and of ranges of characters the ends."""
    return "".join(_short_token(token) for token in _TOKEN.finditer(expression))


def _short_token(token: re.Match[str]) -> str:
    if token["many"]:
        least = int(token["least"]) if token["least"] else _LEAST[token[0]]
        return f"{{{least},{least + _MORE}}}"
    if token["set"] and not token[0].startswith("[^"):
        return _RANGE.sub(r"\1\2", token[0])
    return token[0]
