"""What ANALYZE found in one column in, values that a query may well ask for out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from pgtune.model.snapshot import ColumnStatistics
from pgtune.parse.array_literal import read_array, write_array

# Chosen: from here on a row's value is more likely a common one than not.
MOSTLY_COMMON = 0.5
# Chosen: of a condition that is open at one end, the share of the histogram at which it begins.
NEAR_THE_END = 0.9
_WILDCARD = re.compile(r"([\\%_])")


@dataclass(frozen=True, slots=True)
class TypicalValues:
    """Values of one column as text, as the server would print them; empty where it was not analyzed."""

    common: tuple[str, ...]  # most frequent first
    common_fraction: float  # of all rows, that have one of `common`
    bounds: tuple[str, ...]  # of the histogram, ascending
    elements: tuple[str, ...] = ()  # of arrays, most frequent first; of a tsvector its lexemes
    type: str | None = None

    @classmethod
    def of(cls, statistics: ColumnStatistics) -> TypicalValues:
        """Read the array literals; one that is not read counts as not there."""
        return cls(
            common=_texts(statistics.most_common_values),
            common_fraction=sum(statistics.most_common_frequencies or ()),
            bounds=_texts(statistics.histogram_bounds),
            elements=_texts(statistics.most_common_elements),
            type=statistics.type,
        )

    def mapped(self, change: Callable[[str], str]) -> TypicalValues:
        """The values of an expression that makes *change* of the column; of another type."""
        return replace(
            self,
            common=tuple(map(change, self.common)),
            bounds=tuple(map(change, self.bounds)),
            elements=(),
            type=None,
        )

    def some(self, count: int) -> tuple[str, ...]:
        """At most *count* different values, from the middle on: neither the rarest nor the top one."""
        mostly_common = self.common_fraction >= MOSTLY_COMMON
        known = (self.common or self.bounds) if mostly_common else (self.bounds or self.common)
        middle = len(known) // 2
        return (known[middle:] + known[:middle])[:count]

    def narrow_range(self) -> tuple[str, str] | None:
        """Two neighbouring bounds of the histogram in the middle: about one row in a hundred is between."""
        if len(self.bounds) < 2:
            return None
        middle = (len(self.bounds) - 1) // 2
        return self.bounds[middle], self.bounds[middle + 1]

    def at(self, fraction: float) -> str | None:
        """The bound below which that fraction of the histogram lies."""
        if not self.bounds:
            return next(iter(self.some(1)), None)
        return self.bounds[round((len(self.bounds) - 1) * fraction)]

    def prefix(self) -> str | None:
        """The beginning of a value, as short as tells it from its neighbour in the histogram."""
        between = self.narrow_range()
        if between is None:
            return next(iter(self.some(1)), None)
        low, high = between
        shared = next((at for at, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), len(low))
        return high[: shared + 1]

    def pattern(self, *, anchored: bool) -> str | None:
        """A pattern of LIKE with `prefix`, at the beginning or anywhere."""
        prefix = self.prefix()
        if prefix is None:
            return None
        return ("" if anchored else "%") + _WILDCARD.sub(r"\\\1", prefix) + "%"

    def contained(self, operator: str) -> str | None:
        """What ``column @> $1`` and its like may look for; None where the statistics do not say."""
        element = self.elements[len(self.elements) // 2] if self.elements else None
        if self.type == "tsvector":
            lexeme = None if element is None else element.replace("\\", "\\\\").replace("'", "''")
            return f"'{lexeme}'" if lexeme is not None and operator == "@@" else None
        if element is not None:
            return write_array([element]) if operator in ("@>", "&&") else None
        if self.type == "jsonb" and operator == "@>" and self.common:
            return self.common[len(self.common) // 2]
        return None


def _texts(literal: str | None) -> tuple[str, ...]:
    try:
        return tuple(text for text in read_array(literal or "{}") if text is not None)
    except ValueError:
        return ()
