"""Rows numbered in groups and cut off in, the first rows of each group by LATERAL and LIMIT out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from pgtune.model.catalog import ForeignKey, Relation
from pgtune.model.names import RelationName
from pgtune.parse.sql.correlation import is_stored
from pgtune.parse.sql.draft import Draft
from pgtune.parse.sql.facts import Facts, foreign_key, key, never_null
from pgtune.parse.sql.named_columns import column_of, named
from pgtune.parse.sql.narrowed import narrow
from pgtune.parse.sql.qualified import qualify_ambiguous
from pgtune.parse.sql.sources import Source, column_name, name_of
from pgtune.parse.sql.statement import SqlStatement, conjuncts

_INNER_PARTS = frozenset({"expressions", "from_", "where", "kind"})
_FRAME = ("spec", "alias", "first")


@dataclass(frozen=True, slots=True)
class NumberedRows:
    """``FROM (SELECT ..., row_number() OVER (PARTITION BY ... ORDER BY ...) AS n FROM t) x WHERE n <= 3``."""

    outer: exp.Select
    item: exp.Subquery
    number: exp.Alias  # row_number() in the list of the sub-query
    condition: exp.Expr  # on the number, in WHERE of the outer SELECT
    rows: int  # kept of each group
    foreign_key: ForeignKey  # from the groups' columns to the table that lists the groups
    facts: Facts

    @property
    def window(self) -> exp.Window:
        """The window of row_number()."""
        assert isinstance(self.number.this, exp.Window)
        return self.number.this


def numbered_rows(statement: SqlStatement) -> Iterator[NumberedRows]:
    """Yield the SELECTs from numbered rows of a table whose groups a foreign key finds in another one."""
    for outer in statement.selects:
        source = outer.args.get("from_")
        item = source.this if source is not None else None
        if not isinstance(item, exp.Subquery) or not isinstance(item.this, exp.Select):
            continue
        if outer.args.get("joins") or outer.args.get("laterals") or statement.is_volatile(outer):
            continue
        found = _numbered(statement, outer, item, item.this)
        if found is not None:
            yield found


def limited_by_group(statement: SqlStatement, found: NumberedRows) -> str | None:
    """Return the statement with LATERAL; None where a column's table is not sure."""
    listing = _relation(statement, found.foreign_key.referenced)
    if listing is None:
        return None
    alias = statement.fresh_alias(listing.name.name)
    draft = Draft(found.outer)
    if not qualify_ambiguous(statement, found.outer, draft, {column.name for column in listing.columns}):
        return None
    select = draft.tree
    kept = [each for each in conjuncts(select.args["where"]) if each is not draft.twin(found.condition)]
    select.set("where", exp.Where(this=exp.and_(*kept)) if kept else None)
    lateral = exp.Lateral(
        this=exp.Subquery(this=_first_rows(found, alias)), alias=found.item.args["alias"].copy()
    )
    table = _table(found, listing.name, alias)
    select.set("from_", exp.From(this=table))
    select.set("joins", [exp.Join(this=lateral, kind="CROSS")])
    return statement.rewritten((found.outer, select))


def _numbered(
    statement: SqlStatement, outer: exp.Select, item: exp.Subquery, inner: exp.Select
) -> NumberedRows | None:
    sources = statement.sources(inner)
    number = _row_number(inner)
    alias = item.args.get("alias")
    if number is None or len(sources) != 1 or not is_stored(sources[0]) or alias is None:
        return None
    if alias.args.get("columns") or not {name for name, value in inner.args.items() if value} <= _INNER_PARTS:
        return None
    if _hides_order(inner, number.this):
        return None
    cut = _cut(outer, name_of(alias.this), name_of(number.args["alias"]))
    based = _based(statement, sources[0], number.this)
    if cut is None or based is None:
        return None
    return NumberedRows(outer, item, number, cut[0], cut[1], *based)


def _row_number(inner: exp.Select) -> exp.Alias | None:
    """row_number() of the list, where it is the only window."""
    windows = list(inner.find_all(exp.Window))
    if len(windows) != 1 or not _is_row_number(windows[0]):
        return None
    parent = windows[0].parent
    is_listed = isinstance(parent, exp.Alias) and parent.parent is inner
    if not is_listed or len(inner.expressions) < 2:
        return None
    if any(windows[0].args.get(part) for part in _FRAME):
        return None
    return parent if isinstance(parent, exp.Alias) else None


