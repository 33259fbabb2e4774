"""LIKE 'abc%' uses a btree index only where texts are sorted by their bytes.

In any other collation than C the texts that begin alike need not stand together in the index. An index with
the operator class text_pattern_ops is sorted by bytes, whatever the collation.

Instead of:
    CREATE INDEX ON products (name); SELECT id FROM products WHERE name LIKE 'abc%';
Use:
    CREATE INDEX ON products (name text_pattern_ops); SELECT id FROM products WHERE name LIKE 'abc%';

Ignore when: the table is small.
Source: https://www.postgresql.org/docs/current/indexes-opclass.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.catalog import CatalogIndex, IndexKey
from pgtune.model.names import quote_ident
from pgtune.model.rewrite import Change
from pgtune.parse.sql.column_types import typed_column
from pgtune.parse.sql.indexed_expressions import indexes_on
from pgtune.parse.sql.patterns import patterns
from pgtune.parse.sql.statement import SqlStatement

_CLASSES = {"text": "text_pattern_ops", "character varying": "varchar_pattern_ops"}
_BYTE_ORDER = ('"C"', '"POSIX"', 'pg_catalog."C"', 'pg_catalog."POSIX"')


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the advice to sort by bytes for each beginning of a column whose index does not."""
    for pattern in patterns(statement):
        column = typed_column(statement, pattern.operand)
        if column is None or not pattern.prefix or pattern.ignores_case or column.type not in _CLASSES:
            continue
        stored = column.relation.column(column.name)
        first = [found for found in indexes_on(column.relation, pattern.operand) if _leads(*found)]
        if stored is None or stored.sorts_by_bytes or not first or any(map(_finds, first)):
            continue
        wanted = f"{quote_ident(column.name)} {_CLASSES[column.type]}"
        yield Change(
            sql=None,
            message=f"the index on {column} finds no beginnings where its collation is not C",
            detail=f"CREATE INDEX ON {column.relation.name} ({wanted});",
            object=str(column),
        )


def _leads(index: CatalogIndex, key: IndexKey) -> bool:
    return index.keys[0] == key


def _finds(found: tuple[CatalogIndex, IndexKey]) -> bool:
    index, key = found
    is_ordered = (key.opclass or "").endswith("_pattern_ops") or key.collation in _BYTE_ORDER
    return is_ordered or index.access_method != "btree"
