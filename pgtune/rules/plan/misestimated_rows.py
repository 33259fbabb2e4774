"""The planner expected a very different number of rows.

The planner chooses access paths, join order and join methods by how many rows it expects. An error of ten
times or more low in the plan makes everything above it a guess, so only the lowest wrong node is reported:
the others mostly follow from it. The usual reasons are old statistics, columns that depend on each other
(the planner multiplies their selectivities), a skewed column with too small a sample, and values hidden in
an expression.

Instead of:
    SELECT * FROM orders WHERE city = 'Lyon' AND country = 'FR';  -- rows=12, actual rows=4100
Use:
    CREATE STATISTICS orders_city_country_stats (dependencies, mcv) ON city, country FROM orders;
    ANALYZE orders;

Ignore when: the plan is the right one all the same; a plain scan has nothing to choose.
Source: https://www.postgresql.org/docs/current/planner-stats.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.catalog import Catalog
from pgtune.model.charge import MeasuredPlan
from pgtune.model.estimate_error import GROUPINGS, JOINS, MIN_Q_ERROR, EstimateError, find_estimate_errors
from pgtune.model.finding import Cause, Symptom
from pgtune.model.plan import PlanNode
from pgtune.rules.statistics_remedy import Remedy, find_remedy

# Of the join above, less the wrong node itself. A nested loop is chosen for few outer rows, so too few
# expected often made it; another join is often the right one even so. Chosen.
LOOP_FRACTION = 0.5
OTHER_FRACTION = 0.1


def check(
    plan: MeasuredPlan, catalog: Catalog | None, *, min_q_error: float = MIN_Q_ERROR
) -> Iterator[Symptom]:
    """Yield each lowest node whose rows were misestimated."""
    for error in find_estimate_errors(plan, min_q_error).lowest:
        remedy = find_remedy(error, catalog)
        if remedy.action is not None or not _is_idle_guess(plan, error):
            yield _symptom(plan, error, remedy)


def _is_idle_guess(plan: MeasuredPlan, error: EstimateError) -> bool:
    """True of fewer groups than expected, where nothing was planned by their number."""
    grouping = error.node.node_type in GROUPINGS and not error.underestimated
    return grouping and _join_above(plan, error.node) is None


def _symptom(plan: MeasuredPlan, error: EstimateError, remedy: Remedy) -> Symptom:
    assert error.node.actual is not None
    per_loop = " per loop" if error.node.actual.loops > 1 else ""
    direction = "under" if error.underestimated else "over"
    return Symptom(
        message=f"{error.node.label} returned {error.actual:,.0f} rows{per_loop}, "
        f"{error.estimated:,.0f} expected",
        node=error.node.number,
        saves=_saving(plan, error),
        cause=Cause.ESTIMATE,
        detail=f"The planner {direction}estimated the rows {error.q_error:,.0f} times.",
        hint=remedy.hint,
        action=remedy.action,
    )


def _saving(plan: MeasuredPlan, error: EstimateError) -> float:
    """Nothing where no join depends on the estimate."""
    join = _join_above(plan, error.node)
    if join is None:
        return 0.0
    loop = join.node_type == "Nested Loop" and error.underestimated
    dependent = plan.share_below(join) - plan.share_below(error.node)
    return max(0.0, dependent) * (LOOP_FRACTION if loop else OTHER_FRACTION)


def _join_above(plan: MeasuredPlan, node: PlanNode) -> PlanNode | None:
    return next((above for above in plan.ancestors(node) if above.node_type in JOINS), None)
