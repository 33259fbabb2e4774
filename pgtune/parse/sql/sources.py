"""A column of a syntax tree in, the FROM item that it comes from out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from pgtune.model.catalog import Catalog, Column, Relation
from pgtune.model.names import RelationName


@dataclass(frozen=True, slots=True)
class Source:
    """One item of FROM, or the target of a data change."""

    alias: str  # by which columns name it, in lower case unless quoted
    node: exp.Expr  # exp.Table, exp.Subquery, ...
    relation: Relation | None  # of a table that the catalog knows
    query: exp.Query | None  # of a sub-query or CTE
    is_nullable: bool  # on the side of an outer join that is filled up with NULLs

    def has(self, column: str) -> bool | None:
        """True when it has that column; None: not known."""
        if self.relation is not None:
            return self.relation.column(column) is not None
        if self.query is not None:
            names = output_names(self.query)
            return None if names is None else column in names
        return None


@dataclass(frozen=True, slots=True)
class ColumnOrigin:
    """Where a column comes from."""

    source: Source
    name: str
    is_outer: bool  # from a query around the one that names it: the sub-query is correlated

    @property
    def column(self) -> Column | None:
        """The catalog's column, of a table."""
        return self.source.relation.column(self.name) if self.source.relation is not None else None


SourcesOfScope = Callable[[exp.Expr], tuple[Source, ...]]


def name_of(identifier: exp.Expr | str | None) -> str:
    """The name as the catalog stores it: folded to lower case unless quoted."""
    if isinstance(identifier, exp.Identifier):
        return str(identifier.this) if identifier.args.get("quoted") else str(identifier.this).lower()
    return str(identifier or "").lower()


def column_name(column: exp.Column) -> str:
    """The column's own name, folded."""
    return name_of(column.this)


def relation_name(table: exp.Table) -> RelationName:
    """The name of a table as the statement writes it."""
    schema = table.args.get("db")
    return RelationName(name_of(schema) if schema else None, name_of(table.this))


def sources_of(scope: exp.Expr, catalog: Catalog) -> tuple[Source, ...]:
    """Return what the columns of a SELECT or data change can come from, without outer queries."""
    found: list[Source] = []
    for node, side in _items(scope):
        if side in ("RIGHT", "FULL"):
            found = [_as_nullable(each) for each in found]
        found.append(_source(node, catalog, nullable=side in ("LEFT", "FULL")))
    return tuple(found)


def origin_of(column: exp.Column, sources_of_scope: SourcesOfScope) -> ColumnOrigin | None:
    """Return where *column* comes from, as PostgreSQL would resolve it; None where that is not sure.

    *sources_of_scope* is `sources_of` for the catalog.
    """
    if names_output(column):
        behind = _named_output(column)
        return origin_of(behind, sources_of_scope) if isinstance(behind, exp.Column) else None
    qualifier = name_of(column.args.get("table"))
    name = column_name(column)
    is_outer = False
    for scope in _scopes_around(column):
        sources = sources_of_scope(scope)
        if qualifier:
            named = [source for source in sources if source.alias == qualifier]
            if named:
                return ColumnOrigin(named[0], name, is_outer) if len(named) == 1 else None
            if any(not source.alias for source in sources):
                return None  # parentheses around joins: what they name is not looked at
        else:
            having = [source.has(name) for source in sources]
            if None in having:
                return None
            if any(having):
                only = having.count(True) == 1
                return ColumnOrigin(sources[having.index(True)], name, is_outer) if only else None
        is_outer = True
    return None


def cte_of(table: exp.Table) -> exp.CTE | None:
    """Return the CTE that a table's name means, if it means one."""
    name = relation_name(table)
    visible = _visible_ctes(table) if name.schema is None else ()
    return next((cte for cte in visible if name_of(cte.args["alias"].this) == name.name), None)


def names_output(column: exp.Column) -> bool:
    """Return True for a key of ORDER BY that names a column of the result, which goes before one of FROM."""
    order = column.parent.parent if isinstance(column.parent, exp.Ordered) else None
    if not isinstance(order, exp.Order) or column.args.get("table") is not None:
        return False
    return isinstance(order.parent, exp.SetOperation) or _named_output(column) is not None


def output_names(query: exp.Query) -> tuple[str, ...] | None:
    """Return the names of the query's columns; None where a star or an unnamed expression hides some."""
    first = query
    while isinstance(first, exp.SetOperation | exp.Subquery):
        first = first.this
    if not isinstance(first, exp.Select):
        return None
    names = []
    for projection in first.expressions:
        if projection.is_star or isinstance(projection, exp.Star):
            return None
        names.append(_output_name(projection))
    return tuple(names)


