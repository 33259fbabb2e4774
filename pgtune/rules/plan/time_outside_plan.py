"""Much of the execution time passes outside the nodes of the plan.

Execution time covers more than the tree: starting the executor (opening every relation and index, preparing
expressions), foreign keys and other AFTER triggers, turning rows into text (EXPLAIN with SERIALIZE, 17 and
later), storing them (CREATE TABLE AS, SELECT INTO), the end of data-modifying CTEs, and the clean-up. No node
shows it, so a plan can look fast that is not. Triggers and JIT have rules of their own.

Instead of:
    SELECT * FROM orders;  -- every column of every row is read from TOAST, made text and sent
Use:
    SELECT id, status FROM orders ORDER BY id LIMIT 100;

Ignore when: the statement is over in milliseconds, or it was the first of its session (code is loaded then).
Source: src/backend/commands/explain.c, ExplainOnePlan (PostgreSQL 18)
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.charge import TimedPlan
from pgtune.model.finding import Cause, Severity, Symptom

SEVERITY = Severity.INFO

MIN_OUTSIDE_SHARE = 0.2  # of the statement; chosen
MIN_OUTSIDE_MS = 5.0  # chosen
MANY_RELATIONS = 100  # that the executor opens, before it can start; chosen
MANY_ROWS = 1000  # storing fewer takes no time that matters; chosen


def check(
    plan: TimedPlan,
    *,
    min_outside_share: float = MIN_OUTSIDE_SHARE,
    min_outside_ms: float = MIN_OUTSIDE_MS,
) -> Iterator[Symptom]:
    """Yield the serialization of the rows, and the time that nothing printed explains."""
    serialization_ms = plan.plan.serialization_ms or 0.0
    unexplained_ms = _unexplained_ms(plan)
    if serialization_ms >= min_outside_ms and plan.share_of_ms(serialization_ms) >= min_outside_share:
        yield _serialization(plan, serialization_ms)
    if unexplained_ms >= min_outside_ms and plan.share_of_ms(unexplained_ms) >= min_outside_share:
        yield _unexplained(plan, unexplained_ms)


def _unexplained_ms(plan: TimedPlan) -> float:
    """Execution time less all that EXPLAIN names, each once.

    BEFORE triggers run inside the tree and AFTER triggers outside; EXPLAIN does not tell which is which, so
    all are taken off. Of JIT only the generation is outside; the rest is in the nodes' times. The part of a
    data-modifying CTE that its readers did not ask for is charged to it beyond the root's time.
    """
    root, execution_ms = plan.plan.root, plan.plan.execution_ms
    if execution_ms is None:
        return 0.0
    inside_ms = max(plan.charge(root).wall_ms or 0.0, sum(charge.own_ms or 0.0 for charge in plan.charges))
    triggers_ms = sum(trigger.ms or 0.0 for trigger in plan.plan.triggers)
    generation_ms = plan.plan.jit.generation_ms if plan.plan.jit is not None else 0.0
    return execution_ms - inside_ms - triggers_ms - generation_ms - (plan.plan.serialization_ms or 0.0)


def _serialization(plan: TimedPlan, ms: float) -> Symptom:
    root = plan.plan.root
    rows = root.actual.total_rows if root.actual is not None else 0.0
    return Symptom(
        message=f"turning {rows:,.0f} rows into what is sent takes {ms:,.1f} ms",
        node=None,
        saves=plan.share_of_ms(ms),
        cause=Cause.STATEMENT,
        object="serialization",
        detail="Large values are fetched and decompressed only here; sending the rows comes on top.",
        hint="Select only the columns and the rows that are used.",
    )


def _unexplained(plan: TimedPlan, ms: float) -> Symptom:
    return Symptom(
        message=f"{ms:,.1f} ms of the execution time are outside the plan",
        node=None,
        saves=plan.share_of_ms(ms),
        cause=Cause.STATEMENT,
        object="outside",
        detail=_suspects(plan),
        hint="Run it again in the same session; if the time stays, look at what becomes of the rows.",
    )


def _suspects(plan: TimedPlan) -> str:
    """What of the plan can take time outside it, likeliest first."""
    facts = []
    root, rows = (
        plan.plan.root,
        plan.plan.root.actual.total_rows if plan.plan.root.actual is not None else 0.0,
    )
    relations = sum(node.relation is not None for node in plan.nodes)
    if relations >= MANY_RELATIONS:
        facts.append(f"The executor opens {relations:,} relations with their indexes before it starts.")
    if plan.plan.jit is not None:
        facts.append(
            "The first JIT compilation of a session loads the compiler, which EXPLAIN does not count."
        )
    if plan.plan.query_text is not None and rows:
        facts.append(f"The duration in the log includes sending {rows:,.0f} rows to the client.")
    elif rows >= MANY_ROWS and root.node_type != "ModifyTable":
        facts.append(
            f"CREATE TABLE AS, SELECT INTO and a materialized view store the {rows:,.0f} rows out here."
        )
    return (
        " ".join(facts)
        or "Starting and ending the executor is what is left: opening relations, freeing memory."
    )
