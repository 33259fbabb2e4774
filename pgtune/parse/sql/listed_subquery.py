"""A SELECT in, the scalar sub-queries of its list out, and something else in their place."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.parse.sql.draft import Draft
from pgtune.parse.sql.named_columns import named
from pgtune.parse.sql.sources import column_name, name_of
from pgtune.parse.sql.statement import unparenthesised

# Between a sub-query and its place in the list: these take one value, and give one.
_SCALAR = (
    *(exp.Alias, exp.Paren, exp.Binary, exp.Neg, exp.Not, exp.Is, exp.Between, exp.Coalesce, exp.Cast),
    *(exp.Case, exp.If, exp.Nullif, exp.Round, exp.Greatest, exp.Least),
)
# FigureColname() of src/backend/parser/parse_target.c takes the name of what stands inside of others.
_NAMES_ITSELF = (exp.Coalesce, exp.Nullif, exp.Round, exp.Greatest, exp.Least)
_NAMELESS = (exp.Binary, exp.Neg, exp.Not, exp.Is, exp.Between)


def listed_subqueries(select: exp.Select) -> Iterator[exp.Subquery]:
    """Yield the sub-queries of the list whose one value goes into the result."""
    for projection in select.expressions:
        for node in projection.find_all(exp.Subquery):
            if node.parent_select is select and _is_scalar(node, select):
                yield node


def put_in_list(draft: Draft[exp.Select], node: exp.Subquery, value: exp.Expr) -> bool:
    """Put *value* in the place of a listed sub-query; False where its column would lose its name."""
    twin = draft.twin(node)
    outermost: exp.Expr = twin
    while isinstance(outermost.parent, exp.Paren):
        outermost = outermost.parent
    if outermost.parent is draft.tree:
        name = _name_of_result(node)
        if name is None:
            return False
        outermost.replace(exp.Alias(this=value, alias=named(name)))
        return True
    if not _keeps_name(twin, draft.tree):
        return False
    is_plain = isinstance(value, exp.Column | exp.Coalesce) or isinstance(twin.parent, exp.Alias)
    twin.replace(value if is_plain else exp.Paren(this=value))
    return True


def _is_scalar(node: exp.Expr, select: exp.Select) -> bool:
    parent = node.parent
    while parent is not None and parent is not select:
        if not isinstance(parent, _SCALAR) or isinstance(parent, exp.Dot):
            return False
        parent = parent.parent
    return True


def _name_of_result(node: exp.Subquery) -> str | None:
    """The name that the server gives the sub-query's column; None where that is not sure."""
    only = node.this.expressions[0]
    if isinstance(only, exp.Alias):
        return name_of(only.args.get("alias"))
    if isinstance(only, exp.Column):
        return column_name(only)
    return str(only.key) if isinstance(only, exp.AggFunc | exp.Coalesce) else None


def _keeps_name(node: exp.Expr, select: exp.Select) -> bool:
    """True when the name of the column does not come from *node*."""
    while node.parent is not select:
        assert node.parent is not None
        node = node.parent
        if isinstance(node, _NAMES_ITSELF):
            return True
    return isinstance(unparenthesised(node), (exp.Alias, *_NAMELESS))
