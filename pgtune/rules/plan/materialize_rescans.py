"""A nested loop goes through the same materialized rows again and again.

Materialize keeps the inner side of a nested loop so that it need not be computed for each outer row. The
rows are still all visited, once per outer row, and the join filter is tested for each: rows times loops is
the cost.

Instead of:
    SELECT * FROM visits v JOIN rates r ON v.day >= r.valid_from AND v.day < r.valid_to;
Use:
    SELECT *
    FROM visits v
    CROSS JOIN LATERAL (
        SELECT * FROM rates r WHERE r.valid_from <= v.day ORDER BY r.valid_from DESC LIMIT 1
    ) r;  -- with an index on rates (valid_from)

Ignore when: most pairs match; then the product is the result.
Source: https://www.postgresql.org/docs/current/runtime-config-query.html#GUC-ENABLE-MATERIAL
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.plan import Actual, PlanNode, Role
from pgtune.model.qual import ClauseKind
from pgtune.parse.qual import read_clauses

MIN_LOOPS = 100  # passes over the kept rows; chosen
MIN_PAIRS = 100_000  # rows times loops; about 10 ms with a simple filter; chosen
MAX_KEPT_FRACTION = 0.5  # of the pairs; above, visiting them is the work that was asked for; chosen


def check(
    plan: MeasuredPlan, *, min_loops: float = MIN_LOOPS, min_pairs: float = MIN_PAIRS
) -> Iterator[Symptom]:
    """Yield each Materialize below a nested loop whose passes find few pairs."""
    for node, actual in plan.measured():
        if node.node_type not in ("Materialize", "Material") or node.role is not Role.INNER:
            continue
        join = plan.parent(node)
        if join is None or join.node_type != "Nested Loop" or join.quals.join_filter is None:
            continue
        kept = join.actual.total_rows if join.actual is not None else 0.0
        pairs = actual.total_rows
        if actual.loops >= min_loops and pairs >= min_pairs and kept <= MAX_KEPT_FRACTION * pairs:
            yield _symptom(plan, join, node, actual, kept)


def _symptom(plan: MeasuredPlan, join: PlanNode, node: PlanNode, actual: Actual, kept: float) -> Symptom:
    pairs = actual.total_rows
    assert join.quals.join_filter is not None
    return Symptom(
        message=f"{actual.rows:,.0f} materialized rows are visited {actual.loops:,} times, "
        f"{pairs:,.0f} pairs to keep {kept:,.0f}",
        node=node.number,
        saves=(plan.share(node) + plan.share(join)) * (1 - kept / pairs),
        cause=Cause.JOIN,
        cause_node=join.number,
        object=_object(node),
        detail=f"The nested loop tests {join.quals.join_filter} for every pair.",
        hint=_hint(join.quals.join_filter),
        index_need=IndexNeed(Purpose.JOIN, join.number),
    )


def _hint(join_filter: str) -> str:
    if any(clause.kind is ClauseKind.EQUALITY for clause in read_clauses(join_filter)):
        return (
            "Find out why the equality is not hashed: too few rows expected, enable_hashjoin = off, or "
            "a type that cannot be hashed; else create an index for it."
        )
    return "Create an index that the join condition can search, or add an equality to the condition."


def _object(node: PlanNode) -> str | None:
    return next((below.object_name for below in node.walk() if below.object_name is not None), None)
