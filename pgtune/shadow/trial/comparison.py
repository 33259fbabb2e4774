"""What both sides did in, the first difference that counts out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from pgtune.model.equivalence import Row, Value
from pgtune.model.names import RelationName
from pgtune.shadow.trial.exchange import Answer
from pgtune.shadow.trial.run_pair import Run

RELATIVE_TOLERANCE = Decimal("1e-9")  # between sums in another order, or sum / count and avg; chosen
ABSOLUTE_TOLERANCE = Decimal("1e-12")  # around zero; chosen
_INTEGERS = frozenset({20, 21, 23, 26})  # OIDs: int8, int2, int4, oid
_INEXACT = frozenset({700, 701, 1700})  # float4, float8, numeric
_ROUNDED_DIGITS = 8  # fewer than the tolerance allows to differ, so that equal values sort alike

Normal = tuple[str | Decimal | None, ...]  # a row whose numbers are numbers


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not the same, in words; ``is_count``: not even the number of rows is."""

    text: str
    is_count: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two runs of a pair are compared; the order of rows is not."""

    is_loop: bool = False
    is_written: bool = False  # then equal turns of a loop need not answer alike
    uncompared: Mapping[RelationName, frozenset[str]] | None = None  # columns that differ in each run

    def difference(self, original: Run, rewritten: Run) -> Difference | None:
        """Return the first difference; None where both failed, or the original alone did."""
        if original.failure:
            return None
        if rewritten.failure:
            return Difference(f"the other one fails: {rewritten.failure}", is_count=True)
        if self.is_loop:
            found = self._loop_difference(original.answers, rewritten.answers, original.repeats)
        else:
            found = self._answers_difference(original.answers, rewritten.answers)
        return found or self._tables_difference(original, rewritten)

    def _answers_difference(
        self, original: Sequence[Answer], rewritten: Sequence[Answer]
    ) -> Difference | None:
        ours, theirs = _with_rows(original), _with_rows(rewritten)
        if len(ours) != len(theirs):
            return Difference(
                f"the original gives {len(ours)} results, the other {len(theirs)}", is_count=True
            )
        for mine, other in zip(ours, theirs, strict=True):
            if found := self._rows_difference(mine, other, "returns"):
                return found
        if not ours and len(original) == len(rewritten) == 1:
            counts = original[0].row_count, rewritten[0].row_count
            if counts[0] != counts[1]:
                return Difference(
                    f"the original writes {_rows(counts[0])}, the other {counts[1]}", is_count=True
                )
        return None

    def _loop_difference(
        self, turns: Sequence[Answer], batch: Sequence[Answer], repeats: Collection[int]
    ) -> Difference | None:
        """Compare the rows of all turns with those of the batch, which may name keys as well.

        A batch that only reads may answer equal turns once.
        """
        (whole,) = batch
        if not turns or not turns[0].names:
            return None
        together = replace(turns[0], rows=tuple(row for turn in turns for row in turn.rows))
        projected = _named_alike(whole, together.names)
        found = self._rows_difference(together, projected, "returns")
        if found is None or self.is_written or not repeats:
            return found
        once = [row for number, turn in enumerate(turns) if number not in repeats for row in turn.rows]
        again = self._rows_difference(replace(together, rows=tuple(once)), projected, "returns")
        return found if again else None

    def _tables_difference(self, original: Run, rewritten: Run) -> Difference | None:
        for relation, mine in original.tables.items():
            hidden = (self.uncompared or {}).get(relation, frozenset())
            other = rewritten.tables[relation]
            found = self._rows_difference(_without(mine, hidden), _without(other, hidden), "leaves")
            if found:
                return replace(found, text=f"{relation}: {found.text}")
        return None

    def _rows_difference(self, original: Answer, rewritten: Answer, verb: str) -> Difference | None:
        if len(original.names) != len(rewritten.names):
            columns = len(original.names), len(rewritten.names)
            return Difference(
                f"the original returns {columns[0]} columns, the other {columns[1]}", is_count=True
            )
        if verb == "returns" and self.uncompared:
            hidden = frozenset().union(*self.uncompared.values())
            original, rewritten = _without(original, hidden), _without(rewritten, hidden)
        if len(original.rows) != len(rewritten.rows):
            text = f"the original {verb} {_rows(len(original.rows))}, the other {len(rewritten.rows)}"
            return Difference(text, is_count=True)
        if original.rows == rewritten.rows and original.types == rewritten.types:
            return None
        mine, other = normal_rows(original, rewritten), normal_rows(rewritten, original)
        if same_rows(mine, other):
            return None
        ours, theirs = Counter(mine), Counter(other)
        missing, extra = next(iter(ours - theirs)), next(iter(theirs - ours))
        return Difference(f"the original {verb} {_shown(missing)}, the other {_shown(extra)}")


def normal_rows(answer: Answer, other: Answer) -> list[Normal]:
    """Return the rows with numbers as numbers, in columns where either answer may have a point."""
    convert = [_converter(mine[0], their[0]) for mine, their in zip(answer.types, other.types, strict=True)]
    if not any(convert):
        return list(answer.rows)
    return [
        tuple(
            function(value) if function and value is not None else value
            for function, value in zip(convert, row, strict=True)
        )
        for row in answer.rows
    ]


def number(value: str) -> str | Decimal:
    """Return the number that *value* is; NaN and infinities stay text."""
    try:
        found = Decimal(value)
    except InvalidOperation:
        return value
    return found if found.is_finite() else value


def _converter(mine: int, other: int) -> Callable[[str], str | Decimal] | None:
    types = {mine, other}
    return number if types & _INEXACT and types <= _INEXACT | _INTEGERS else None


def same_rows(mine: Sequence[Normal], other: Sequence[Normal]) -> bool:
    """Tell whether as many rows are the same in any order, numbers up to the tolerance."""
    if Counter(mine) == Counter(other):
        return True
    pairs = zip(sorted(mine, key=_sort_key), sorted(other, key=_sort_key), strict=True)
    return all(alike(left, right) for left, right in pairs)


def _sort_key(row: Normal) -> tuple[tuple[int, object], ...]:
    return tuple(_value_key(value) for value in row)


def _value_key(value: str | Decimal | None) -> tuple[int, object]:
    if value is None:
        return 0, 0
    if isinstance(value, Decimal):
        return 1, Decimal(f"{value:.{_ROUNDED_DIGITS}e}") if abs(value) > ABSOLUTE_TOLERANCE else Decimal(0)
    return 2, value


def alike(left: Normal, right: Normal) -> bool:
    """Tell whether two rows are the same, numbers up to the tolerance."""
    return all(_values_alike(mine, other) for mine, other in zip(left, right, strict=True))


def _values_alike(mine: str | Decimal | None, other: str | Decimal | None) -> bool:
    if isinstance(mine, Decimal) and isinstance(other, Decimal):
        allowed = max(RELATIVE_TOLERANCE * max(abs(mine), abs(other)), ABSOLUTE_TOLERANCE)
        return abs(mine - other) <= allowed
    return mine == other


def _with_rows(answers: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.names]


def _named_alike(answer: Answer, names: Sequence[str]) -> Answer:
    """Return the columns called *names*; *answer* itself where it has no others, or lacks one."""
    if len(answer.names) <= len(names) or not set(names) <= set(answer.names):
        return answer
    return _columns(answer, [answer.names.index(name) for name in names])


def _without(answer: Answer, hidden: Collection[str]) -> Answer:
    if not hidden:
        return answer
    return _columns(answer, [place for place, name in enumerate(answer.names) if name not in hidden])


def _columns(answer: Answer, places: Sequence[int]) -> Answer:
    return replace(
        answer,
        names=tuple(answer.names[place] for place in places),
        types=tuple(answer.types[place] for place in places),
        rows=tuple(tuple(row[place] for place in places) for row in answer.rows),
    )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _shown(row: Row | Normal) -> str:
    return f"({', '.join('NULL' if value is None else str(value) for value in row)})"


def shows_something(run: Run) -> bool:
    """Tell whether a run returned or wrote anything: one row of zeros, NULLs and false is an empty sum."""
    return any(_shows_something(answer) for answer in run.answers)


def _shows_something(answer: Answer) -> bool:
    if not answer.names:
        return answer.row_count > 0
    return len(answer.rows) > 1 or any(not _is_nothing(value) for row in answer.rows for value in row)


def _is_nothing(value: Value) -> bool:
    return value in (None, "f") or number(value or "") == 0
