"""Columns in, the arrays that carry their values and the ``unnest`` that makes rows of them out."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pgtune.model.names import quote_ident

_MODIFIER = re.compile(r"\(\d+(?:,\s*-?\d+)?\)")
# An explicit cast to these cuts a value that is too long, where an assignment raises an error.
_CUT_BY_A_CAST = {"character": "bpchar", "bit": "varbit", "character varying": "character varying"}
NUMBERS = frozenset(
    {"smallint", "integer", "bigint", "numeric", "real", "double precision", "int2", "int4", "int8", "int"}
)


@dataclass(frozen=True, slots=True)
class Array:
    """The values that ``$number`` takes in the turns of a loop."""

    number: int
    name: str  # of the column of ``unnest``, without quotes
    type: str  # of an element

    @property
    def sql(self) -> str:
        """The parameter with its type."""
        return f"${self.number}::{self.type}[]"

    @property
    def flattens(self) -> bool:
        """True where elements are arrays: unnest would take them apart."""
        return self.type.endswith("[]")


@dataclass(frozen=True, slots=True)
class Rows:
    """``unnest(arrays) AS alias(names)``: one row for each turn."""

    arrays: tuple[Array, ...]
    alias: str
    ord: str  # name of the column that numbers the turns

    def sql(self, *, numbered: bool = False) -> str:
        """Write the FROM item; *numbered* adds the number of the turn."""
        names = [quote_ident(array.name) for array in self.arrays] + [self.ord] * numbered
        ordinality = " WITH ORDINALITY" if numbered else ""
        return f"{self.unnest()}{ordinality} AS {self.alias}({', '.join(names)})"

    def unnest(self) -> str:
        """Write the function alone."""
        return f"unnest({', '.join(array.sql for array in self.arrays)})"

    def texts(self) -> Mapping[int, str]:
        """Return what stands for each parameter: ``{1: "v.user_id"}``."""
        return {array.number: f"{self.alias}.{quote_ident(array.name)}" for array in self.arrays}

    def array(self, number: int) -> Array:
        """The array that carries ``$number``."""
        return next(array for array in self.arrays if array.number == number)


def element_type(column_type: str) -> str:
    """Return what to cast a value to that is compared with, or assigned to, a column of *column_type*.

    Lengths are left to the assignment, which refuses what is too long. Precisions stay: a cast rounds as the
    assignment does.
    """
    plain = _MODIFIER.sub("", column_type)
    return _CUT_BY_A_CAST.get(plain, column_type)


def make_rows(
    types: Mapping[int, str], wanted: Mapping[int, str], words: Collection[str], columns: Collection[str] = ()
) -> Rows:
    """Return one array for each parameter.

    *types* are those of the elements by parameter, *wanted* the columns that parameters belong to. The alias
    is none of *words*; the columns are none of *columns*, which would be ambiguous beside them.
    """
    arrays: list[Array] = []
    used = set(columns)
    for number in sorted(types):
        column = wanted.get(number)
        choices = [column, f"given_{column}"] if column else []
        name = _free((*choices, f"p{number}"), used)
        used.add(name)
        arrays.append(Array(number, name, types[number]))
    alias = _free(("v", "given", "turn"), {*words, *used})
    return Rows(tuple(arrays), alias, _free(("ord", "turn_number"), used))


def _free(choices: Sequence[str], used: Collection[str]) -> str:
    """Return the first that is not used, or the last with a number behind it."""
    for choice in choices:
        if choice not in used:
            return choice
    number = 2
    while f"{choices[-1]}_{number}" in used:
        number += 1
    return f"{choices[-1]}_{number}"
