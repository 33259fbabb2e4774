"""Recommended indexes and a disposable database in; time and buffers before and after really building out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pgtune.model.index_advice import Drop, Measurement, Recommendation, Verification
from pgtune.model.names import RelationName
from pgtune.model.workload import Query
from pgtune.sources.built_indexes import built
from pgtune.sources.connect import ServerConnection
from pgtune.sources.construction import Construction, plan_construction
from pgtune.sources.disposable_session import open_session, run, translated
from pgtune.sources.query_timing import Timing, Untimed, time_query

# What is being done, and the fraction of the whole that is done (0 to 1).
OnProgress = Callable[[str, float], None]


def verify(
    conninfo: str,
    place: str,
    recommendations: Sequence[Recommendation],
    drops: Sequence[Drop],
    queries: Sequence[Query],
    on_progress: OnProgress,
    timeout_ms: int,
) -> Verification:
    """Run *queries* in the disposable database, build the indexes, run them again, and drop the indexes.

    The tables are vacuumed and analyzed before the first run: index-only scans depend on the visibility map,
    and tables that were just restored have none. *timeout_ms* limits each run of a query; 0 = none.
    *drops* are not carried out, because nothing puts an index back exactly as it was.

    Raises:
        UsageError: *conninfo* is no connection string.
        ConnectError: unreachable, refused, wrong password, unknown database.
        StatementRefused: a standby, a missing table, a taken name, no privilege, or a build that failed.
        StatementCancelled: a lock was not to be had.
        ConnectionLost: the server went away.
    """
    stopwatch = _Stopwatch(timeout_ms, on_progress, steps=2 * len(queries) + len(recommendations))
    with open_session(conninfo) as connection:
        with translated("disposable database", connection):
            constructions = plan_construction(connection, recommendations)
        _vacuum(connection, constructions)
        before = [stopwatch.time(connection, query, "before") for query in queries]
    with (
        built(conninfo, constructions, stopwatch.building) as built_bytes,
        open_session(conninfo) as connection,
    ):
        after = [
            stopwatch.time(connection, query, "after") if _can_be_timed(first) else first
            for query, first in zip(queries, before, strict=True)
        ]
    results = [*map(_result, queries, before, after)]
    return Verification(
        place=place,
        measurements=tuple(result for result in results if isinstance(result, Measurement)),
        built_bytes=built_bytes,
        estimated_bytes=sum(recommendation.size_bytes for recommendation in recommendations),
        unmeasured=(*(result for result in results if isinstance(result, str)), *_not_dropped(drops)),
    )


class _Stopwatch:
    """Times queries and tells how far the whole is."""

    def __init__(self, timeout_ms: int, on_progress: OnProgress, steps: int) -> None:
        self._timeout_ms = timeout_ms
        self._on_progress = on_progress
        self._steps = steps
        self._done = 0

    def time(self, connection: ServerConnection, query: Query, when: str) -> Timing | Untimed:
        self._step(f"measuring {when} the indexes: {query.name}")
        return time_query(connection, query, self._timeout_ms)

    def building(self, index: RelationName) -> None:
        self._step(f"building {index}")

    def _step(self, doing: str) -> None:
        self._on_progress(doing, self._done / self._steps)
        self._done += 1


def _vacuum(connection: ServerConnection, constructions: Sequence[Construction]) -> None:
    for table in dict.fromkeys(construction.table for construction in constructions):
        with translated(f"table {table}", connection):
            run(connection, f"VACUUM (ANALYZE) {table}")


def _can_be_timed(before: Timing | Untimed) -> bool:
    """False when indexes cannot change what kept the query from being timed."""
    return isinstance(before, Timing) or before.is_timeout


def _result(query: Query, before: Timing | Untimed, after: Timing | Untimed) -> Measurement | str:
    """What was measured, or a sentence that says why nothing was."""
    if isinstance(before, Timing) and isinstance(after, Timing):
        return Measurement(query, before.time_ms, after.time_ms, before.blocks, after.blocks)
    if before == after:
        return f"{query.name}: {_words(before)}"
    return f"{query.name}: {_words(before)} before the indexes, {_words(after)} after"


def _words(outcome: Timing | Untimed) -> str:
    return f"{outcome.time_ms:.3g} ms" if isinstance(outcome, Timing) else outcome.reason


def _not_dropped(drops: Sequence[Drop]) -> Iterator[str]:
    for drop in drops:
        yield f"{drop.index.name}: it was there in both measurements; what dropping it does is not measured"
