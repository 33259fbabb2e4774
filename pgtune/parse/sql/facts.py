"""What a rule relies on, read from the catalog: each answer is the fact as a sentence, or None."""

from __future__ import annotations

from collections.abc import Collection

from sqlglot import exp

from pgtune.model.catalog import CatalogIndex, IndexKey, Relation
from pgtune.model.names import quote_ident
from pgtune.parse.sql.sources import Source, projection_named
from pgtune.parse.sql.statement import SqlStatement

Facts = tuple[str, ...]

# These give NULL for NULL alone: src/include/catalog/pg_proc.dat, proisstrict, and no NULL from values.
_STRICT = (exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Paren, exp.Abs)
_OF_TEXT = (exp.Lower, exp.Upper)  # of a range they are its bounds, which may be NULL
_TEXTS = ("text", "character")
_BASE_CASTS = (
    frozenset({"SMALLINT", "INT", "BIGINT", "DECIMAL", "FLOAT", "DOUBLE"})
    | {"TEXT", "VARCHAR"}
    | {"DATE", "TIMESTAMP", "TIMESTAMPTZ"}
)


def never_null(statement: SqlStatement, node: exp.Expr) -> Facts | None:
    """Return the facts that keep *node* from being NULL; empty for a constant, None where it may be NULL."""
    if isinstance(node, exp.Literal | exp.Boolean | exp.Count):
        return ()
    if isinstance(node, exp.Column):
        return _column_never_null(statement, node)
    if isinstance(node, exp.Coalesce):
        each = [never_null(statement, part) for part in (node.this, *node.expressions)]
        return next((facts for facts in each if facts is not None), None)
    if isinstance(node, exp.Cast) and node.to.this.name in _BASE_CASTS:
        return never_null(statement, node.this)
    if isinstance(node, _STRICT) or (isinstance(node, _OF_TEXT) and _is_text(statement, node.this)):
        return _all_of(statement, [part for part in node.iter_expressions() if isinstance(part, exp.Expr)])
    return None


def key(relation: Relation, columns: Collection[str]) -> str | None:
    """Return the fact that no two rows agree in *columns*, NULLs included."""
    for index in _indexes(relation):
        if not _is_key(index, columns):
            continue
        nullable = [name for name in index.key if not _not_null(relation, name)]
        if not nullable or not index.nulls_distinct:
            return _key_fact(index)
    return None


def unique_on_equality(relation: Relation, columns: Collection[str]) -> str | None:
    """Return the fact that at most one row has given, not NULL, values in *columns*."""
    found = next((index for index in _indexes(relation) if _is_key(index, columns)), None)
    return None if found is None else _key_fact(found)


def foreign_key(
    relation: Relation, columns: tuple[str, ...], referenced: Relation, keys: tuple[str, ...]
) -> str | None:
    """Return the fact that each row of *relation* with NOT NULL *columns* has its row in *referenced*."""
    if relation.has_heirs or referenced.has_heirs or referenced.has_row_security:
        return None
    if not all(_links(relation, *pair, referenced) for pair in zip(columns, keys, strict=True)):
        return None
    wanted = set(zip(columns, keys, strict=True))
    for each in relation.foreign_keys:
        pairs = set(zip(each.columns, each.referenced_columns, strict=True))
        if each.referenced == referenced.name and pairs == wanted and each.validated and not each.deferrable:
            return f"foreign key {quote_ident(each.name)} of {relation.name} is validated and not deferrable"
    return None


def _column_never_null(statement: SqlStatement, node: exp.Column) -> Facts | None:
    origin = statement.origin(node)
    if origin is None or origin.source.is_nullable or _is_grouped_apart(origin.source):
        return None
    if origin.column is not None and origin.source.relation is not None:
        is_table = origin.source.relation.kind in "rpm" and not origin.source.relation.has_heirs
        fact = f"{origin.source.relation.name}.{quote_ident(origin.name)} is NOT NULL"
        return (fact,) if is_table and origin.column.not_null else None
    if origin.source.query is None:
        return None
    projection = projection_named(origin.source.query, origin.name)
    return None if projection is None else never_null(statement, projection)


def _is_grouped_apart(source: Source) -> bool:
    """True in a SELECT with several grouping sets: a column is NULL for those that leave it out."""
    select = source.node.find_ancestor(exp.Select)
    group = select.args.get("group") if select is not None else None
    return group is not None and group.find(exp.GroupingSets, exp.Rollup, exp.Cube) is not None


def _is_text(statement: SqlStatement, node: exp.Expr) -> bool:
    origin = statement.origin(node)
    return origin is not None and origin.column is not None and origin.column.type.startswith(_TEXTS)


def _links(relation: Relation, name: str, key_name: str, referenced: Relation) -> bool:
    """True where the key that a foreign key finds is the only one that = finds.

    With PERIOD a foreign key promises a range that overlaps, not one that is equal.
    """
    own, other = relation.column(name), referenced.column(key_name)
    if own is None or other is None or own.type.endswith("range"):
        return False
    return own.is_nondeterministic == other.is_nondeterministic


def _all_of(statement: SqlStatement, nodes: list[exp.Expr]) -> Facts | None:
    facts: list[str] = []
    for node in nodes:
        found = never_null(statement, node)
        if found is None:
            return None
        facts += found
    return tuple(dict.fromkeys(facts))


def _indexes(relation: Relation) -> tuple[CatalogIndex, ...]:
    """Those whose keys hold for all rows that a scan returns: an heir's rows are in none of them."""
    return () if relation.has_heirs else relation.indexes


def _is_key(index: CatalogIndex, columns: Collection[str]) -> bool:
    plain = all(_has_columns_equality(part) for part in index.keys)
    usable = index.unique and index.valid and index.immediate and index.predicate is None
    return usable and plain and set(index.key) <= set(columns)


def _has_columns_equality(part: IndexKey) -> bool:
    """True unless the index takes other values for equal than = of the column does."""
    by_bytes = (part.opclass or "").endswith("_pattern_ops")
    return not part.is_expression and part.collation is None and (part.opclass is None or by_bytes)


def _not_null(relation: Relation, name: str) -> bool:
    column = relation.column(name)
    return column is not None and column.not_null


def _key_fact(index: CatalogIndex) -> str:
    what = "primary key" if index.primary else "unique, immediate and without predicate"
    columns = ", ".join(quote_ident(name) for name in index.key)
    return f"{quote_ident(index.name.name)} on {index.relation} ({columns}) is {what}"
