"""A WHERE that compares with an aggregate of each row's own rows in, a join with all groups out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from pgtune.parse.sql.added_join import add_join, spell_out_star, takes_join
from pgtune.parse.sql.aggregate_subquery import AggregateSubquery, aggregate_subquery, grouped_table
from pgtune.parse.sql.aggregates import is_count
from pgtune.parse.sql.draft import Draft
from pgtune.parse.sql.raising import can_raise, number_kind
from pgtune.parse.sql.statement import SqlStatement, conjuncts, unparenthesised

_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
# NULL in, NULL out: src/include/catalog/pg_proc.dat, proisstrict.
_STRICT = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Paren)


@dataclass(frozen=True, slots=True)
class ComparedAggregate:
    """``expression op aggregate``, which is not true for a row without rows of its own."""

    condition: exp.Binary
    subquery: AggregateSubquery
    other: exp.Expr  # what is compared with the side of the sub-query


def compared_aggregates(statement: SqlStatement) -> Iterator[ComparedAggregate]:
    """Yield the conditions of every WHERE that an inner join with the groups can take the place of."""
    for select in statement.selects:
        if not takes_join(statement, select) or statement.is_volatile(select):
            continue
        for condition in conjuncts(select.args.get("where")):
            if isinstance(condition, _COMPARISONS):
                yield from _compared(statement, select, condition)


def is_latest_of_group(statement: SqlStatement, found: ComparedAggregate) -> bool:
    """True for ``column = (SELECT max(column) ...)`` of the same table: the last or first row of a group."""
    origin = statement.origin(unparenthesised(found.other))
    inner = statement.sources(found.subquery.inner)
    is_extreme = isinstance(found.subquery.projection, exp.Max | exp.Min)
    if not is_extreme or not isinstance(found.condition, exp.EQ) or origin is None or len(inner) != 1:
        return False
    return origin.source.relation is not None and origin.source.relation == inner[0].relation


def joined_with_groups(
    statement: SqlStatement, found: ComparedAggregate
) -> tuple[str, tuple[str, ...]] | None:
    """Return the statement with the join, and what makes that right; None where FROM does not allow it."""
    groups = grouped_table(statement, found.subquery)
    if groups is None:
        return None
    outer = found.subquery.outer
    draft = Draft(outer)
    node = draft.twin(found.subquery.node)
    is_operand = isinstance(groups.value, exp.Column) or isinstance(node.parent, _COMPARISONS)
    node.replace(groups.value if is_operand else exp.Paren(this=groups.value))
    spell_out_star(statement, outer, draft)
    at = [draft.twin(item) for item in found.subquery.parts.sources]
    if not add_join(draft.tree, at, groups.table, groups.on, side=""):
        return None
    nothing = "the condition is not true where the sub-query finds no rows"
    return statement.rewritten((outer, draft.tree)), (*groups.facts, nothing)


def _compared(
    statement: SqlStatement, select: exp.Select, condition: exp.Binary
) -> Iterator[ComparedAggregate]:
    for side, other in (
        (condition.this, condition.expression),
        (condition.expression, condition.this),
    ):
        node = _only_subquery(side)
        # The join may compare rows that other conditions drop.
        if node is None or other.find(exp.Query) or can_raise(statement, other):
            continue
        found = aggregate_subquery(statement, node, select)
        is_safe = found is not None and not _may_fail(statement, found, side)
        if found is not None and is_safe and _is_null_for_no_rows(found):
            yield ComparedAggregate(condition, found, other)


def _only_subquery(side: exp.Expr) -> exp.Subquery | None:
    """The sub-query that makes *side* NULL when it is NULL."""
    found = [node for node in side.walk(prune=_is_subquery) if isinstance(node, exp.Subquery)]
    if len(found) != 1:
        return None
    node: exp.Expr | None = found[0]
    while node is not side:
        node = node.parent if node is not None else None
        if not isinstance(node, _STRICT):
            return None
    return found[0]


def _may_fail(statement: SqlStatement, found: AggregateSubquery, side: exp.Expr) -> bool:
    """True unless the arithmetic around the sub-query, and in it around its aggregates, is numeric."""
    return _has_arithmetic(statement, side) or _has_arithmetic(statement, found.projection)


def _has_arithmetic(statement: SqlStatement, around: exp.Expr) -> bool:
    nodes = around.walk(prune=lambda node: isinstance(node, exp.AggFunc | exp.Filter | exp.Subquery))
    return any(
        number_kind(statement, node) != "numeric"
        for node in nodes
        if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div | exp.Neg)
    )


def _is_subquery(node: exp.Expr) -> bool:
    return isinstance(node, exp.Subquery)


def _is_null_for_no_rows(found: AggregateSubquery) -> bool:
    if any(is_count(aggregate) for aggregate in found.aggregates):
        return False
    for aggregate in found.aggregates:
        node: exp.Expr | None = aggregate
        while node is not found.projection:
            node = node.parent if node is not None else None
            if not isinstance(node, _STRICT):
                return False
    return True
