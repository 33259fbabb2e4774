"""A table's plan and the pools of a database in, rows that obey keys and NOT NULL out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from pgtune.advice.equivalence.table_plan import KeyPlan, Link, TablePlan
from pgtune.advice.equivalence.type_values import fitted
from pgtune.advice.equivalence.value_pools import ValuePools, many_values
from pgtune.model.equivalence import Row, TableRows, Value
from pgtune.model.names import RelationName

_FEW_PARENTS = (1, 2)  # that all rows refer to in a database of large groups; chosen


class TableDraw:
    """Draws the rows of one table."""

    def __init__(self, table: TablePlan, pools: ValuePools, made: Mapping[RelationName, TableRows]) -> None:
        self.table = table
        self.pools = pools
        self.random: Random = pools.random
        self._made = made
        self._column_pools = [pools.of_column(column) for column in table.columns]
        self._few = self.random.choice(_FEW_PARENTS)
        self._rows: list[Row] = []
        self._seen: list[set[Row]] = [set() for _ in table.unique_keys]
        self._parents = [tuple(self._referenced(key)) for key in table.foreign_keys]

    def rows(self, count: int) -> TableRows:
        """Return *count* rows; fewer where keys have no more values or nothing to refer to."""
        drawn = self._drawn(count)
        self._copy_joined(drawn)
        if self.pools.kind.is_twice:
            drawn += [row.copy() for row in drawn]
        for row in drawn:
            if self._refer(row) and self._make_unique(row, len(drawn)):
                self._keep(row)
        names = tuple(column.name for column in self.table.columns)
        return TableRows(self.table.name, names, tuple(self._rows))

    def _drawn(self, count: int) -> list[list[Value]]:
        columns = [self._column(position, count) for position in range(len(self.table.columns))]
        return [list(row) for row in zip(*columns, strict=True)]

    def _column(self, position: int, count: int) -> Sequence[Value]:
        column, pool = self.table.columns[position], self._column_pools[position]
        if (position,) in self.table.unique_keys and len(pool) < count:
            pool = many_values(pool, column.values, count)[:count]
        is_distinct = (position,) in self.table.unique_keys and len(pool) >= count
        drawn: list[Value] = [
            *(self.random.sample(pool, count) if is_distinct else self.random.choices(pool, k=count))
        ]
        nulls = self.pools.null_part(column)
        if nulls:
            return [None if self.random.random() < nulls else value for value in drawn]
        return drawn

    def _copy_joined(self, drawn: Sequence[list[Value]]) -> None:
        """Give rows the values of rows that they are joined with, in all compared columns together."""
        for link in self.table.links:
            there = self._made[link.other].rows
            if self.pools.kind.is_grouped:
                there = there[: self._few]
            for row in drawn if there else ():
                if self.random.random() < self.pools.kind.copied:
                    self._copy(link, self.random.choice(there), row)

    def _copy(self, link: Link, source: Row, row: list[Value]) -> None:
        for position, candidates in link.columns:
            value = source[self.random.choice(candidates)]
            values = () if value is None else fitted(value, self.table.columns[position].values.kind)
            if values:
                row[position] = values[0]

    def _referenced(self, key: KeyPlan) -> Iterator[Row]:
        """Yield the values of the referenced columns in rows that are there, without NULLs."""
        parent = self._made.get(key.referenced)
        if parent is None or not set(key.referenced_columns) <= set(parent.columns):
            return
        positions = [parent.columns.index(name) for name in key.referenced_columns]
        for row in parent.rows:
            values = tuple(row[position] for position in positions)
            if None not in values:
                yield values

    def _refer(self, row: list[Value]) -> bool:
        """Make every foreign key refer to a row or to none; False when a NOT NULL one finds no row."""
        fixed: set[int] = set()
        for key, parents in zip(self.table.foreign_keys, self._parents, strict=True):
            if not self._refer_by(key, self._candidates(key, parents, row), row, fixed):
                return False
            fixed.update(key.columns)
        return True

    def _candidates(self, key: KeyPlan, parents: tuple[Row, ...], row: list[Value]) -> Sequence[Row]:
        if key.referenced == self.table.name:
            names = [column.name for column in self.table.columns]
            positions = [names.index(name) for name in key.referenced_columns if name in names]
            return [tuple(each[position] for position in positions) for each in (*self._rows, row)]
        return parents[: self._few] if self.pools.kind.is_grouped else parents

    def _refer_by(self, key: KeyPlan, parents: Sequence[Row], row: list[Value], fixed: set[int]) -> bool:
        if fixed.intersection(key.columns):
            agreeing = ((parent, zip(key.columns, parent, strict=True)) for parent in parents)
            parents = [
                parent
                for parent, pairs in agreeing
                if all(row[position] == value for position, value in pairs if position in fixed)
            ]
        nullable = [
            each for each in key.columns if each not in fixed and self.table.columns[each].is_nullable
        ]
        if nullable and (not parents or self.random.random() < self.pools.kind.nulls):
            for position in nullable:
                row[position] = None
            return True
        if not parents:
            return False
        for position, value in zip(key.columns, self.random.choice(parents), strict=True):
            row[position] = value
        return True

    def _make_unique(self, row: list[Value], count: int) -> bool:
        """Change the row until no key forbids it; False when that does not come off."""
        for key, seen in zip(self.table.unique_keys, self._seen, strict=True):
            if self._key(row, key) in seen and not self._change(row, key, seen, count):
                return False
        # A change for one key may have broken another.
        keys = zip(self.table.unique_keys, self._seen, strict=True)
        return all(self._key(row, key) not in seen for key, seen in keys)

    def _change(self, row: list[Value], key: tuple[int, ...], seen: set[Row], count: int) -> bool:
        free = [each for each in key if all(each not in fk.columns for fk in self.table.foreign_keys)]
        if free:
            # A group of many rows is to keep its key.
            changed = next((each for each in free[::-1] if not self.table.columns[each].is_grouped), free[-1])
            changes = ((value,) for value in self._others(changed, count + len(seen)))
            return self._first_free(row, (changed,), changes, (key, seen))
        for foreign, parents in zip(self.table.foreign_keys, self._parents, strict=True):
            if set(foreign.columns) & set(key):
                shuffled = self.random.sample(parents, len(parents))
                if self._first_free(row, foreign.columns, shuffled, (key, seen)):
                    return True
        return False

    def _others(self, position: int, number: int) -> tuple[str, ...]:
        return many_values(self._column_pools[position], self.table.columns[position].values, number + 1)

    def _first_free(
        self,
        row: list[Value],
        positions: Sequence[int],
        changes: Sequence[Row] | Iterator[Row],
        unique: tuple[tuple[int, ...], set[Row]],
    ) -> bool:
        key, seen = unique
        for values in changes:
            for position, value in zip(positions, values, strict=True):
                row[position] = value
            if self._key(row, key) not in seen:
                return True
        return False

    def _keep(self, row: list[Value]) -> None:
        for key, seen in zip(self.table.unique_keys, self._seen, strict=True):
            values = self._key(row, key)
            if None not in values:
                seen.add(values)
        self._rows.append(tuple(row))

    def _key(self, row: list[Value], key: tuple[int, ...]) -> Row:
        return tuple(row[position] for position in key)
