"""Indexes that do not exist in, what decides their size out, as catalogs, statistics and planner know it.

Works on a shadow and on a database with rows alike. Expressions and predicates are computed on values out of
pg_stats, never on rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pgtune.advice.sizes.distinct_values import combinations, kept_distinct, unseen
from pgtune.errors import StatementRefused
from pgtune.model.index import Index, IndexPart
from pgtune.model.index_shape import ColumnShape, IndexShape
from pgtune.model.names import quote_ident
from pgtune.shadow.shapes.gin_items import read_items
from pgtune.shadow.shapes.key_part import KeyPart
from pgtune.shadow.shapes.relation_facts import (
    ColumnFacts,
    RelationFacts,
    TypeFacts,
    fetch,
    is_equal_image,
    planned_rows,
    read_relations,
    read_types,
    stored_width,
    total_distinct,
)
from pgtune.shadow.shapes.sampled_values import SampledValue, sample, used_columns, widths

if TYPE_CHECKING:
    from psycopg import Connection

MIN_SAMPLED_SHARE = 0.1  # of the rows that a predicate keeps, below which the sample is too small; chosen


def read_shapes(connection: Connection[Any], indexes: Sequence[Index]) -> Sequence[IndexShape]:
    """Return the shape of each index, in order.

    Raises:
        StatementRefused: a table or a column does not exist.
        psycopg.Error: an expression or a predicate is not valid.
    """
    return _Reader(connection, indexes).shapes()


def existing_key_shapes(connection: Connection[Any]) -> Mapping[int, tuple[ColumnShape, ...]]:
    """Return the key columns of all B-trees outside of the system catalogs, by oid of the index."""
    rows = fetch(connection, "existing_keys")
    types = read_types(connection, {row["type_oid"] for row in rows})
    keys: dict[int, tuple[ColumnShape, ...]] = {}
    for row in rows:
        kind, null_fraction = types[row["type_oid"]], row["null_fraction"] or 0.0
        distinct = total_distinct(None if row["is_unique"] else row["n_distinct"], null_fraction, row["rows"])
        shape = ColumnShape(
            type=kind.name,
            length=kind.length,
            align=kind.align,
            avg_width=stored_width(row["avg_width"], kind),
            null_fraction=null_fraction,
            equal_image=is_equal_image(kind.equal_image, row["deterministic"]),
            distinct=distinct,
            correlation=row["correlation"] or 0.0,
        )
        keys[row["index_oid"]] = (*keys.get(row["index_oid"], ()), shape)
    return keys


class _Reader:
    """Asks each thing once."""

    def __init__(self, connection: Connection[Any], indexes: Sequence[Index]) -> None:
        self._connection = connection
        self._indexes = indexes
        self._relations = read_relations(connection, {index.relation for index in indexes})
        classes = fetch(connection, "operator_classes")
        self._operator_classes = {row["name"]: row["equal_image"] for row in classes}
        self._rows: dict[tuple[str, str], float] = {}
        self._expression_types: dict[tuple[str, str], TypeFacts] = {}
        self._columns: dict[tuple[str, str], ColumnShape] = {}
        self._without_null: dict[tuple[str, str], bool] = {}
        self._combinations: dict[tuple[str, frozenset[str]], float] = {}

    def shapes(self) -> Sequence[IndexShape]:
        return [self._shape(index) for index in self._indexes]

    def _shape(self, index: Index) -> IndexShape:
        relation = self._relations.get(index.relation)
        if relation is None:
            raise StatementRefused(f"{index.relation}: no such table; take a new snapshot")
        rows = self._kept_rows(relation, index.predicate)
        parts = [self._part(relation, part) for part in index.key]
        shape = IndexShape(
            access_method=index.access_method,
            rows=rows,
            key=tuple(self._column(relation, part, rows, index.predicate) for part in parts),
            include=tuple(
                self._column(relation, self._part(relation, IndexPart(name)), rows, index.predicate)
                for name in index.include
            ),
            key_distinct=rows,
            heap_blocks=relation.blocks,
        )
        if index.access_method == "gin":
            items = read_items(self._connection, relation, parts[0], rows)
            return replace(shape, key=(items.shape,), items=items.classes)
        return self._with_distinct(shape, relation, parts)

    def _part(self, relation: RelationFacts, part: IndexPart) -> KeyPart:
        column = None
        if part.is_expression:
            kind, deterministic = self._expression_type(relation, part.text), True
        else:
            column = relation.columns.get(part.text)
            if column is None:
                raise StatementRefused(f"{relation.alias}.{part.text}: no such column; take a new snapshot")
            kind, deterministic = column.type, column.deterministic
        if part.collation is not None:
            deterministic = self._is_deterministic(part.collation)
        support = kind.equal_image
        if part.opclass is not None:
            support = self._operator_classes.get(part.opclass.rpartition(".")[2].strip('"'))
        text = f"({part.text})" if part.is_expression else quote_ident(part.text)
        return KeyPart(text, kind, column, is_equal_image(support, deterministic), part.opclass or "")

    def _expression_type(self, relation: RelationFacts, text: str) -> TypeFacts:
        key = relation.source, text
        if key not in self._expression_types:
            cursor = self._connection.execute(f"SELECT ({text}) FROM {relation.source} LIMIT 0".encode())
            assert cursor.description is not None
            oid = cursor.description[0].type_code
            self._expression_types[key] = read_types(self._connection, {oid})[oid]
        return self._expression_types[key]

    def _is_deterministic(self, collation: str) -> bool:
        query = "SELECT collisdeterministic FROM pg_collation WHERE oid = to_regcollation(%s)"
        row = self._connection.execute(query, [collation]).fetchone()
        return row is None or bool(row[0])

    def _kept_rows(self, relation: RelationFacts, predicate: str | None) -> float:
        """Rows that the predicate keeps: the planner guesses a third where it compares columns."""
        if predicate is None:
            return relation.rows
        key = relation.source, predicate
        if key not in self._rows:
            planned = planned_rows(self._connection, f"SELECT 1 FROM {relation.source} WHERE {predicate}")
            self._rows[key] = self._sampled_rows(relation, predicate) or planned
        return self._rows[key]

    def _sampled_rows(self, relation: RelationFacts, predicate: str) -> float | None:
        if len(used_columns(predicate, relation)) < 2 or relation.has_combinations:
            return None
        values = sample(self._connection, relation, f"({predicate})")
        share = sum(value.share for value in values if value.result == "true")
        return share * relation.rows if share >= MIN_SAMPLED_SHARE else None

    def _column(
        self, relation: RelationFacts, part: KeyPart, rows: float, predicate: str | None
    ) -> ColumnShape:
        key = relation.source, part.sql
        if key not in self._columns:
            self._columns[key] = (
                self._computed(relation, part)
                if part.column is None
                else self._stored(relation, part, part.column)
            )
        shape, all_rows = self._columns[key], relation.rows
        if predicate is not None and shape.null_fraction > 0 and self._drops_null(relation, part, predicate):
            all_rows *= 1 - shape.null_fraction
            shape = replace(shape, null_fraction=0.0)
        distinct = kept_distinct(shape.distinct, all_rows, rows)
        return replace(shape, equal_image=part.equal_image, distinct=distinct)

    def _drops_null(self, relation: RelationFacts, part: KeyPart, predicate: str) -> bool:
        key = relation.source, f"({predicate}) AND {part.sql} IS NULL"
        if key not in self._without_null:
            values = sample(self._connection, relation, key[1])
            self._without_null[key] = bool(values) and all(value.result != "true" for value in values)
        return self._without_null[key]

    def _stored(self, relation: RelationFacts, part: KeyPart, column: ColumnFacts) -> ColumnShape:
        varlena = column.type.length < 0
        values = sample(self._connection, relation, part.sql) if varlena else ()
        return ColumnShape(
            type=column.type_name,
            length=column.type.length,
            align=column.type.align,
            avg_width=column.avg_width,
            null_fraction=column.null_fraction,
            equal_image=part.equal_image,
            distinct=relation.distinct(column),
            correlation=column.correlation,
            widths=widths(values, column.avg_width),
        )

    def _computed(self, relation: RelationFacts, part: KeyPart) -> ColumnShape:
        values = sample(self._connection, relation, part.sql)
        total = sum(value.share for value in values)
        null_share = sum(value.share for value in values if value.result is None)
        found = widths(values)
        average = sum(width * share for width, share in found)
        return ColumnShape(
            type=part.type.name,
            length=part.type.length,
            align=part.type.align,
            avg_width=round(average) if found else stored_width(None, part.type),
            null_fraction=null_share / total if total else 0.0,
            equal_image=part.equal_image,
            distinct=self._computed_distinct(relation, part, values),
            widths=found,
        )

    def _computed_distinct(
        self, relation: RelationFacts, part: KeyPart, values: Sequence[SampledValue]
    ) -> float:
        """As many as its columns, or one of them, have values; fewer where it merges those of the sample."""
        columns = used_columns(part.sql, relation)
        distincts = [relation.distinct(column) for column in columns]
        possible = combinations(distincts, relation.rows)
        found = [value for value in values if value.result is not None]
        if not found:
            return possible
        results = Counter(value.result for value in found)
        inputs = [len({value.inputs[i] for value in found}) for i in range(len(columns))]
        if len(results) > max(inputs):
            return possible
        if len(results) == max(inputs):
            return distincts[inputs.index(max(inputs))]
        sampled = Counter(value.result for value in found if not value.is_common)
        return min(possible, len(results) + unseen(list(sampled.values())))

    def _with_distinct(
        self, shape: IndexShape, relation: RelationFacts, parts: Sequence[KeyPart]
    ) -> IndexShape:
        names = frozenset(part.column.name for part in parts if part.column is not None)
        if any(key <= names for key in relation.unique_keys):
            return replace(shape, key_distinct=shape.rows)
        if len(parts) > 1:
            return replace(shape, key_distinct=self._key_distinct(shape, relation, parts))
        return _with_common(shape, parts[0].column)

    def _key_distinct(self, shape: IndexShape, relation: RelationFacts, parts: Sequence[KeyPart]) -> float:
        if relation.has_combinations:
            key = relation.source, frozenset(part.sql for part in parts)
            if key not in self._combinations:
                grouped = f"SELECT 1 FROM {relation.source} GROUP BY {', '.join(sorted(key[1]))}"
                self._combinations[key] = planned_rows(self._connection, grouped)
            return kept_distinct(self._combinations[key], relation.rows, shape.rows)
        return combinations((column.distinct for column in shape.key), shape.rows)


def _with_common(shape: IndexShape, column: ColumnFacts | None) -> IndexShape:
    """Tell the most common values of a key of one column apart."""
    (only,) = shape.key
    frequencies = column.common_frequencies if column is not None else ()
    return replace(
        shape,
        key_distinct=min(shape.rows, only.distinct),
        common_keys=min(float(len(frequencies)), only.distinct),
        common_rows=min(1.0 - only.null_fraction, sum(frequencies)) * shape.rows,
    )
