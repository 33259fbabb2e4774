"""A condition with a sub-query stays above a window function, which is computed for all rows.

Comparisons of PARTITION BY columns with constants are moved below by the planner; a condition that holds a
sub-query never is. Where each window of the sub-select is partitioned by the columns that the condition
reads, it drops or keeps whole partitions, and may be asked before.

Instead of:
    SELECT * FROM (SELECT id, user_id, row_number() OVER (PARTITION BY user_id ORDER BY id) FROM orders) x
    WHERE user_id IN (SELECT id FROM users WHERE country_id = 7);
Use:
    SELECT * FROM (SELECT id, user_id, row_number() OVER (PARTITION BY user_id ORDER BY id) FROM orders
                   WHERE user_id IN (SELECT id FROM users WHERE country_id = 7)) x;

Ignore when: the condition keeps most partitions.
Source: https://www.postgresql.org/docs/current/tutorial-window.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.asked_of_more import may_be_asked_of_more
from pgtune.parse.sql.named_columns import column_of
from pgtune.parse.sql.row_conditions import Place, place_of
from pgtune.parse.sql.select_shape import is_made_of
from pgtune.parse.sql.source_uses import inner_aliases
from pgtune.parse.sql.sources import Source, column_name, name_of, projection_named
from pgtune.parse.sql.statement import SqlStatement, conjuncts
from pgtune.parse.sql.value_images import has_one_image


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with each condition inside the sub-select whose partitions it chooses."""
    for select in statement.selects:
        for condition in conjuncts(select.args.get("where")):
            if condition.find(exp.Query) is None or statement.is_volatile(condition):
                continue
            if not may_be_asked_of_more(statement, condition):
                continue
            for source in statement.sources(select):
                yield from _moved(statement, select, condition, source)


def _moved(
    statement: SqlStatement, select: exp.Select, condition: exp.Expr, source: Source
) -> Iterator[Change]:
    inner = _windowed(statement, source)
    columns = _columns(statement, condition, source)
    if inner is None or not columns:
        return
    places = _partitioned_by(statement, inner, {column_name(column) for column in columns})
    hidden = inner_aliases(statement, condition)
    if places is None or any(place.alias in hidden for place in places.values()):
        return
    below = inner.copy().where(_reading(condition, columns, places), copy=False)
    above = [each for each in conjuncts(select.args["where"]) if each is not condition]
    where = exp.Where(this=exp.and_(*above, copy=True)) if above else None
    names = ", ".join(sorted({place.column for place in places.values()}))
    yield Change(
        sql=statement.rewritten((inner, below), (select.args["where"], where)),
        message="a window function runs over rows that are dropped afterwards",
        detail=f"The condition keeps or drops whole partitions, and may be asked below {source.alias}.",
        facts=(f"every window of {source.alias} is partitioned by {names}",),
    )


def _windowed(statement: SqlStatement, source: Source) -> exp.Select | None:
    """The plain SELECT with window functions behind a FROM item."""
    inner = source.query
    if source.is_nullable or not isinstance(source.node, exp.Subquery) or not isinstance(inner, exp.Select):
        return None
    aggregates = [each for each in inner.find_all(exp.AggFunc) if not _is_window_function(each)]
    aggregates = [each for each in aggregates if each.find_ancestor(exp.Select) is inner]
    if aggregates or not is_made_of(inner, "windows", "order") or statement.is_volatile(inner):
        return None
    return inner if _windows(inner) else None


def _is_window_function(function: exp.Expr) -> bool:
    parent = function.parent
    return isinstance(parent.parent if isinstance(parent, exp.Filter) else parent, exp.Window)


def _windows(select: exp.Select) -> list[exp.Window]:
    """The windows of the SELECT's own functions, named ones as they are defined."""
    named = {name_of(each.this): each for each in select.args.get("windows") or ()}
    own = [each for each in select.find_all(exp.Window) if each.find_ancestor(exp.Select) is select]
    used = [each for each in own if each.arg_key != "windows"]
    return [named.get(name_of(each.args.get("alias")), each) for each in used]


def _columns(statement: SqlStatement, condition: exp.Expr, source: Source) -> Sequence[exp.Column] | None:
    """The condition's columns of that FROM item; None when it reads another outside its sub-queries."""
    own = {id(node) for node in condition.walk()}
    found = []
    for column in condition.find_all(exp.Column):
        origin = statement.origin(column)
        if origin is None:
            return None
        if origin.source.node is source.node:
            found.append(column)
        elif id(origin.source.node) not in own:
            return None
    return found


def _partitioned_by(
    statement: SqlStatement, inner: exp.Select, names: Collection[str]
) -> Mapping[str, Place] | None:
    """The columns behind the names, where each window is partitioned by all of them."""
    places: dict[str, Place] = {}
    for name in names:
        projection = projection_named(inner, name)
        origin = statement.origin(projection) if projection is not None else None
        if origin is None or origin.is_outer or origin.column is None or not has_one_image(origin.column):
            return None
        places[name] = place_of(origin)
    for window in _windows(inner):
        origins = [statement.origin(part) for part in window.args.get("partition_by") or ()]
        if not set(places.values()) <= {place_of(origin) for origin in origins if origin is not None}:
            return None
    return places


def _reading(condition: exp.Expr, columns: Sequence[exp.Column], places: Mapping[str, Place]) -> exp.Expr:
    """A copy of the condition that reads the columns behind those of the sub-select."""
    copy = condition.copy()
    twins = {id(old): new for old, new in zip(condition.walk(), copy.walk(), strict=True)}
    for column in columns:
        twins[id(column)].replace(column_of(*places[column_name(column)]))
    return copy
