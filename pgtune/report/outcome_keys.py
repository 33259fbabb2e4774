"""Keys of outcomes: the parts that name one, without lines, and each key once."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pgtune.model.outcome import Outcome
from pgtune.parse.fingerprint import fingerprint
from pgtune.report.visible import visible_line

_DIGITS = 12  # of a hash: 48 bits tell the statements of a project apart; chosen


def statement_key(text: str) -> str:
    """Return a short hash of a statement, whatever its values and white space."""
    return hashlib.sha256(fingerprint(text).encode("utf-8", "backslashreplace")).hexdigest()[:_DIGITS]


def join_key(*parts: str | None) -> str:
    """Return the parts that are known on one line, with colons between them."""
    return visible_line(":".join(part for part in parts if part))


def with_unique_keys(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Number findings that share a key from the second on: one statement may have two of a kind."""
    seen: Counter[str] = Counter()
    for outcome in outcomes:
        seen[outcome.key] += 1
        number = seen[outcome.key]
        yield outcome if number == 1 else replace(outcome, key=f"{outcome.key}:{number}")
