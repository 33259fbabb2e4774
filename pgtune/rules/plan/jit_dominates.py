"""Compiling the query's expressions takes a large part of its time.

JIT compilation starts when the estimated cost of the whole plan passes jit_above_cost, for every expression
of every node, whether it is then evaluated a million times or once. It pays for long scans, and costs tens
or hundreds of milliseconds in plans that are dear on paper only, or that have many nodes (partitions).

The times are part of the execution time: generation falls outside the plan tree, while the executor starts;
inlining, optimization and emission fall into the first row of the nodes that need the code. Those of parallel
workers are added, although they run side by side.

Instead of:
    SET jit = on;  -- the default up to 18, with jit_above_cost = 100000
Use:
    ALTER ROLE web SET jit = off;

Ignore when: the query is long enough for the compiled code to win the time back: compare with jit = off.
Source: https://www.postgresql.org/docs/current/jit-decision.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.action import Action
from pgtune.model.charge import TimedPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.node_details import Jit
from pgtune.model.plan import DISABLED_COST

MIN_JIT_SHARE = 0.2  # of the statement; chosen
MIN_JIT_MS = 5.0  # chosen


def check(
    plan: TimedPlan, *, min_jit_share: float = MIN_JIT_SHARE, min_jit_ms: float = MIN_JIT_MS
) -> Iterator[Symptom]:
    """Yield the compilation when it takes a large part of the time."""
    jit = plan.plan.jit
    if jit is None or jit.total_ms is None:
        return
    processes = 1 + max((node.workers_launched or 0 for node in plan.nodes), default=0)
    # Each process compiles for itself, all at once: an even part is what the statement waits for.
    # What the compiled code won back is not known, so this is the most that can go.
    wall_ms = jit.total_ms / processes
    share = plan.share_of_ms(wall_ms)
    if wall_ms < min_jit_ms or share < min_jit_share:
        return
    added = f" in each of {processes} processes" if processes > 1 else ""
    yield Symptom(
        message=f"JIT compilation takes {wall_ms:,.1f} ms{added}, {share:.0%} of the time",
        node=None,
        saves=share,
        cause=Cause.STATEMENT,
        object="jit",
        detail=_detail(plan, jit),
        hint=_hint(plan),
        action=Action(sql="SET jit = off;", undo="RESET jit;"),
    )


def _detail(plan: TimedPlan, jit: Jit) -> str:
    parts = {
        "generation": jit.generation_ms,
        "inlining": jit.inlining_ms,
        "optimization": jit.optimization_ms,
        "emission": jit.emission_ms,
    }
    listed = ", ".join(f"{name} {ms:,.1f} ms" for name, ms in parts.items() if ms)
    compiled = f"{jit.functions} functions were compiled: {listed}, all inside the execution time."
    root = plan.plan.root
    if root.estimate is not None and root.estimate.total_cost >= DISABLED_COST:
        compiled += " The cost that started it is that of a disabled node."
    return compiled


def _hint(plan: TimedPlan) -> str:
    estimate = plan.plan.root.estimate
    if estimate is None or estimate.total_cost >= DISABLED_COST:
        return "Set jit = off for this query."
    return (
        f"Set jit = off for this query, or jit_above_cost above {estimate.total_cost:,.0f}, the plan's cost."
    )
