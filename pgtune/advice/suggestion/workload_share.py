"""A workload of any length in, the part of it that is worth planning out.

Time is spent by few statements: to plan the other thousands would cost much, and change nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import accumulate

from pgtune.model.workload import Query, SkippedStatement, Workload

TIME_SHARE = 0.99  # of the time of all queries that can be planned; chosen
MIN_TIMED = 100  # queries that are planned however little time they take; chosen
MAX_TIMED = 300  # queries; chosen
MAX_UNTIMED = 1000  # queries of files, whose time nobody knows; chosen
TOO_LITTLE_TIME = "too little of the time"
TOO_FEW_CALLS = "too few calls"


def heaviest(workload: Workload, refused: Collection[int] = ()) -> Workload:
    """Return *workload* with the queries that make up its time, in their order, the others skipped.

    Queries without times are ranked by their calls. Those that are *refused*, by Query.number, stay, for the
    planner to say why, and take nothing from the others. Writes stay whole: they cost each index.
    """
    plannable = [query for query in workload.queries if query.number not in refused]
    timed = workload.is_timed
    chosen = _most_time(plannable) if timed else _most_calls(plannable)
    left = {query.number for query in plannable} - {query.number for query in chosen}
    if not left:
        return workload
    reason = TOO_LITTLE_TIME if timed else TOO_FEW_CALLS
    return replace(
        workload,
        queries=tuple(query for query in workload.queries if query.number not in left),
        skipped=(
            *workload.skipped,
            *(
                SkippedStatement(query.name, reason, query.text, query.total_ms)
                for query in workload.queries
                if query.number in left
            ),
        ),
    )


def _most_time(queries: Sequence[Query]) -> Sequence[Query]:
    """Return the fewest queries that take TIME_SHARE of the time, from MIN_TIMED to MAX_TIMED of them."""
    ranked = sorted(queries, key=lambda query: -(query.total_ms or 0.0))
    wanted_ms = TIME_SHARE * sum(query.total_ms or 0.0 for query in ranked)
    taken_ms = accumulate((query.total_ms or 0.0 for query in ranked), initial=0.0)
    needed = sum(1 for taken in taken_ms if taken < wanted_ms)
    return ranked[: max(MIN_TIMED, min(needed, MAX_TIMED))]


def _most_calls(queries: Sequence[Query]) -> Sequence[Query]:
    return sorted(queries, key=lambda query: -query.calls)[:MAX_UNTIMED]
