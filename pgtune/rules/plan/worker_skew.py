"""One parallel worker does most of the work while the others wait for it.

A Gather returns its last row when its slowest process is done. Work is handed out in blocks of a relation and
in members of an Append, so it is uneven when one partition is much larger than the others and is read by one
process, or when the rows that take long lie together, or when most rows of a join have one key.

Instead of:
    CREATE TABLE events_all PARTITION OF events DEFAULT;  -- all rows in one partition, a few in the others
Use:
    CREATE TABLE events_2026_11 PARTITION OF events FOR VALUES FROM ('2026-11-01') TO ('2026-12-01');

Or let all processes share the large partition: it needs a parallel plan of its own, so parallel_workers or
min_parallel_table_scan_size must allow one for it.

Ignore when: the query is over in milliseconds, and starting a worker takes as long.
Source: https://www.postgresql.org/docs/current/parallel-plans.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pgtune.model.charge import TimedPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.plan import GATHERS, PlanNode, Role

MIN_RATIO = 3.0  # the slowest worker to the mean of the others; chosen
MIN_LOST_MS = 5.0  # starting a worker takes a few milliseconds; chosen
_MEMBER_HINT = (
    "Split the large partition, or let it be scanned in parallel (parallel_workers of the relation)."
)


@dataclass(frozen=True, slots=True)
class _Skew:
    """How uneven the workers below a Gather were busy with one node."""

    slowest: int  # number of the worker
    slowest_ms: float
    others_ms: float  # mean
    even_ms: float  # mean of all workers

    @property
    def lost_ms(self) -> float:
        """What the slowest took longer than with an even spread."""
        return self.slowest_ms - self.even_ms


def check(
    plan: TimedPlan, *, min_ratio: float = MIN_RATIO, min_lost_ms: float = MIN_LOST_MS
) -> Iterator[Symptom]:
    """Yield each Gather with workers that were busy for very different times."""
    for gather, _ in plan.measured():
        top = gather.child(Role.OUTER) if gather.node_type in GATHERS else None
        if top is None:
            continue
        numbers = [worker.number for worker in top.workers]
        skew = _skew(top, numbers)
        if skew is None or skew.lost_ms < min_lost_ms or skew.slowest_ms < min_ratio * skew.others_ms:
            continue
        if skew.slowest_ms < _leader_ms(top):
            continue  # the workers came late to a short query: nothing to spread
        yield _symptom(plan, gather, _origin(top, numbers, skew), skew)


def _skew(node: PlanNode, numbers: list[int]) -> _Skew | None:
    """Compare the workers; one that did not come to the node was busy with it for no time."""
    if len(numbers) < 2:
        return None
    times = dict.fromkeys(numbers, 0.0)
    times |= {worker.number: (worker.total_ms or 0.0) * worker.loops for worker in node.workers}
    slowest = max(times, key=lambda number: times[number])
    total_ms = sum(times.values())
    return _Skew(
        slowest=slowest,
        slowest_ms=times[slowest],
        others_ms=(total_ms - times[slowest]) / (len(times) - 1),
        even_ms=total_ms / len(times),
    )


def _leader_ms(node: PlanNode) -> float:
    """The node's figures are sums over all processes; EXPLAIN does not print the leader's."""
    if node.actual is None:
        return 0.0
    workers_ms = sum((worker.total_ms or 0.0) * worker.loops for worker in node.workers)
    return (node.actual.total_ms or 0.0) * node.actual.loops - workers_ms


def _origin(top: PlanNode, numbers: list[int], skew: _Skew) -> PlanNode:
    """The lowest node in which the same worker loses most of the time."""
    node = top
    while True:
        below = [child for child in node.inputs if _loses_it_too(_skew(child, numbers), skew)]
        if not below:
            return node
        node = below[0]


def _loses_it_too(below: _Skew | None, skew: _Skew) -> bool:
    return below is not None and below.slowest == skew.slowest and below.lost_ms >= skew.lost_ms / 2


def _symptom(plan: TimedPlan, gather: PlanNode, origin: PlanNode, skew: _Skew) -> Symptom:
    rows = sum(worker.rows * worker.loops for worker in origin.workers if worker.number == skew.slowest)
    all_rows = origin.actual.total_rows if origin.actual is not None else 0.0
    member = origin.role is Role.MEMBER
    return Symptom(
        message=f"worker {skew.slowest} is busy with {origin.label} for {skew.slowest_ms:,.1f} ms, "
        f"the other workers for {skew.others_ms:,.1f} ms",
        node=origin.number,
        saves=plan.share_of_ms(skew.lost_ms),
        cause=Cause.STATEMENT,
        detail=f"It returned {rows:,.0f} of {all_rows:,.0f} rows; {gather.node_type} waits for it.",
        hint=_MEMBER_HINT
        if member
        else "Look for a join key that most rows share, or rows that are dear to test.",
    )
