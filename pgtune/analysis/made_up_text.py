"""Texts in their order in; made-up texts of the same lengths, in the same order, out.

Nothing of a text but its length and its rank goes into what stands for it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate

# Ordered alike by bytes and by every collation.
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MAX_CODE_LENGTH = 3  # 46,656 texts; a statistics target of 10,000 keeps 20,001 of a column

SortKey = Callable[[str], tuple[str, ...]]


class TooManyTexts(Exception):
    """More different texts than there are codes."""


def by_bytes(text: str) -> tuple[str, ...]:
    """Sort key of the collations C, POSIX and C.UTF-8."""
    return (text,)  # UTF-8 keeps the order of code points


def by_letters(text: str) -> tuple[str, ...]:
    """Sort key near those of languages: letters and digits first, then case, then the rest."""
    letters = "".join(char for char in text.casefold() if char.isalnum())
    return letters, text.swapcase(), text


def in_order(sorted_texts: Sequence[str], more: Iterable[str], key: SortKey) -> tuple[str, ...]:
    """Put *more* where *key* says among *sorted_texts*, whose own order is the server's and stays."""
    own = tuple(dict.fromkeys(sorted_texts))
    keys = list(accumulate(map(key, own), max))
    before: list[list[str]] = [[] for _ in range(len(own) + 1)]
    for text in sorted(set(more).difference(own), key=key):
        before[bisect_right(keys, key(text))].append(text)
    merged = (text for others, last in zip(before, own, strict=False) for text in (*others, last))
    return (*merged, *before[-1])


def unused_character(texts: Iterable[str]) -> str:
    """Return a character that none of *texts* has, so that no text can be part of a made-up one."""
    used = set().union(*texts)
    candidates = ("_", "-", ".", "~", *(chr(code) for code in range(0xC0, 0xD7FF)))
    return next(char for char in candidates if char not in used)


def made_up_texts(
    ordered: Sequence[str], filler: str, length: Callable[[str], int] = len
) -> Mapping[str, str]:
    """Return ``{text: made-up text}``: the rank as a code, then *filler*; *ordered* ascends without repeats.

    Lengths are kept, unless short texts are more than there are codes of their length.

    Raises:
        TooManyTexts: there are not enough codes.
    """
    lengths = [length(text) for text in ordered]
    for code_length in range(1, _MAX_CODE_LENGTH + 1):
        codes = _codes(lengths, code_length)
        if codes is not None:
            break
    else:
        code_length = _MAX_CODE_LENGTH
        lengths = [max(code_length, own) for own in lengths]
        codes = _codes(lengths, code_length)
        if codes is None:
            raise TooManyTexts
    return {
        text: _spell(code, code_length)[:own].ljust(own, filler)
        for text, code, own in zip(ordered, codes, lengths, strict=True)
    }


def _codes(lengths: Sequence[int], code_length: int) -> list[int] | None:
    """Ascending numbers of *code_length* digits, evenly spread; those to be cut short end in zeros."""
    limit = len(_DIGITS) ** code_length
    codes: list[int] = []
    previous = -1
    for rank, own in enumerate(lengths):
        step = len(_DIGITS) ** max(0, code_length - own)
        earliest = max(rank * limit // len(lengths), previous + 1)
        previous = -(-earliest // step) * step
        if previous >= limit:
            return None
        codes.append(previous)
    return codes


def _spell(code: int, code_length: int) -> str:
    spelled = ""
    for _ in range(code_length):
        code, digit = divmod(code, len(_DIGITS))
        spelled = _DIGITS[digit] + spelled
    return spelled
