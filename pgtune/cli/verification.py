"""Index advice and queries that can be run in; the same advice with what building the indexes really does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pgtune.advice.suggestion.measured_proof import with_measurements
from pgtune.advice.suggestion.runnable_queries import RunnableQueries
from pgtune.cli.disposable_database import COPY_OF_SAMPLE, place_of, sample_copy
from pgtune.cli.screen import bar_on_terminal
from pgtune.cli.suggest_request import SuggestRequest
from pgtune.cli.target import OnProgress
from pgtune.model.index_advice import IndexAdvice, Verification
from pgtune.sources.build_and_measure import verify
from pgtune.sources.disposable_session import open_session

_NOTHING_BUILT = "Nothing was measured: there is no index to build"


def check_disposable(dsn: str) -> None:
    """Find out before a long search whether the database can be built in at all.

    Raises:
        UsageError: *dsn* is no connection string.
        ServerError: it cannot be reached, or is read-only.
    """
    with open_session(dsn):
        pass


def verified(request: SuggestRequest, advice: IndexAdvice, runnable: RunnableQueries) -> IndexAdvice:
    """Build the recommended indexes where the request says, measure, and drop them again.

    Raises:
        UsageError: --verify-dsn is no connection string.
        ServerError: the database cannot be reached, copied or built in.
    """
    if not advice.recommendations:
        return replace(advice, remarks=(*advice.remarks, _NOTHING_BUILT))
    with bar_on_terminal() as on_progress, _disposable(request, on_progress) as (conninfo, place):
        verification = verify(
            conninfo,
            place,
            advice.recommendations,
            advice.drops,
            runnable.queries,
            on_progress,
            request.timeout_ms,
        )
    return with_measurements(advice, _with_origins(verification, runnable))


@contextmanager
def _disposable(request: SuggestRequest, on_progress: OnProgress) -> Iterator[tuple[str, str]]:
    """Yield the connection string of a database to build in, and what to call it."""
    if request.verify_dsn is not None:
        yield request.verify_dsn, place_of(request.verify_dsn, "named by --verify-dsn")
        return
    with sample_copy(on_progress) as copy:
        yield copy, place_of(copy, COPY_OF_SAMPLE)


def _with_origins(verification: Verification, runnable: RunnableQueries) -> Verification:
    """Say whose values are pgtune's own choice, and why other queries were not run."""
    measurements = (
        replace(each, values_from_statistics=each.query.number in runnable.with_typical_values)
        for each in verification.measurements
    )
    unmeasured = (*verification.unmeasured, *runnable.unmeasured)
    return replace(verification, measurements=tuple(measurements), unmeasured=unmeasured)
