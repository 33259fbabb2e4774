"""A pattern that begins with a wildcard cannot be looked up in a btree index, and each row is compared.

The extension pg_trgm indexes the groups of three characters of a text: a GIN index finds the rows that have
those of the pattern, wherever they are, for LIKE and ILIKE alike.

Instead of:
    CREATE INDEX ON users (name); SELECT id FROM users WHERE name LIKE '%smith%';
Use:
    CREATE INDEX ON users USING gin (name gin_trgm_ops); SELECT id FROM users WHERE name LIKE '%smith%';

Ignore when: the pattern is looked for rarely, or the table is written much more than it is searched.
Source: https://www.postgresql.org/docs/current/pgtrgm.html
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.column_types import TypedColumn, typed_column
from pgtune.parse.sql.indexed_expressions import indexes_on, unqualified
from pgtune.parse.sql.patterns import Pattern, patterns
from pgtune.parse.sql.statement import SqlStatement
from pgtune.parse.sql.tree import print_tree

MAX_SMALL_ROWS = 1_000  # chosen; such a table is read whole anyway
MIN_CHARACTERS = 3  # in a row: fewer make no trigram that a pattern is looked up by
_TEXTS = ("text", "character varying")


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the advice to index trigrams for each pattern that no btree index finds."""
    for pattern in patterns(statement):
        column = _column(statement, pattern)
        has_start = bool(pattern.prefix) and not pattern.ignores_case
        if column is None or has_start or len(pattern.longest) < MIN_CHARACTERS:
            continue
        classes = [key.opclass or "" for _, key in indexes_on(column.relation, pattern.operand)]
        if any("trgm" in name for name in classes):
            continue
        expression = print_tree(unqualified(pattern.operand))
        yield Change(
            sql=None,
            message=f"no index finds texts in {expression} of {column.relation.name}",
            detail="CREATE EXTENSION IF NOT EXISTS pg_trgm; "
            f"CREATE INDEX ON {column.relation.name} USING gin ({expression} gin_trgm_ops);",
            object=str(column),
        )


def _column(statement: SqlStatement, pattern: Pattern) -> TypedColumn | None:
    inner = pattern.operand
    while isinstance(inner, exp.Lower | exp.Upper):
        inner = inner.this
    column = typed_column(statement, inner)
    if column is None or column.relation.kind not in "rpm" or column.type not in _TEXTS:
        return None
    return None if 0 < column.relation.activity.reltuples <= MAX_SMALL_ROWS else column
