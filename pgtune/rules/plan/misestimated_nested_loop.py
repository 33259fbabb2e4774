"""A nested loop runs its inner side far more often than the planner expected.

A nested loop runs its inner side once per outer row, which is the best join for few outer rows and the
worst for many. When the outer side returns ten times the rows that the planner expected, the choice was
made for another query: a hash join would have read the inner side once. The remedy is a better estimate of
the outer side.

Instead of:
    SELECT * FROM orders o JOIN items i ON i.order_id = o.id
    WHERE o.city = 'Lyon' AND o.country = 'FR';  -- 12 orders expected, 4100 found: 4100 index scans on items
Use:
    CREATE STATISTICS orders_city_country_stats (dependencies, mcv) ON city, country FROM orders;
    ANALYZE orders;

When no statistics help, a CTE that is MATERIALIZED or a temporary table with ANALYZE splits the query where
the estimate goes wrong. Turning enable_nestloop off is good for a trial, not for a server.

Ignore when: each inner run is cheap, and a trial with enable_nestloop = off is no faster.
Source: https://www.postgresql.org/docs/current/planner-optimizer.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.catalog import Catalog
from pgtune.model.charge import MeasuredPlan
from pgtune.model.estimate_error import MIN_Q_ERROR, EstimateErrors, find_estimate_errors
from pgtune.model.finding import Cause, Symptom
from pgtune.model.plan import PlanNode, Role
from pgtune.rules.statistics_remedy import find_remedy

MIN_LOOPS = 1000  # runs of the inner side; a few hundred index scans take a millisecond; chosen
# Of the inner side's time beyond the expected runs: what a join that reads it once saves; chosen.
OTHER_JOIN_FRACTION = 0.5


def check(
    plan: MeasuredPlan,
    catalog: Catalog | None,
    *,
    min_q_error: float = MIN_Q_ERROR,
    min_loops: float = MIN_LOOPS,
) -> Iterator[Symptom]:
    """Yield each nested loop whose outer side was underestimated."""
    errors = find_estimate_errors(plan, min_q_error)
    for node, _ in plan.measured():
        outer, inner = node.child(Role.OUTER), node.child(Role.INNER)
        if node.node_type != "Nested Loop" or outer is None or inner is None:
            continue
        if inner.actual is None or inner.actual.loops < min_loops:
            continue
        if _times_expected(outer) >= min_q_error:
            yield _symptom(plan, errors, outer, inner, catalog)


def _times_expected(outer: PlanNode) -> float:
    """How many times more outer rows, each of them one run of the inner side, than expected."""
    if outer.actual is None or outer.estimate is None:
        return 0.0
    return outer.actual.rows / max(1.0, outer.estimate.rows)


def _symptom(
    plan: MeasuredPlan, errors: EstimateErrors, outer: PlanNode, inner: PlanNode, catalog: Catalog | None
) -> Symptom:
    assert inner.actual is not None
    times = _times_expected(outer)
    loops = inner.actual.loops
    error = errors.worst_below(outer)
    wrong = error.node if error is not None else outer
    remedy = find_remedy(error, catalog) if error is not None else None
    return Symptom(
        message=f"{inner.label} runs {loops:,} times in a nested loop, {loops / times:,.0f} expected",
        node=inner.number,
        saves=OTHER_JOIN_FRACTION * plan.share_below(inner) * (1 - 1 / times),
        cause=Cause.ESTIMATE,
        cause_node=wrong.number,
        detail=f"The outer side returned {times:,.0f} times the rows that the planner expected; "
        f"the error begins at node {wrong.number}, {wrong.label}.",
        hint=remedy.hint if remedy is not None else "Correct the estimate of the outer side.",
        action=remedy.action if remedy is not None else None,
    )
