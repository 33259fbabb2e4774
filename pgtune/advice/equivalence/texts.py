"""A text or LIKE pattern in, texts that are alike and not alike out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pgtune.advice.equivalence.value_type import ValueType

PLAIN = ("a", "b", "A", "")
ODD = ("", " ", "a", "a ", "A", "%", "_", "\\", "a%b", "a_b", "'", "\u00e9", "NULL")
_PADDED = frozenset({"character", "bpchar"})
_MAX_REPEATED = 60  # characters of a text made for length(); chosen
_PATTERN_PART = re.compile(r"\\(?P<escaped>.)|(?P<any>%)|(?P<one>_)|(?P<plain>.)", re.DOTALL)


def fitted_text(text: str, kind: ValueType) -> tuple[str, ...]:
    """Return *text*, or as much of it as the type holds."""
    if "\0" in text:
        return ()
    cut = text[: kind.max_characters]
    return (cut.rstrip(" ") if kind.name in _PADDED else cut,)


def texts_around(text: str, kind: ValueType) -> tuple[str, ...]:
    """Return *text* in other letter case, longer and shorter; of a number so many letters."""
    candidates = [text.upper(), text.lower(), f"{text} ", f" {text}", f"{text}x", text[:-1], f"x{text}"]
    candidates += [f"{text[:1]}{text}", f"{text}{text[-1:]}"]  # which keep to a set of characters
    if text.isascii() and text.isdecimal():
        candidates += other_lengths(text)
        candidates += ["a" * (int(text) + more) for more in (-1, 0, 1) if int(text) <= _MAX_REPEATED]
    return tuple(dict.fromkeys(each for candidate in candidates for each in fitted_text(candidate, kind)))


def other_lengths(digits: str) -> tuple[str, ...]:
    """Return numbers with fewer and more digits: 9 is less than 18, as a text it is greater."""
    return ("9", f"1{'0' * len(digits)}")


def texts_like(pattern: str, kind: ValueType) -> tuple[str, ...]:
    """Return texts that the LIKE pattern matches, and some that it just does not."""
    matching = [_filled(pattern, ""), _filled(pattern, "x"), _filled(pattern, "x y")]
    failing = [f"q{matching[0]}q", matching[0][:-1], pattern]
    candidates = [*matching, *failing, matching[0].swapcase()]
    return tuple(dict.fromkeys(each for candidate in candidates for each in fitted_text(candidate, kind)))


def combined_texts(literals: Sequence[str], kind: ValueType) -> tuple[str, ...]:
    """Return each literal as long as each number among them says: ``length(a) = 7 AND left(a, 2) = 'ki'``."""
    lengths = [int(each) for each in literals if each.isascii() and each.isdecimal() and len(each) < 3]
    words = [each for each in literals if not each.isdecimal()]
    candidates = [word.ljust(length, "x")[:length] for word in words for length in lengths]
    return tuple(dict.fromkeys(each for candidate in candidates for each in fitted_text(candidate, kind)))


def is_like(text: str, pattern: str, *, ignore_case: bool) -> bool:
    """Tell whether the LIKE pattern matches, with a backslash as escape."""
    expression = "".join(
        ".*" if part["any"] else "." if part["one"] else re.escape(part["escaped"] or part["plain"])
        for part in _PATTERN_PART.finditer(pattern)
    )
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return re.fullmatch(expression, text, flags) is not None


def _filled(pattern: str, any_text: str) -> str:
    return "".join(
        any_text if part["any"] else "x" if part["one"] else part["escaped"] or part["plain"]
        for part in _PATTERN_PART.finditer(pattern)
    )
