"""The conditions of a turn in; the columns that its parameters are the key of, and the rest, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pgtune.advice.batches.arrays import Rows
from pgtune.model.names import quote_ident
from pgtune.parse.sql.expression_of_turn import Expression
from pgtune.parse.sql.update_turn import key_condition


@dataclass(frozen=True, slots=True)
class Key:
    """``column = $number``."""

    qualifier: str | None  # as written
    column: str
    number: int

    @property
    def sql(self) -> str:
        """The column as the statement spells it."""
        before = f"{quote_ident(self.qualifier)}." if self.qualifier is not None else ""
        return before + quote_ident(self.column)


@dataclass(frozen=True, slots=True)
class Keys:
    """The WHERE of a turn."""

    keys: tuple[Key, ...]
    others: tuple[Expression, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the key's columns."""
        return tuple(key.column for key in self.keys)

    @property
    def names(self) -> str:
        """The same, as messages show them."""
        return ", ".join(self.columns)

    @property
    def wanted(self) -> Mapping[int, str]:
        """The column that each parameter of the key belongs to."""
        return {key.number: key.column for key in reversed(self.keys)}

    @property
    def parameters(self) -> frozenset[int]:
        """Numbers of the parameters in the key."""
        return frozenset(key.number for key in self.keys)

    @property
    def other_parameters(self) -> frozenset[int]:
        """Numbers of the parameters in the other conditions."""
        return frozenset[int]().union(*(other.parameters for other in self.others))

    def is_single(self) -> bool:
        """True for one column and one parameter."""
        return len(self.keys) == 1


def read_keys(conditions: Sequence[Expression]) -> Keys:
    """Split *conditions*, which AND joins."""
    keys, others = [], []
    for condition in conditions:
        found = key_condition(condition)
        if found is None:
            others.append(condition)
        else:
            keys.append(Key(found[0], found[1], found[2]))
    return Keys(tuple(keys), tuple(others))


def any_condition(keys: Keys, rows: Rows) -> str:
    """Write ``id = ANY ($1::bigint[])``, or ``(a, b) IN (SELECT ...)`` where the key has more columns."""
    if keys.is_single():
        return f"{keys.keys[0].sql} = ANY ({rows.array(keys.keys[0].number).sql})"
    columns = ", ".join(key.sql for key in keys.keys)
    values = ", ".join(rows.texts()[key.number] for key in keys.keys)
    return f"({columns}) IN (SELECT {values} FROM {rows.sql()})"


def with_conditions(
    text: str, conditions: Sequence[Expression], replaced: str, kept: Sequence[Expression]
) -> str:
    """Return *text* with ``replaced AND kept`` in place of its *conditions*."""
    begin = conditions[0].tokens[0].start
    end = conditions[-1].tokens[-1].end
    joined = " AND ".join((replaced, *(condition.text for condition in kept)))
    return text[:begin] + joined + text[end:]