def _hides_order(inner: exp.Select, window: exp.Window) -> bool:
    """True when ORDER BY of the SELECT would take a column of the window's order for one of the list."""
    names = {name_of(each.args["alias"]) for each in inner.expressions if isinstance(each, exp.Alias)}
    order = window.args.get("order")
    return order is not None and any(column_name(each) in names for each in order.find_all(exp.Column))


def _is_row_number(window: exp.Window) -> bool:
    return isinstance(window.this, exp.RowNumber)


def _cut(outer: exp.Select, alias: str, number: str) -> tuple[exp.Expr, int] | None:
    """The condition on the number with the rows that it keeps, where nothing else reads the number."""
    if any(each.is_star and not isinstance(each, exp.Count) for each in outer.expressions):
        return None
    readers = [column for column in outer.find_all(exp.Column) if _reads(column, outer, alias, number)]
    for condition in conjuncts(outer.args.get("where")):
        rows = _rows_kept(condition)
        if rows is not None and readers == [condition.this] and readers[0] is condition.this:
            return condition, rows
    return None


def _reads(column: exp.Column, outer: exp.Select, alias: str, number: str) -> bool:
    """True when the column may be the number, or the sub-query's whole row."""
    node: exp.Expr | None = column
    while node is not None and node is not outer:
        if node is outer.args["from_"]:
            return False
        node = node.parent
    qualifier = name_of(column.args.get("table"))
    is_row = not qualifier and column_name(column) == alias
    return is_row or column.is_star or (column_name(column) == number and qualifier in ("", alias))


def _rows_kept(condition: exp.Expr) -> int | None:
    if not isinstance(condition, exp.LT | exp.LTE | exp.EQ):
        return None
    limit = condition.expression
    if not isinstance(limit, exp.Literal) or limit.is_string or not str(limit.this).isdigit():
        return None
    rows = int(limit.this) - isinstance(condition, exp.LT)
    return rows if rows >= 1 and (rows == 1 or not isinstance(condition, exp.EQ)) else None


def _based(statement: SqlStatement, source: Source, window: exp.Window) -> tuple[ForeignKey, Facts] | None:
    """The foreign key of the groups, and what gives every row one group and one place in it."""
    groups = window.args.get("partition_by") or []
    order = window.args.get("order")
    ordered = [each.this for each in order.expressions] if order is not None else []
    if not groups or not all(isinstance(each, exp.Column) for each in (*groups, *ordered)):
        return None
    not_null = [never_null(statement, each) for each in groups]
    relation = source.relation
    assert relation is not None
    total = key(relation, {column_name(each) for each in (*groups, *ordered)})
    if total is None or None in not_null:
        return None
    columns = {column_name(each) for each in groups}
    for constraint in relation.foreign_keys:
        referenced = _relation(statement, constraint.referenced)
        if set(constraint.columns) != columns or referenced is None or referenced.parent is not None:
            continue
        fact = foreign_key(relation, constraint.columns, referenced, constraint.referenced_columns)
        if fact is not None:
            return constraint, (fact, *(each for facts in not_null for each in facts or ()), total)
    return None


def _relation(statement: SqlStatement, name: RelationName) -> Relation | None:
    return statement.catalog.relations.get(name)


def _first_rows(found: NumberedRows, alias: str) -> exp.Select:
    draft = Draft(found.item.this)
    select = draft.tree
    assert isinstance(select, exp.Select)
    window = found.window
    draft.twin(found.number).pop()
    pairs = dict(zip(found.foreign_key.columns, found.foreign_key.referenced_columns, strict=True))
    for group in window.args["partition_by"]:
        listed = column_of(alias, pairs[column_name(group)])
        narrow(select, exp.EQ(this=group, expression=listed))
    select.set("order", window.args["order"].copy())
    select.set("limit", exp.Limit(expression=exp.Literal.number(found.rows)))
    return select


def _table(found: NumberedRows, name: RelationName, alias: str) -> exp.Table:
    """The table that lists the groups; with its schema where the statement names that of the other."""
    source = found.item.this.args["from_"].this
    schema = named(name.schema) if source.args.get("db") is not None and name.schema else None
    table = exp.Table(this=named(name.name), db=schema)
    if alias != name.name:
        table.set("alias", exp.TableAlias(this=named(alias)))
    return table
