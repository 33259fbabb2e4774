"""DISTINCT of a column with few values reads every row, or every entry of its index, to find them.

PostgreSQL does not skip from one value of an index to the next. A recursive query does: each step looks up
the first entry that is greater than the last value found, so that it reads as many entries as there are
values. NULL, which no comparison finds, is looked up apart.

Instead of:
    SELECT DISTINCT status FROM orders;
Use:
    WITH RECURSIVE step AS (
        (SELECT status FROM orders ORDER BY status LIMIT 1)
        UNION ALL
        SELECT (SELECT status FROM orders WHERE status > step.status ORDER BY status LIMIT 1)
        FROM step WHERE step.status IS NOT NULL
    ) SELECT status FROM step WHERE status IS NOT NULL;

Ignore when: a table of the possible values exists; read that.
Source: https://wiki.postgresql.org/wiki/Loose_indexscan
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.catalog import CatalogIndex, Column, Relation
from pgtune.model.names import quote_ident
from pgtune.model.rewrite import Change
from pgtune.parse.sql.named_columns import named
from pgtune.parse.sql.output_columns import output_columns, place_in_output
from pgtune.parse.sql.select_shape import is_made_of, is_plain_table
from pgtune.parse.sql.sources import ColumnOrigin, name_of
from pgtune.parse.sql.statement import SqlStatement, query

MIN_ROWS_PER_VALUE = 1000  # chosen

_ENDINGS = ("order", "limit", "offset")


def check(statement: SqlStatement, *, min_rows_per_value: float = MIN_ROWS_PER_VALUE) -> Iterator[Change]:
    """Yield the statement with a loose scan for each DISTINCT of one indexed column with few values."""
    for select in statement.selects:
        origin = _distinct_column(statement, select)
        if origin is None or origin.column is None or origin.source.relation is None:
            continue
        rows = _rows_per_value(origin.source.relation, origin.column)
        index = _index_on(origin.source.relation, origin.name)
        scan = _loose_scan(statement, select, origin)
        if index is None or rows < min_rows_per_value or scan is None:
            continue
        yield Change(
            sql=statement.rewritten((select, scan)),
            message=f"all rows of {origin.source.relation.name} are read for a few values",
            detail=f"{rows:,.0f} rows have the same value of {origin.name}; one index lookup finds it.",
            facts=(f"{quote_ident(index.name.name)} is a B-tree whose first column is {origin.name}",),
            object=f"{origin.source.relation.name}.{quote_ident(origin.name)}",
        )


def _distinct_column(statement: SqlStatement, select: exp.Select) -> ColumnOrigin | None:
    """The column of a SELECT DISTINCT of one column of a whole table."""
    distinct = select.args.get("distinct")
    is_plain = is_made_of(select, "distinct", *_ENDINGS) and not select.args.get("where")
    if distinct is None or distinct.args.get("on") or not is_plain or len(select.expressions) != 1:
        return None
    stands = isinstance(select.parent, exp.Subquery | exp.CTE | None)
    alone = not select.args.get("joins") and is_plain_table(select.args["from_"].this)
    return statement.origin(select.expressions[0].unalias()) if alone and stands else None


def _rows_per_value(relation: Relation, column: Column) -> float:
    """Rows by the last ANALYZE; 0 where that is not known."""
    values = column.n_distinct or 0.0
    return relation.activity.reltuples / values if values > 0 else 0.0


def _index_on(relation: Relation, column: str) -> CatalogIndex | None:
    """A B-tree that has the column first, in the order in which ``>`` and ORDER BY take it."""
    for index in relation.indexes:
        first = index.keys[0]
        is_usual = not first.is_expression and first.opclass is None and first.collation is None
        whole = index.access_method == "btree" and index.valid and index.predicate is None
        if whole and is_usual and first.text == column and relation.kind in "rm" and not relation.has_heirs:
            return index
    return None


def _loose_scan(statement: SqlStatement, select: exp.Select, origin: ColumnOrigin) -> exp.Query | None:
    assert origin.column is not None
    table = select.args["from_"].sql(dialect="postgres", comments=False)
    column = f"{quote_ident(origin.source.alias)}.{quote_ident(origin.name)}"
    step = quote_ident(statement.fresh_alias("step"))
    last = f"{step}.{quote_ident(origin.name)}"
    projection = select.expressions[0]
    name = name_of(projection.args.get("alias")) if isinstance(projection, exp.Alias) else origin.name
    absent = f"UNION ALL (SELECT {column} {table} WHERE {column} IS NULL ORDER BY {column} LIMIT 1)"
    scan = query(
        f"WITH RECURSIVE {step} AS ("
        f"(SELECT {column} {table} ORDER BY {column} LIMIT 1) UNION ALL "
        f"SELECT (SELECT {column} {table} WHERE {column} > {last} ORDER BY {column} LIMIT 1) "
        f"FROM {step} WHERE {last} IS NOT NULL) "
        f"SELECT {last}{'' if name == origin.name else f' AS {quote_ident(name)}'} FROM {step} "
        f"WHERE {last} IS NOT NULL {'' if origin.column.not_null else absent}"
    )
    return _ended(statement, select, scan, name)


def _ended(statement: SqlStatement, select: exp.Select, scan: exp.Query, name: str) -> exp.Query | None:
    """Give ORDER BY, LIMIT and OFFSET to the loose scan; None where it is ordered by something else."""
    outputs = output_columns(statement, select) or ()
    for part in _ENDINGS:
        if select.args.get(part):
            scan.set(part, select.args[part].copy())
    for key in select.args["order"].expressions if select.args.get("order") else ():
        if place_in_output(statement, outputs, key.this) != 1:
            return None
    for key in scan.args["order"].expressions if scan.args.get("order") else ():
        key.set("this", exp.Column(this=named(name)))
    return scan
