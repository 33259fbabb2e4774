"""The rows of a batch in, a sub-query with one row for each key out: what the turns of a key leave behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from pgtune.advice.batches.arrays import Array, Rows
from pgtune.model.names import quote_ident

TURNS = "turns"  # the column that counts the turns of a key


class Take(Enum):
    """Which of the values that the turns of one key bring."""

    LAST = "last"
    FIRST = "first"
    SUM = "sum"  # NULL as soon as one is NULL: so does adding them one by one


@dataclass(frozen=True, slots=True)
class Taken:
    """A column of the sub-query."""

    array: Array
    take: Take

    @property
    def name(self) -> str:
        """The column's name, without quotes."""
        return f"first_{self.array.name}" if self.take is Take.FIRST else self.array.name


@dataclass(frozen=True, slots=True)
class Merge:
    """What to make of turns that have the same *keys*."""

    rows: Rows
    keys: tuple[Array, ...]
    nullable: tuple[Array, ...]  # keys that do not conflict where they are NULL: each such turn stays
    taken: tuple[Taken, ...]
    counts: bool  # add the column TURNS

    @property
    def adds(self) -> bool:
        """True where values are summed: then rows are grouped."""
        return any(each.take is Take.SUM for each in self.taken)

    def sql(self, source: str | None = None) -> str:
        """Write the sub-query as a FROM item; *source* stands in place of the arrays' own FROM item."""
        origin = source or self.rows.sql(numbered=True)
        body = self._grouped(origin) if self.adds else self._distinct(origin)
        lines = "\n".join(f"    {line}" for line in body)
        return f"(\n{lines}\n) AS {self.rows.alias}"

    def _distinct(self, origin: str) -> Sequence[str]:
        by = self._by()
        columns = [*map(_quoted, self.keys), *(self._windowed(each, by) for each in self.taken)]
        if self.counts:
            columns.append(f"count(*) OVER (PARTITION BY {by}) AS {TURNS}")
        return (
            f"SELECT DISTINCT ON ({by}) {', '.join(columns)}",
            f"FROM {origin}",
            f"ORDER BY {by}, {self.rows.ord} DESC",
        )

    def _grouped(self, origin: str) -> Sequence[str]:
        by = self._by()
        columns = [*map(_quoted, self.keys), *(self._aggregated(each) for each in self.taken)]
        if self.counts:
            columns.append(f"count(*) AS {TURNS}")
        return (
            f"SELECT {', '.join(columns)}",
            f"FROM {origin}",
            f"GROUP BY {by}",
            f"ORDER BY {by}",
        )

    def _by(self) -> str:
        parts = [_quoted(key) for key in self.keys]
        if self.nullable:
            missing = " OR ".join(f"{_quoted(key)} IS NULL" for key in self.nullable)
            parts.append(f"CASE WHEN {missing} THEN {self.rows.ord} END")
        return ", ".join(parts)

    def _windowed(self, each: Taken, by: str) -> str:
        name = _quoted(each.array)
        if each.take is Take.LAST:
            return name
        ordered = f"(PARTITION BY {by} ORDER BY {self.rows.ord})"
        return f"first_value({name}) OVER {ordered} AS {quote_ident(each.name)}"

    def _aggregated(self, each: Taken) -> str:
        name, output = _quoted(each.array), quote_ident(each.name)
        if each.take is Take.SUM:
            return f"CASE WHEN count(*) = count({name}) THEN sum({name}) END AS {output}"
        order = "DESC" if each.take is Take.LAST else "ASC"
        return f"(array_agg({name} ORDER BY {self.rows.ord} {order}))[1] AS {output}"


def _quoted(array: Array) -> str:
    return quote_ident(array.name)
