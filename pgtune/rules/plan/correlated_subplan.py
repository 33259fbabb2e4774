"""A sub-query runs again for each row of the outer query.

A sub-query that mentions a column of the outer query becomes a SubPlan, which runs once per outer row. Each
run is cheap or dear by itself, but there is no other way left to the planner: it cannot turn the loop into a
hash or merge join. Written as a join to rows that were grouped once, the inner relation is read once.

Instead of:
    SELECT u.id, (SELECT sum(o.total) FROM orders o WHERE o.user_id = u.id)
    FROM users u;
Use:
    SELECT u.id, s.total
    FROM users u
    LEFT JOIN (SELECT user_id, sum(total) AS total FROM orders GROUP BY user_id) s ON s.user_id = u.id;

With few outer rows, LEFT JOIN LATERAL (...) ON true fits better, and gives several columns at once. A count
needs coalesce(s.n, 0), as a user without orders has no row to join.

Ignore when: the outer query returns few rows, and an index finds the inner ones.
Source: https://www.postgresql.org/docs/current/queries-table-expressions.html#QUERIES-LATERAL
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.plan import Actual, PlanNode, Role

MIN_LOOPS = 100  # runs; with fewer, looping is as good as joining; chosen
# Of the SubPlan's time, when an index finds the rows of each run. Measured on 15.18 and 18.6, 20,000 loops of
# 10 rows: joining to a grouped sub-query took 0.15 to 1.5 times as long as the loop.
INDEXED_SAVING = 0.5
DOMINANT_FRACTION = 0.5  # of the SubPlan's time: then the scan without an index is what is wrong; chosen
_HASHED = re.compile(r"\bhashed (SubPlan \S+?)\b")
_REWRITE = "joined to a sub-query that groups its rows, it would do so once"
_TUPLE_STORES = frozenset({"Materialize", "CTE Scan"})


def check(plan: MeasuredPlan, *, min_loops: float = MIN_LOOPS) -> Iterator[Symptom]:
    """Yield each outermost SubPlan that ran often."""
    inside = (
        0  # number of the last node below the SubPlan reported last: its own SubPlans have the same cause
    )
    for node, actual in plan.measured():
        if node.number <= inside or node.role is not Role.SUB_PLAN or actual.loops < min_loops:
            continue
        owner = plan.parent(node)
        if owner is None or _is_hashed(node, owner) or _is_uncorrelated(node):
            continue
        below = tuple(node.walk())
        inside = below[-1].number
        saves = _saving(plan, below, actual)
        yield _symptom(plan, node, actual, owner, saves, _unindexed_scan(plan, below, actual))


def _is_hashed(node: PlanNode, owner: PlanNode) -> bool:
    """Each process builds the hash table of a hashed SubPlan once; that is not a run per row."""
    texts = (*owner.quals.texts(), *owner.output)
    return any(name == node.subplan_name for text in texts for name in _HASHED.findall(text))


def _is_uncorrelated(node: PlanNode) -> bool:
    """Its rows are kept and read again; see subplan-not-hashed."""
    return node.node_type in _TUPLE_STORES and node.quals.filter is None


def _saving(plan: MeasuredPlan, below: tuple[PlanNode, ...], actual: Actual) -> float:
    """What one pass saves: the scans that read everything each time, but for one time, a part of the rest."""
    whole = sum(plan.share(node) for node in below if _reads_everything(node, actual.loops))
    rest = sum(plan.share(node) for node in below) - whole
    return whole + rest * INDEXED_SAVING


def _unindexed_scan(plan: MeasuredPlan, below: tuple[PlanNode, ...], actual: Actual) -> PlanNode | None:
    """The scan that takes most of the SubPlan's time and that an index would narrow; None without one."""
    scans = (node for node in below if node.node_type == "Seq Scan" and node.quals.filter is not None)
    dearest = max(
        (scan for scan in scans if _reads_everything(scan, actual.loops)), key=plan.share, default=None
    )
    if dearest is None or plan.share(dearest) < DOMINANT_FRACTION * sum(map(plan.share, below)):
        return None
    return dearest


def _reads_everything(node: PlanNode, loops: int) -> bool:
    """True for a scan that no index narrows, in every run of the SubPlan."""
    if node.actual is None or node.actual.loops < loops or node.inputs or node.node_type == "Result":
        return False
    return node.quals.index_cond is None and node.quals.tid_cond is None


def _symptom(
    plan: MeasuredPlan, node: PlanNode, actual: Actual, owner: PlanNode, saves: float, scan: PlanNode | None
) -> Symptom:
    name = node.subplan_name or "SubPlan"
    wall_ms = plan.charge(node).wall_ms
    times = f" and took {wall_ms:,.1f} ms in all" if wall_ms is not None else ""
    return Symptom(
        message=f"{name} of {owner.label} runs {actual.loops:,} times, once per row",
        node=node.number,
        saves=saves,
        cause=Cause.SUBQUERY if scan is None else Cause.ACCESS_PATH,
        cause_node=None if scan is None else scan.number,
        object=name,
        detail=f"The sub-query depends on the outer row, so it ran {actual.loops:,} times{times}."
        + (f" Each time {scan.label} reads the whole relation; {_REWRITE}." if scan is not None else ""),
        hint="Join to a sub-query that groups the inner rows once; with few outer rows use LATERAL.",
        index_need=None if scan is None else IndexNeed(Purpose.FILTER, scan.number),
    )
