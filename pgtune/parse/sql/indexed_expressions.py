"""An expression over one table in, the indexes that hold it out."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.errors import StatementError
from pgtune.model.catalog import CatalogIndex, IndexKey, Relation
from pgtune.parse.sql.sources import name_of
from pgtune.parse.sql.statement import condition


def unqualified(node: exp.Expr) -> exp.Expr:
    """Return a copy whose columns do not name their table, as the definition of an index has them."""
    copy = node.copy()
    for column in [copy] if isinstance(copy, exp.Column) else copy.find_all(exp.Column):
        for part in ("table", "db", "catalog"):
            column.set(part, None)
    return copy


def indexes_on(relation: Relation, node: exp.Expr) -> Iterator[tuple[CatalogIndex, IndexKey]]:
    """Yield valid indexes without predicate with the key that is *node*; casts are not told apart."""
    wanted = _bare(unqualified(node))
    for index in relation.indexes:
        if not index.valid or index.predicate is not None:
            continue
        for key in index.keys:
            if _is_same(key, node, wanted):
                yield index, key


def _is_same(key: IndexKey, node: exp.Expr, wanted: exp.Expr) -> bool:
    if not key.is_expression:
        return isinstance(node, exp.Column) and name_of(node.this) == key.text
    try:
        return not isinstance(node, exp.Column) and _bare(condition(key.text)) == wanted
    except StatementError:
        return False


def _bare(node: exp.Expr) -> exp.Expr:
    """The expression without casts and parentheses, which the server adds to a definition."""
    return node.copy().transform(_inside)


def _inside(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Cast | exp.Paren):
        node = node.this
    return node
