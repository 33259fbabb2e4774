"""Predicates, sort keys and columns that EXPLAIN prints, taken apart as far as an index cares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum


@dataclass(frozen=True, slots=True, order=True)
class ColumnRef:
    """A column as an expression names it; ``name`` is ``*`` for a whole row."""

    alias: str | None  # None: EXPLAIN leaves it out where one relation alone is meant
    name: str  # without quotes


class ClauseKind(Enum):
    """What an index can do with a clause."""

    EQUALITY = "equality"  # =
    IN_LIST = "in list"  # = ANY (array)
    RANGE = "range"  # < <= > >=
    IS_NULL = "is null"
    IS_NOT_NULL = "is not null"
    PREFIX = "prefix"  # LIKE 'abc%', ~ '^abc', ^@
    PATTERN = "pattern"  # LIKE '%abc%', ILIKE, regular expressions, patterns not known at plan time
    CONTAINS = "contains"  # @> <@ && @@ ? ?| ?&: what GIN and GiST answer
    BOOLEAN = "boolean"  # a boolean column or expression by itself, or NOT of it
    OR = "or"
    OTHER = "other"


COMMUTED = {
    "=": "=",
    "<": ">",
    ">": "<",
    "<=": ">=",
    ">=": "<=",
    "@>": "<@",
    "<@": "@>",
    "&&": "&&",
    "@@": "@@",
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One member of an AND list: *indexable side, operator, operand*.

    One of ``column``, ``expression`` and ``row`` is there, and none for OR and OTHER.
    """

    text: str  # in EXPLAIN's spelling, without the outermost parentheses
    kind: ClauseKind
    column: ColumnRef | None = None
    cast: str | None = None  # the type in ``(column)::text``; only of those that may leave the value as it is
    expression: str | None = None  # of columns of one relation
    side: str | None = None  # the indexable side as printed, whatever it is
    row: tuple[ColumnRef, ...] = ()  # ROW(a, b) > ROW(1, 2)
    operator: str | None = None  # as if the indexable side stood left; "NOT", "IS TRUE", ... for BOOLEAN
    operand: str | None = None
    operand_column: ColumnRef | None = None  # when the operand is a plain column
    operand_columns: tuple[ColumnRef, ...] = ()  # that the operand mentions
    literal: bool = False  # the operand is a constant that the statement spells out (or there is none)
    columns: tuple[ColumnRef, ...] = ()  # every one mentioned, in order, each once
    alternatives: tuple[tuple[Clause, ...], ...] = ()  # of OR: each arm is an AND list

    def seen_from(self, alias: str | None) -> Clause | None:
        """The clause as a condition on *alias* alone, None when it is none.

        The indexable side has columns of *alias* only and the operand none; sides are swapped if need be.
        Columns without an alias belong to *alias*.
        """
        if self.kind in (ClauseKind.OR, ClauseKind.OTHER):
            return None
        operand = set(self.operand_columns)
        indexable = [ref for ref in self.columns if ref not in operand] or list(self.columns)
        if _all_of(indexable, alias) and not _any_of(self.operand_columns, alias):
            return self
        swapped = self._swapped(tuple(indexable))
        if swapped is None or not _all_of(self.operand_columns, alias) or _any_of(indexable, alias):
            return None
        return swapped

    def _swapped(self, indexable: tuple[ColumnRef, ...]) -> Clause | None:
        if self.operator not in COMMUTED or not self.operand_columns or self.row:
            return None
        if self.kind is ClauseKind.IN_LIST:
            return None
        return replace(
            self,
            column=self.operand_column,
            cast=None,
            expression=None if self.operand_column else self.operand,
            operator=COMMUTED[self.operator],
            side=self.operand,
            operand=self.side,
            operand_column=self.column,
            operand_columns=indexable,
        )

    def everything(self) -> Iterator[Clause]:
        """Yield this clause and all in the arms of its ORs."""
        yield self
        for arm in self.alternatives:
            for clause in arm:
                yield from clause.everything()


def _all_of(refs: tuple[ColumnRef, ...] | list[ColumnRef], alias: str | None) -> bool:
    return bool(refs) and all(ref.alias is None or ref.alias == alias for ref in refs)


def _any_of(refs: tuple[ColumnRef, ...] | list[ColumnRef], alias: str | None) -> bool:
    return any(ref.alias is None or ref.alias == alias for ref in refs)


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of a sort. Exactly one of ``column`` and ``expression`` is there."""

    column: ColumnRef | None
    expression: str | None
    descending: bool
    nulls_first: bool  # True also for a plain DESC
    collation: str | None = None  # as printed, None: that of the column
    operator: str | None = None  # of USING: not the default order of the type
    columns: tuple[ColumnRef, ...] = ()  # every one mentioned
