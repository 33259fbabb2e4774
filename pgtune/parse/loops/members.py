"""The turns of one statement in; their count, times, values, and which of these change, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from pgtune.model.equivalence import Row
from pgtune.model.loop import MAX_SAMPLES, Transaction
from pgtune.parse.loops.limits import MIN_DISTINCT
from pgtune.parse.loops.literal_values import value_of
from pgtune.parse.loops.turn_shape import FIRST_SLOT, Role
from pgtune.parse.loops.turns import Turn
from pgtune.parse.sql_tokens import TokenKind

MAX_SAMPLE_CHARS = 1_000_000  # of the values of one loop; chosen
MAX_GAPS = 10_000  # kept of one loop for the median; chosen


@dataclass(slots=True)
class Member:
    """One statement of a run: alone, or one of those that take turns."""

    first: Turn
    last: Turn
    turns: int = 0
    runs: int = 1
    samples: list[Turn] = field(default_factory=list)
    other_shape: Turn | None = None  # the first turn that differs in more than its values
    total_ms: float | None = 0.0
    gaps_ms: list[float] = field(default_factory=list)
    transaction: Transaction = Transaction.UNKNOWN
    has_all_values: bool = True
    _constant_slots: list[int] = field(default_factory=list)
    _constant_parameters: list[int] = field(default_factory=list)
    _distinct: set[tuple[tuple[str, ...], Row | None]] = field(default_factory=set)
    _sampled_chars: int = 0
    _transactions: int = 0  # how often the transaction was another than that of the turn before
    _virtual_transactions: int = 0

    @classmethod
    def begin(cls, turn: Turn) -> Member:
        """Return a member without turns whose constants are those of *turn*."""
        member = cls(turn, turn)
        member._constant_slots = list(range(len(turn.literals)))
        member._constant_parameters = list(range(len(turn.parameters or ())))
        return member

    def add(self, turn: Turn) -> None:
        """Count one more turn."""
        self.turns += 1
        if turn.shape is self.first.shape or turn.shape.key == self.first.shape.key:
            self._compare(turn)
        else:
            self.other_shape = self.other_shape or turn
        if len(self._distinct) < MIN_DISTINCT:
            self._distinct.add(((turn.shape.key, *turn.literals), turn.parameters))
        if len(self.samples) < MAX_SAMPLES and self._sampled_chars < MAX_SAMPLE_CHARS:
            self._sample(turn)
        if turn.busy_ms is None:
            self.total_ms = None
        elif self.total_ms is not None:
            self.total_ms += turn.busy_ms
        last, self.last = self.last, turn
        if self.turns > 1:
            self._transactions += turn.transaction is None or turn.transaction != last.transaction
            self._virtual_transactions += turn.virtual_transaction != last.virtual_transaction

    def _compare(self, turn: Turn) -> None:
        first, literals = self.first.literals, turn.literals
        if self._constant_slots and literals != first:
            self._constant_slots = [slot for slot in self._constant_slots if literals[slot] == first[slot]]
        known, given = self.first.parameters, turn.parameters
        if known is None or given is None or len(known) != len(given):
            self.has_all_values &= known == given == ()
        elif self._constant_parameters and given != known:
            self._constant_parameters = [n for n in self._constant_parameters if given[n] == known[n]]

    def _sample(self, turn: Turn) -> None:
        self.samples.append(turn)
        self._sampled_chars += sum(map(len, turn.literals))
        if turn.parameters:
            self._sampled_chars += sum(map(len, filter(None, turn.parameters)))

    def close(self, gaps_ms: Sequence[float], is_every_statement_seen: bool) -> None:
        """End the run: *gaps_ms* are the pauses before its turns.

        Only where every statement is logged does a missing BEGIN mean that there was none.
        """
        self.gaps_ms = list(gaps_ms[:MAX_GAPS])
        knows_virtual = self.first.virtual_transaction is not None and self.first.transaction is None
        changes = self._virtual_transactions if knows_virtual else self._transactions
        is_known = knows_virtual or is_every_statement_seen or self.first.transaction is not None
        if changes == 0:
            self.transaction = Transaction.ONE
        elif changes == self.turns - 1 and is_known:
            self.transaction = Transaction.EACH

    def absorb(self, other: Member) -> None:
        """Count other runs of the same statement."""
        self.turns += other.turns
        self.runs += other.runs
        known = self.total_ms is not None and other.total_ms is not None
        self.total_ms = (self.total_ms or 0.0) + (other.total_ms or 0.0) if known else None
        self.gaps_ms += other.gaps_ms[: MAX_GAPS - len(self.gaps_ms)]
        self.has_all_values &= other.has_all_values
        if self.transaction is not other.transaction:
            self.transaction = Transaction.UNKNOWN
        self.other_shape = self.other_shape or other.other_shape
        if other.first.shape.key != self.first.shape.key:
            self.other_shape = self.other_shape or other.first
            return
        self._compare(other.first)
        self._constant_slots = _in_both(self._constant_slots, other._constant_slots)
        self._constant_parameters = _in_both(self._constant_parameters, other._constant_parameters)
        for turn in other.samples:
            if len(self.samples) >= MAX_SAMPLES or self._sampled_chars >= MAX_SAMPLE_CHARS:
                break
            self._sample(turn)

    @property
    def gap_ms(self) -> float | None:
        """Median pause before a turn; None where the log does not tell."""
        return median(self.gaps_ms) if self.gaps_ms else None

    @property
    def has_distinct_values(self) -> bool:
        """False where the same values come again and again: polling, or a cache that is missing."""
        return len(self._distinct) >= MIN_DISTINCT

    @property
    def varying(self) -> frozenset[int]:
        """Numbers of the values that change, as `TurnShape.roles` counts them."""
        slots = set(range(len(self.first.literals))).difference(self._constant_slots)
        parameters = set(range(len(self.first.parameters or ()))).difference(self._constant_parameters)
        return frozenset({FIRST_SLOT + slot for slot in slots} | {n + 1 for n in parameters})

    @property
    def is_batched(self) -> bool:
        """True where each turn already does the work of many: IN lists, arrays, pages of a result."""
        roles = [self.first.shape.roles.get(number, Role.OTHER) for number in self.varying]
        if self.other_shape is not None:
            shapes = (self.first.shape, self.other_shape.shape)
            return any(role is Role.LIST for shape in shapes for role in shape.roles.values())
        if Role.LIST in roles or (roles and set(roles) == {Role.PAGE}):
            return True
        is_page = self.first.shape.command == "SELECT" and _has_limit_of_many(self.first)
        return is_page and Role.EQUAL not in roles

    def text(self) -> str:
        """Return one turn, with $n for what changes; the first turn where more than values change."""
        if self.other_shape is not None:
            return self.first.shape.text(self.first.literals, {})
        return self.first.shape.text(self.first.literals, self._numbers())

    def values(self) -> tuple[Row, ...]:
        """Return the values of `text`'s $n in the first turns; none where not all of them are known."""
        if self.other_shape is not None or not self.has_all_values:
            return ()
        slots = sorted(self._numbers())
        return tuple(
            (*(turn.parameters or ()), *(value_of(turn.literals[slot]) for slot in slots))
            for turn in self.samples
        )

    def difference(self) -> str | None:
        """Return the parts in which two turns differ, where more than values do."""
        if self.other_shape is None:
            return None
        words = [
            ["?" if token.kind is TokenKind.PLACEHOLDER else token.text for token in turn.shape.tokens]
            for turn in (self.first, self.other_shape)
        ]
        start = _same_start(*words)
        rests = [each[start:] for each in words]
        same_end = _same_start(*(each[::-1] for each in rests))
        return ", ".join(" ".join(each[: len(each) - same_end]) or "nothing" for each in rests)

    def parameter_of(self, number: int) -> int | None:
        """Return the n of `text`'s $n for a value that changes, numbered as `varying` does."""
        return number if number < FIRST_SLOT else self._numbers().get(number - FIRST_SLOT)

    def _numbers(self) -> dict[int, int]:
        """Return {slot: n of its $n}; the statement's own parameters keep their numbers."""
        changing = sorted(number - FIRST_SLOT for number in self.varying if number >= FIRST_SLOT)
        return {slot: n for n, slot in enumerate(changing, self.first.shape.parameters + 1)}


def _same_start(some: Sequence[str], others: Sequence[str]) -> int:
    """Return how many items from the first on are the same."""
    pairs = enumerate(zip(some, others, strict=False))
    return next((index for index, (one, other) in pairs if one != other), min(len(some), len(others)))


def _in_both(some: list[int], others: list[int]) -> list[int]:
    return [one for one in some if one in others]


def _has_limit_of_many(turn: Turn) -> bool:
    """Tell whether a LIMIT takes more than one row: the loop reads a table piece by piece."""
    paging = [number for number, role in turn.shape.roles.items() if role is Role.PAGE]
    parameters = turn.parameters or ()
    limits = [
        turn.literals[number - FIRST_SLOT] if number >= FIRST_SLOT else parameters[number - 1]
        for number in paging
        if number >= FIRST_SLOT or number <= len(parameters)
    ]
    return any(limit != "1" for limit in limits)
