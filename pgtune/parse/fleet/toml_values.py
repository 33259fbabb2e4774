"""A value of TOML in, a field of the model out, or the words that say what it must be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pgtune.errors import UsageError
from pgtune.model.pools.fleet import Surge
from pgtune.parse.fleet.durations import parse_duration_s
from pgtune.parse.quantities import parse_share, parse_size_bytes


class Unfit(ValueError):
    """A value cannot be taken; the text goes on after "... must be"."""

    def __init__(self, wanted: str, *, is_value_shown: bool = True) -> None:
        super().__init__(wanted)
        self.is_value_shown = is_value_shown  # False where it may hold a secret


@dataclass(frozen=True, slots=True)
class Field:
    """Which field of the model a key fills, and how its value is read; ``read`` raises Unfit."""

    name: str
    read: Callable[[Any], Any]


Fields = Mapping[str, Field]  # by the key that is written


def count(value: Any) -> int:
    """A whole number, 0 included."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Unfit("a whole number of at least 0")
    return value


def positive(value: Any) -> int:
    """A whole number from 1 on."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Unfit("a whole number of at least 1")
    return value


def duration_s(value: Any) -> float:
    """Seconds of "30s", "5min", "1h" or a bare number of seconds."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    seconds = parse_duration_s(str(value)) if is_number or isinstance(value, str) else None
    if seconds is None:
        raise Unfit('a duration like "30s", "5min" or "1h"')
    return seconds


def size_bytes(value: Any) -> int:
    """Bytes of "8GB" or a bare number of bytes."""
    try:
        return parse_size_bytes(str(value))
    except UsageError:
        raise Unfit('a size like "8GB"') from None


def share(value: Any) -> float:
    """The fraction of "70%" or 0.7, not above 1."""
    try:
        fraction = parse_share(str(value))
    except UsageError:
        fraction = 0.0
    if not 0 < fraction <= 1:
        raise Unfit('a share like "70%"')
    return fraction


def surge(value: Any) -> Surge:
    """Pods on top: "25%" or a number of them."""
    if isinstance(value, str) and value.strip().endswith("%"):
        try:
            return Surge(parse_share(value))
        except UsageError:
            pass
    elif isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return Surge(count=value)
    raise Unfit('a share like "25%" or a number of pods')


def flag(value: Any) -> bool:
    """Either true or false."""
    if not isinstance(value, bool):
        raise Unfit("true or false")
    return value


def words(value: Any) -> str:
    """A string that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise Unfit("a string")
    return value


def word_list(value: Any) -> tuple[str, ...]:
    """An array of strings."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Unfit("an array of strings")
    return tuple(value)


def member_of(kind: type[Enum]) -> Callable[[Any], Enum]:
    """A reader of the enum's values."""

    def read(value: Any) -> Enum:
        try:
            return kind(value)
        except ValueError:
            raise Unfit(f"one of {', '.join(str(member.value) for member in kind)}") from None

    return read