def projection_named(query: exp.Query, name: str) -> exp.Expr | None:
    """Return the expression behind an output column of a plain SELECT, without its alias; None elsewhere."""
    inner = query
    while isinstance(inner, exp.Subquery):
        inner = inner.this
    if not isinstance(inner, exp.Select):
        return None
    found = [each for each in inner.expressions if _output_name(each) == name]
    return found[0].unalias() if len(found) == 1 else None


def _named_output(key: exp.Column) -> exp.Expr | None:
    """The expression behind the output column that a key of ORDER BY names."""
    select = next(node for node in _ancestors(key) if isinstance(node, exp.Query))
    found = [each for each in select.args.get("expressions") or () if _output_name(each) == column_name(key)]
    return found[0].unalias() if found else None


def _output_name(projection: exp.Expr) -> str:
    if isinstance(projection, exp.Alias):
        return name_of(projection.args.get("alias"))
    return column_name(projection) if isinstance(projection, exp.Column) else ""


def _scopes_around(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the queries and data changes around a node, inner ones first."""
    for scope in _ancestors(node):
        if isinstance(scope, exp.Select | exp.Update | exp.Delete | exp.Insert | exp.Merge):
            yield scope


def _items(scope: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    """Yield FROM items in order with the side of their outer join: LEFT, RIGHT, FULL or ''."""
    target = scope.args.get("this")
    if isinstance(scope, exp.Update | exp.Delete | exp.Merge) and target is not None:
        yield target, ""
    if isinstance(scope, exp.Insert) and target is not None:
        yield target.this if isinstance(target, exp.Schema) else target, ""
    using = scope.args.get("using")
    for table in using if isinstance(using, list) else [using]:
        if isinstance(table, exp.Expr):
            yield table, ""
    source = scope.args.get("from_")
    if source is not None:
        yield source.this, ""
        yield from _joined(source.this)
    for join in scope.args.get("joins") or ():
        side = str(join.args.get("side") or "").upper()
        yield join.this, side
        for node, inner in _joined(join.this):
            yield node, side if side in ("LEFT", "FULL") and inner not in ("RIGHT", "FULL") else inner
    for lateral in scope.args.get("laterals") or ():
        yield lateral, ""


def _joined(item: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    """Joins can also hang on the table that they begin with."""
    for join in item.args.get("joins") or ():
        yield join.this, str(join.args.get("side") or "").upper()


def _source(node: exp.Expr, catalog: Catalog, *, nullable: bool) -> Source:
    alias = name_of(node.args["alias"].this) if node.args.get("alias") and node.args["alias"].this else ""
    renames = _renames_columns(node)  # FROM t AS x (renamed, ...)
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        name = relation_name(node)
        cte = cte_of(node)
        relation = None if cte is not None or renames else catalog.find(name)
        query = None if cte is None or renames else _query_of(cte, node)
        return Source(alias or name.name, node, relation, query, nullable)
    query = node.this if isinstance(node, exp.Subquery | exp.Lateral) else None
    query = query.this if isinstance(query, exp.Subquery) else query
    known = isinstance(query, exp.Query) and not renames
    return Source(alias, node, None, query if known else None, nullable)


def _renames_columns(node: exp.Expr) -> bool:
    return node.args.get("alias") is not None and bool(node.args["alias"].args.get("columns"))


def _query_of(cte: exp.CTE, reference: exp.Expr) -> exp.Query | None:
    """The query behind a reference; None where it is recursive or its columns have other names."""
    is_recursive = any(node is cte for node in _ancestors(reference))
    known = isinstance(cte.this, exp.Query) and not _renames_columns(cte) and not is_recursive
    return cte.this if known else None


def _visible_ctes(table: exp.Expr) -> Iterator[exp.CTE]:
    """Yield the CTEs that a name may mean, nearest first; without RECURSIVE one sees those before it."""
    inside = table
    left: exp.Expr | None = None  # the WITH that the table is in
    for node in _ancestors(table):
        with_ = node.args.get("with_")
        if isinstance(node, exp.With):
            left = node
            place = next(number for number, cte in enumerate(node.expressions) if cte is inside)
            yield from node.expressions if node.args.get("recursive") else node.expressions[:place]
        elif with_ is not None and with_ is not left:
            yield from with_.expressions
        inside = node


def _ancestors(node: exp.Expr) -> Iterator[exp.Expr]:
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def _as_nullable(source: Source) -> Source:
    return Source(source.alias, source.node, source.relation, source.query, is_nullable=True)
