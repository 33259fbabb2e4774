"""Planning the statement takes longer than running it.

The planner looks at the statistics, indexes and constraints of every relation and partition, and tries join
orders. For a statement that then reads a few rows this is most of the time, and it is paid again each time,
unless the plan is kept: a prepared statement gets a generic plan from its sixth execution on, if that is not
estimated to cost more than planning anew.

Instead of:
    SELECT * FROM events e JOIN users u USING (user_id) WHERE e.id = 42;  -- sent as new text each time
Use:
    PREPARE event_of_user (bigint) AS SELECT * FROM events e JOIN users u USING (user_id) WHERE e.id = $1;
    EXECUTE event_of_user (42);  -- drivers do this themselves: prepared statements in their settings

Name the partition key in the condition, so that the planner leaves the other partitions out at once.

Ignore when: the statement is rare, or it was the first of its session: that reads the system catalog into the
session's caches.
Source: https://www.postgresql.org/docs/current/sql-prepare.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Severity, Symptom

SEVERITY = Severity.INFO

MIN_PLANNING_MS = 5.0  # below, a round trip to the client costs as much; chosen
MANY_RELATIONS = 8  # scans; join_collapse_limit's default, above which the planner stops trying all orders
COLD_BLOCKS = (
    200  # of the system catalog read while planning; a warm session reads next to none; measured, 12-18
)


def check(plan: MeasuredPlan, *, min_planning_ms: float = MIN_PLANNING_MS) -> Iterator[Symptom]:
    """Yield the planning time when it exceeds the execution time."""
    planning_ms, execution_ms = plan.plan.planning_ms, plan.plan.execution_ms
    if planning_ms is None or execution_ms is None or planning_ms < max(min_planning_ms, execution_ms):
        return
    scans = sum(node.relation is not None for node in plan.nodes)
    yield Symptom(
        message=f"planning takes {planning_ms:,.1f} ms, execution {execution_ms:,.1f} ms",
        node=None,
        saves=planning_ms / (planning_ms + execution_ms),
        cause=Cause.STATEMENT,
        object="planning",
        detail=_detail(plan, scans),
        hint=_hint(scans),
    )


def _detail(plan: MeasuredPlan, scans: int) -> str:
    facts = [f"The plan reads {scans} relations." if scans != 1 else "The plan reads one relation."]
    removed = sum(node.subplans_removed for node in plan.nodes)
    if removed:
        facts.append(f"It was made for {removed} more partitions, left out when it started.")
    blocks = plan.plan.planning_buffers.accessed_blocks
    if blocks >= COLD_BLOCKS:
        facts.append(f"Planning read {blocks:,} catalog blocks, as the first statement of a session does.")
    return " ".join(facts)


def _hint(scans: int) -> str:
    if scans > MANY_RELATIONS:
        return "Prepare the statement once, execute it often; name the partition key or join fewer relations."
    return "Prepare the statement once and execute it often, and keep connections open in a pool."
