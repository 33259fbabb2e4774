"""Of a long workload the queries are planned that make up its time; the others are told."""

from __future__ import annotations

from collections import Counter

from pgtune.advice.suggestion.workload_share import (
    MAX_TIMED,
    MAX_UNTIMED,
    MIN_TIMED,
    TIME_SHARE,
    TOO_FEW_CALLS,
    TOO_LITTLE_TIME,
    heaviest,
)
from pgtune.model.names import RelationName
from pgtune.model.workload import Query, SkippedStatement, Workload, WorkloadOrigin, Write, WriteKind

WRITES = (Write(RelationName(None, "t"), WriteKind.INSERT, frozenset(), 7.0),)


def timed(*total_ms: float) -> Workload:
    queries = tuple(
        Query(number, f"query {number}", "SELECT 1", str(number), total_ms=each)
        for number, each in enumerate(total_ms)
    )
    skipped = (SkippedStatement("query x", "session setting", "SET a = 1", 5.0),)
    return Workload(
        WorkloadOrigin.STATEMENTS, queries, skipped, WRITES, seen=len(queries) + 1, seen_ms=sum(total_ms) + 5
    )


def numbers(workload: Workload) -> list[int]:
    return [query.number for query in workload.queries]


def test_what_takes_nearly_all_of_the_time_is_planned_and_the_rest_is_told() -> None:
    times = [0.0001] * 800 + [1000.0] * 150  # the heavy ones last: their order stays
    share = heaviest(timed(*times))
    assert numbers(share) == list(range(800, 950))[: len(share.queries)]
    planned_ms = sum(query.total_ms or 0.0 for query in share.queries)
    assert TIME_SHARE * sum(times) <= planned_ms < TIME_SHARE * sum(times) + 1000.0
    reasons = Counter(each.reason for each in share.skipped)
    assert reasons == {"session setting": 1, TOO_LITTLE_TIME: 950 - len(share.queries)}


def test_nothing_is_lost() -> None:
    whole = timed(*(1 / rank for rank in range(1, 2001)))
    share = heaviest(whole)
    assert len(share.queries) == MAX_TIMED
    assert (share.seen, share.seen_ms, share.writes) == (whole.seen, whole.seen_ms, whole.writes)
    assert len(share.queries) + len(share.skipped) == whole.seen
    told_ms = [query.total_ms or 0.0 for query in share.queries]
    told_ms += [skipped.total_ms or 0.0 for skipped in share.skipped]
    assert whole.seen_ms is not None
    assert abs(sum(told_ms) - whole.seen_ms) < 1e-6


def test_a_short_workload_stays_whole_though_one_query_takes_all_of_the_time() -> None:
    whole = timed(1e9, *[0.0] * (MIN_TIMED - 1))
    assert heaviest(whole) is whole


def test_what_cannot_be_planned_takes_no_part_of_the_share() -> None:
    refused = set(range(0, 600, 2))
    share = heaviest(timed(*[1.0] * 1200), refused)
    planned = [number for number in numbers(share) if number not in refused]
    assert planned == [*range(1, 600, 2)][:MAX_TIMED]
    assert refused <= set(numbers(share))


def test_without_times_the_calls_rank() -> None:
    queries = tuple(
        Query(number, f"{number}.sql", "SELECT 1", str(number), calls=2.0 if number >= 1500 else 1.0)
        for number in range(2000)
    )
    share = heaviest(Workload(WorkloadOrigin.FILES, queries, seen=2000))
    assert numbers(share) == [*range(MAX_UNTIMED - 500), *range(1500, 2000)]
    assert {each.reason for each in share.skipped} == {TOO_FEW_CALLS}
