"""The plan was made for more parallel workers than it got.

The planner counts on max_parallel_workers_per_gather workers; when the query runs, it gets what is left of
max_parallel_workers and max_worker_processes, which all sessions share. With fewer the same plan gives
the same answer, slower than planned, and often a plan without parallelism would have been better.

Instead of:
    SET max_parallel_workers_per_gather = 8;  -- of max_parallel_workers = 8 for all sessions
Use:
    ALTER SYSTEM SET max_parallel_workers = 16;  -- and max_worker_processes, which needs a restart

Ignore when: the server was unusually busy; the same query gets its workers at other times.
Source: https://www.postgresql.org/docs/current/when-can-parallel-query-be-used.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.catalog import Catalog
from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.plan import PlanNode

_SETTINGS = ("max_parallel_workers", "max_worker_processes", "max_parallel_workers_per_gather")


def check(plan: MeasuredPlan, catalog: Catalog | None) -> Iterator[Symptom]:
    """Yield each Gather that started fewer workers than planned."""
    first: int | None = None
    for node, _ in plan.measured():
        planned, launched = node.workers_planned, node.workers_launched
        if planned is None or launched is None or launched >= planned:
            continue
        first = first or node.number
        yield Symptom(
            message=f"{node.label} started {launched} of {planned} planned workers",
            node=node.number,
            saves=_saving(plan, node, planned, launched),
            cause=Cause.STATEMENT,
            cause_node=first,  # all for want of the same workers
            detail=_detail(catalog),
            hint="Raise max_parallel_workers, or lower max_parallel_workers_per_gather.",
        )


def _saving(plan: MeasuredPlan, gather: PlanNode, planned: int, launched: int) -> float:
    """The time below the Gather, were it spread over all workers; the leader works too."""
    below = plan.share_below(gather) - plan.share(gather)
    return below * (1 - (launched + 1) / (planned + 1))


def _detail(catalog: Catalog | None) -> str:
    reason = "No worker was free, or the statement was run in a way that allows none (a cursor)."
    if catalog is None:
        return reason
    known = ", ".join(f"{name} = {catalog.settings[name]}" for name in _SETTINGS if name in catalog.settings)
    return f"{reason} The server has {known}." if known else reason
