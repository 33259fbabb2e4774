"""A SELECT and a table to join with in, the SELECT with that join out; its other rows stay as they are."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain

from sqlglot import exp

from pgtune.parse.sql.draft import Draft
from pgtune.parse.sql.named_columns import named
from pgtune.parse.sql.narrowed import narrow
from pgtune.parse.sql.statement import SqlStatement

# With these, a row more in FROM's list of columns, or a later look at it, shows in the result.
_SEES_ALL = ("limit", "offset", "laterals", "locks")


def takes_join(statement: SqlStatement, select: exp.Select) -> bool:
    """True when a FROM item more, with one row for each row, would not show in the result.

    A star is no hindrance where :func:`spell_out_star` can list the items that it stands for.
    """
    if select.args.get("from_") is None or any(select.args.get(part) for part in _SEES_ALL):
        return False
    distinct = select.args.get("distinct")
    if distinct is not None and distinct.args.get("on") is not None:
        return False
    joins = select.args.get("joins") or ()
    has_star = any(isinstance(each, exp.Star) for each in select.expressions)
    if any(join.args.get("method") or (has_star and join.args.get("using")) for join in joins):
        return False
    return not has_star or all(source.alias for source in statement.sources(select))


def spell_out_star(statement: SqlStatement, select: exp.Select, draft: Draft[exp.Select]) -> None:
    """Let ``*`` in *draft*, a copy of *select*, be ``t.*`` of each FROM item that *select* has."""
    sources = statement.sources(select)
    listed: list[exp.Expr] = []
    for projection in draft.tree.expressions:
        if isinstance(projection, exp.Star):
            listed += [exp.Column(this=exp.Star(), table=named(source.alias)) for source in sources]
        else:
            listed.append(projection)
    draft.tree.set("expressions", listed)


def add_join(
    select: exp.Select, at: Collection[exp.Expr], table: exp.Expr, on: exp.Expr, *, side: str
) -> bool:
    """Join *table* to the FROM items *at* of *select*, in place; False where FROM does not allow it.

    *side* is LEFT, or empty for an inner join. The items of a comma-separated FROM cannot see each other
    in ON: there an inner join becomes one more item, with *on* in WHERE.
    """
    groups = _comma_groups(select)
    wanted = {id(item) for item in at}
    holding = [index for index, group in enumerate(groups) if wanted & {id(item) for item in group}]
    if wanted - {id(item) for item in chain(*groups)}:
        return False
    joins = list(select.args.get("joins") or ())
    if len(holding) == 1:
        place = sum(len(group) for group in groups[: holding[0] + 1]) - 1
        joins.insert(place, exp.Join(this=table, on=on, **({"side": side} if side else {})))
    elif side:
        return False
    else:
        joins.append(exp.Join(this=table))
        narrow(select, on)
    select.set("joins", joins)
    return True


def _comma_groups(select: exp.Select) -> list[list[exp.Expr]]:
    """FROM items by the commas between them."""
    groups = [[select.args["from_"].this]]
    for join in select.args.get("joins") or ():
        if is_comma(join):
            groups.append([])
        groups[-1].append(join.this)
    return groups


def is_comma(join: exp.Join) -> bool:
    """True for a FROM item behind a comma."""
    return not any(join.args.get(part) for part in ("side", "kind", "method", "on", "using"))
