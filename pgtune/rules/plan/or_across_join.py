"""A join condition with OR compares both sides, so rows are joined first and tested afterwards.

No hash and no merge can serve a condition such as ``a.x = b.x OR a.y = b.y``, and a filter such as
``a.status = 'open' OR b.status = 'open'`` can be pushed to neither side. PostgreSQL forms every candidate
pair and throws most of them away. Split at the OR, each part can use its own index or hash join.

Instead of:
    SELECT o.id, u.name FROM orders o JOIN users u ON u.id = o.buyer_id OR u.id = o.seller_id;
Use:
    SELECT o.id, u.name FROM orders o JOIN users u ON u.id = o.buyer_id
    UNION
    SELECT o.id, u.name FROM orders o JOIN users u ON u.id = o.seller_id;

UNION removes duplicates, also rows that the original returned twice because they are equal in all columns:
have a key in the output, or use UNION ALL and exclude in the second part what the first one returned.

Ignore when: one of the sides has few rows.
Source: https://www.postgresql.org/docs/current/queries-union.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.plan import Actual, PlanNode, Role
from pgtune.model.qual import Clause, ClauseKind
from pgtune.parse.qual import read_clauses

MIN_REMOVED = 10_000  # pairs, over all loops; chosen
MIN_REMOVED_FRACTION = 0.5  # of the pairs; below, testing them is not the waste; chosen


def check(plan: MeasuredPlan, *, min_removed: float = MIN_REMOVED) -> Iterator[Symptom]:
    """Yield each join whose filter has an OR over both sides and removes most pairs."""
    numbers = {node.alias: node.number for node in plan.nodes if node.alias is not None}
    for node, actual in plan.measured():
        removed = node.removed.by_join_filter * actual.loops
        if node.quals.join_filter is None or removed < min_removed:
            continue
        pairs = removed + actual.total_rows
        if removed < MIN_REMOVED_FRACTION * pairs:
            continue
        clause = _or_across(node, node.quals.join_filter, numbers)
        if clause is not None:
            yield _symptom(plan, node, actual, clause, pairs)


def _or_across(node: PlanNode, join_filter: str, numbers: Mapping[str, int]) -> Clause | None:
    """The first OR that mentions both sides: the nodes of the inner one have higher numbers."""
    inner = node.child(Role.INNER)
    for clause in read_clauses(join_filter):
        if clause.kind is not ClauseKind.OR or inner is None:
            continue
        mentioned = [
            numbers[ref.alias] for ref in clause.columns if ref.alias is not None and ref.alias in numbers
        ]
        if mentioned and min(mentioned) < inner.number <= max(mentioned):
            return clause
    return None


def _symptom(plan: MeasuredPlan, node: PlanNode, actual: Actual, clause: Clause, pairs: float) -> Symptom:
    inner = node.child(Role.INNER)
    spent = plan.share(node)
    if (
        node.node_type == "Nested Loop" and inner is not None
    ):  # the OR is also why the inner side is read again
        spent += plan.share_below(inner)
    return Symptom(
        message=f"{node.label} tests {pairs:,.0f} pairs with OR to keep {actual.total_rows:,.0f}",
        node=node.number,
        saves=spent * (1 - actual.total_rows / pairs),
        cause=Cause.JOIN,
        object=clause.text,
        detail=f"Neither side alone can be searched for {clause.text}.",
        hint="Split the query at the OR and combine the parts with UNION; mind that UNION removes "
        "duplicates, also those that the original returned.",
    )
