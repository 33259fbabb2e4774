"""A SELECT and one of its FROM items in, the SELECT that does without it out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlglot import exp

from pgtune.parse.sql.named_columns import column_of, named
from pgtune.parse.sql.row_conditions import Place
from pgtune.parse.sql.select_shape import is_inner
from pgtune.parse.sql.source_uses import columns_read
from pgtune.parse.sql.sources import Source, column_name
from pgtune.parse.sql.statement import SqlStatement, conjuncts


def without_source(
    statement: SqlStatement,
    select: exp.Select,
    source: Source,
    instead: Mapping[str, Place],
    dropped: Collection[exp.Expr],
    added: Sequence[exp.Expr] = (),
) -> exp.Select | None:
    """Return *select* with neither the FROM item nor the conditions *dropped*; its ON goes to WHERE.

    *instead*: what stands for the item's columns. None: a column has nothing to stand for it, or a sub-query
    uses the name of what would.
    """
    columns = columns_read(statement, select, source)
    if columns is None or not _is_removable(select, source):
        return None
    copy = select.copy()
    twins = {id(old): new for old, new in zip(select.walk(), copy.walk(), strict=True)}
    gone = {id(node) for condition in dropped for node in condition.walk()}
    for column in columns:
        if id(column) in gone:
            continue
        place = instead.get(column_name(column))
        if place is None or not _is_visible(statement, select, column, place.alias):
            return None
        _replace(twins[id(column)], place, column_name(column))
    joins = select.args.get("joins") or []
    moved = _take_away(select, copy, source, twins)
    kept = [
        twins[id(each)]
        for condition in (select.args.get("where"), *moved)
        for each in conjuncts(condition)
        if id(each) not in gone
    ]
    _thin_out([join for join in joins if id(join) in twins], twins, moved, gone)
    conditions = [*kept, *added]
    copy.set("where", exp.Where(this=exp.and_(*conditions, copy=True)) if conditions else None)
    return copy


def _is_removable(select: exp.Select, source: Source) -> bool:
    """Return True when the rest of FROM stands without the item: joined to it, not to its absence."""
    joins = select.args.get("joins") or []
    if not joins or any(str(join.args.get("side") or "") in ("RIGHT", "FULL") for join in joins):
        return False
    if any(join.args.get("using") or join.args.get("method") for join in joins):
        return False
    is_first = select.args["from_"].this is source.node
    join = joins[0] if is_first else source.node.parent
    return isinstance(join, exp.Join) and is_inner(join) and not isinstance(join.this, exp.Lateral)


def _take_away(
    select: exp.Select, copy: exp.Select, source: Source, twins: Mapping[int, exp.Expr]
) -> list[exp.Expr]:
    """Take the item out of the copy's FROM; return the original's ON that has lost its join."""
    joins = select.args["joins"]
    if select.args["from_"].this is source.node:
        join = joins[0]
        copy.args["from_"].set("this", twins[id(join.this)])
    else:
        join = source.node.parent
    copy.set("joins", [twins[id(each)] for each in joins if each is not join])
    return [join.args["on"]] if join.args.get("on") is not None else []


def _thin_out(
    joins: Sequence[exp.Join], twins: Mapping[int, exp.Expr], moved: Sequence[exp.Expr], gone: Collection[int]
) -> None:
    """Take the dropped conditions out of the ON of the other joins."""
    for join in joins:
        on = join.args.get("on")
        if on is None or any(on is each for each in moved) or not any(id(node) in gone for node in on.walk()):
            continue
        kept = [twins[id(each)] for each in conjuncts(on) if id(each) not in gone]
        twins[id(join)].set("on", exp.and_(*kept, copy=True) if kept else exp.true())


def _is_visible(statement: SqlStatement, select: exp.Select, column: exp.Column, alias: str) -> bool:
    """Return True where the column's place can name the FROM item *alias* of *select*.

    ON sees the items before it, without those of a comma; a sub-query's own items hide others of their name.
    """
    inside: exp.Expr = column
    while inside.parent is not None and inside.parent is not select:
        inside = inside.parent
        if isinstance(inside, exp.Select) and alias in {each.alias for each in statement.sources(inside)}:
            return False
    if not isinstance(inside, exp.Join):
        return True
    joins = select.args["joins"]
    items = [select.args["from_"].this, *(join.this for join in joins[: joins.index(inside) + 1])]
    seen = [each for each in statement.sources(select) if any(each.node is item for item in items)]
    has_comma = any(join.args.get("on") is None for join in joins)
    return alias in {each.alias for each in seen} and not has_comma


def _replace(twin: exp.Expr, place: Place, name: str) -> None:
    """Put the other column in; a column of the result keeps its name."""
    new: exp.Expr = column_of(*place)
    if isinstance(twin.parent, exp.Select) and twin.arg_key == "expressions" and place.column != name:
        new = exp.Alias(this=new, alias=named(name))
    twin.replace(new)
