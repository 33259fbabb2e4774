"""An expression in, the FROM items of its SELECT that it reads out."""

from __future__ import annotations

from sqlglot import exp

from pgtune.parse.sql.sources import Source, name_of, names_output
from pgtune.parse.sql.statement import SqlStatement


def sources_read(statement: SqlStatement, select: exp.Select, node: exp.Expr) -> frozenset[str] | None:
    """Return the aliases of *select*'s own FROM items whose columns *node* reads, sub-queries included.

    None where it is not sure what a column belongs to.
    """
    own = {id(source.node): source.alias for source in statement.sources(select)}
    found: set[str] = set()
    for column in node.find_all(exp.Column):
        source = _starred(statement, column) if column.is_star else _origin(statement, column)
        if source is None:
            return None
        if id(source.node) in own:
            found.add(own[id(source.node)])
    return frozenset(found)


def columns_read(statement: SqlStatement, select: exp.Select, source: Source) -> list[exp.Column] | None:
    """Return the columns of one FROM item wherever the SELECT names them; None where that is not sure."""
    found: list[exp.Column] = []
    if any(isinstance(projection, exp.Star) for projection in select.expressions):
        return None
    for column in select.find_all(exp.Column):
        if names_output(column):
            continue
        origin = statement.origin(column)
        if column.is_star or origin is None:
            return None
        if origin.source.node is source.node:
            found.append(column)
    return found


def inner_aliases(statement: SqlStatement, node: exp.Expr) -> frozenset[str]:
    """Return the names of FROM items of sub-queries inside *node*: they hide the same names outside."""
    return frozenset(
        source.alias for select in node.find_all(exp.Select) for source in statement.sources(select)
    )


def _origin(statement: SqlStatement, column: exp.Column) -> Source | None:
    origin = statement.origin(column)
    return origin.source if origin is not None else None


def _starred(statement: SqlStatement, column: exp.Column) -> Source | None:
    """The FROM item behind ``t.*``."""
    select = column.find_ancestor(exp.Select)
    wanted = name_of(column.args.get("table"))
    sources = statement.sources(select) if select is not None else ()
    return next((source for source in sources if source.alias == wanted), None)
