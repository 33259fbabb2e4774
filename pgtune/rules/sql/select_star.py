"""SELECT * fetches every column of a wide table, the long values that are stored apart included.

Long values are kept in the table's TOAST relation and read from there one by one, only if they are asked for.
An index that holds all the columns of a query can answer it alone; it hardly ever holds all of a table.

Instead of:
    SELECT * FROM articles WHERE author_id = 7;
Use:
    SELECT id, title, created_at FROM articles WHERE author_id = 7;

Ignore when: the caller reads all the columns.
Source: https://www.postgresql.org/docs/current/storage-toast.html
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.catalog import Column, Relation
from pgtune.model.finding import Severity
from pgtune.model.rewrite import Change
from pgtune.parse.sql.sources import name_of
from pgtune.parse.sql.statement import SqlStatement

SEVERITY = Severity.INFO
MIN_COLUMNS = 10  # of a table; chosen

_LONG_TYPES = ("text", "json", "jsonb", "bytea", "xml", "character varying", "tsvector")


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield advice for each wide table whose columns the statement returns by a star."""
    select = statement.tree
    if not isinstance(select, exp.Select):
        return
    for star in select.expressions:
        if not star.is_star or isinstance(star, exp.Count):
            continue
        wanted = name_of(star.args.get("table")) if isinstance(star, exp.Column) else None
        for source in statement.sources(select):
            if wanted in (None, source.alias) and source.relation is not None:
                yield from _advice(source.relation)


def _advice(relation: Relation) -> Iterator[Change]:
    long = [column.name for column in relation.columns if _may_be_long(column)]
    if len(relation.columns) < MIN_COLUMNS or not long:
        return
    yield Change(
        sql=None,
        message=f"all {len(relation.columns)} columns of {relation.name} are fetched",
        detail=f"Name the columns that the caller reads; {', '.join(long)} may hold long values.",
        changes_contract=True,
        object=str(relation.name),
    )


def _may_be_long(column: Column) -> bool:
    return column.type.endswith("[]") or column.type.startswith(_LONG_TYPES)
