"""DISTINCT removes duplicates that a join has made of rows that were distinct before.

Where the SELECT list holds a key of the tables that it reads, the other tables can only double their rows.
EXISTS asks for one partner and stops; nothing is left to sort or hash. Where the join cannot double rows
either, DISTINCT does nothing but work.

Instead of:
    SELECT DISTINCT u.id, u.name FROM users u JOIN orders o ON o.user_id = u.id WHERE o.total > 100;
Use:
    SELECT u.id, u.name FROM users u
    WHERE EXISTS (SELECT FROM orders o WHERE o.user_id = u.id AND o.total > 100);

Ignore when: the result is a few rows.
Source: https://www.postgresql.org/docs/current/functions-subquery.html#FUNCTIONS-SUBQUERY-EXISTS
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.repeatable import is_repeatable
from pgtune.parse.sql.row_conditions import row_conditions
from pgtune.parse.sql.row_identity import told_apart
from pgtune.parse.sql.select_shape import has_only_inner_joins, is_made_of, returns_row_for_row
from pgtune.parse.sql.source_uses import sources_read
from pgtune.parse.sql.statement import SqlStatement


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement without DISTINCT, and with EXISTS for the tables that only filter."""
    for select in statement.selects:
        if _is_plain_distinct(select) and is_repeatable(statement, select):
            yield from _without_distinct(statement, select)


def _is_plain_distinct(select: exp.Select) -> bool:
    distinct = select.args.get("distinct")
    return (
        distinct is not None
        and distinct.args.get("on") is None
        and is_made_of(select, "distinct", "order", "limit", "offset", "with_")
        and returns_row_for_row(select)
    )


def _without_distinct(statement: SqlStatement, select: exp.Select) -> Iterator[Change]:
    facts = told_apart(statement, select, select.expressions)
    if facts is not None:
        yield Change(
            sql=statement.rewritten((select.args["distinct"], None)),
            message="DISTINCT finds no duplicates",
            detail="The SELECT list holds what tells all its rows apart.",
            facts=facts,
        )
        return
    split = _split(statement, select)
    if split is None or not split.filters:
        return
    facts = told_apart(statement, select, select.expressions, among=split.kept)
    if facts is not None:
        yield Change(
            sql=statement.rewritten((select, _with_exists(statement, select, split))),
            message="DISTINCT removes what the join has doubled",
            detail="EXISTS stops at the first partner, and there are no duplicates to remove.",
            facts=facts,
        )


class _Split(NamedTuple):
    """FROM items and conditions: those of the result, and groups of items that only filter it."""

    kept: frozenset[str]
    conditions: Sequence[exp.Expr]
    filters: Sequence[tuple[frozenset[str], Sequence[exp.Expr]]]


def _split(statement: SqlStatement, select: exp.Select) -> _Split | None:
    if not has_only_inner_joins(select) or any(projection.is_star for projection in select.expressions):
        return None
    read = [sources_read(statement, select, projection) for projection in select.expressions]
    conditions = [(each, sources_read(statement, select, each)) for each in row_conditions(select)]
    if None in read or any(aliases is None for _, aliases in conditions):
        return None
    kept = frozenset[str]().union(*(aliases for aliases in read if aliases))
    aliases = frozenset(source.alias for source in statement.sources(select))
    groups = _connected(aliases - kept, [(found or frozenset()) - kept for _, found in conditions])
    if not kept or "" in aliases or len(aliases) < len(statement.sources(select)):
        return None
    return _Split(
        kept,
        [each for each, found in conditions if not (found or frozenset()) - kept],
        [(group, [each for each, found in conditions if (found or frozenset()) & group]) for group in groups],
    )


def _connected(aliases: frozenset[str], links: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """Items that conditions tie together, group by group."""
    groups = [frozenset({alias}) for alias in sorted(aliases)]
    for link in links:
        tied = [group for group in groups if group & link]
        if len(tied) > 1:
            groups = [group for group in groups if not group & link]
            groups.append(frozenset[str]().union(*tied))
    return groups


def _with_exists(statement: SqlStatement, select: exp.Select, split: _Split) -> exp.Select:
    nodes = {source.alias: source.node for source in statement.sources(select)}
    new = select.copy()
    new.set("distinct", None)
    _set_from(new, nodes, split.kept)
    tests = [exp.Exists(this=_filter(nodes, group, conditions)) for group, conditions in split.filters]
    new.set("where", exp.Where(this=exp.and_(*split.conditions, *tests, copy=True)))
    return new


def _filter(
    nodes: Mapping[str, exp.Expr], group: frozenset[str], conditions: Sequence[exp.Expr]
) -> exp.Select:
    body = exp.Select(expressions=[exp.Literal.number(1)])
    _set_from(body, nodes, group)
    return body.where(*conditions, copy=True) if conditions else body


def _set_from(select: exp.Select, nodes: Mapping[str, exp.Expr], wanted: frozenset[str]) -> None:
    """Let FROM be the wanted items in their order; the conditions between them are in WHERE."""
    first, *others = (node.copy() for alias, node in nodes.items() if alias in wanted)
    select.set("from_", exp.From(this=first))
    select.set("joins", [exp.Join(this=other) for other in others])
