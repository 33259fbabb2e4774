"""RewriteAdvice in, the same with what running originals and replacements on a disposable copy takes, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from pgtune.advice.suggestion.parameter_values import Statistics
from pgtune.advice.suggestion.runnable_queries import statistics_by_column, with_typical_values
from pgtune.cli.disposable_database import COPY_OF_SAMPLE, place_of, sample_copy
from pgtune.cli.loop_ways import loop_work, relations_of
from pgtune.cli.rewrite_request import RewriteRequest
from pgtune.cli.screen import bar_on_terminal
from pgtune.cli.target import OnProgress
from pgtune.errors import PgtuneError, ServerError
from pgtune.model.batch import LoopAdvice
from pgtune.model.rewrite import Rewrite, RunTimes
from pgtune.model.rewrite_advice import RewriteAdvice
from pgtune.model.snapshot import ColumnStatistics
from pgtune.model.workload import Query
from pgtune.sources.catalog import read_catalog
from pgtune.sources.disposable_copy import disposable_copy
from pgtune.sources.disposable_session import open_session
from pgtune.sources.time_batch import time_ways
from pgtune.sources.time_pair import time_pair

_NOTHING = "nothing was measured: there is no replacement to run"


def measured(
    request: RewriteRequest, advice: RewriteAdvice, statistics: Sequence[ColumnStatistics]
) -> RewriteAdvice:
    """Run each rewrite and each loop on a copy of the sample, or of the database of --measure-dsn.

    Parameters without values get typical ones of *statistics*. What cannot be measured says why; nothing is
    raised for it.
    """
    if not advice.rewrites and not any(_can_be_run(loop) for loop in advice.loops):
        return replace(advice, remarks=(*advice.remarks, _NOTHING))
    try:
        with bar_on_terminal() as on_progress, _copy(request, on_progress) as (conninfo, place):
            run = _Run(request, advice, conninfo, on_progress, statistics_by_column(statistics))
            rewrites = tuple(run.rewrite(each) for each in advice.rewrites)
            loops = tuple(run.loop(each) for each in advice.loops)
    except ServerError as error:
        return replace(advice, remarks=(*advice.remarks, f"nothing was measured: {error}"))
    remarks = (*advice.remarks, f"measured on {place}", *run.remarks)
    return replace(advice, rewrites=rewrites, loops=loops, remarks=remarks)


@contextmanager
def _copy(request: RewriteRequest, on_progress: OnProgress) -> Iterator[tuple[str, str]]:
    """Yield the connection string of a database to write in, and what to call it."""
    if request.measure_dsn is None:
        with sample_copy(on_progress) as copy:
            yield copy, place_of(copy, COPY_OF_SAMPLE)
        return
    on_progress("copying the database", 0.0)
    with disposable_copy(request.measure_dsn) as copy:
        yield copy, place_of(copy, "a copy of what --measure-dsn names")


@dataclass(slots=True)
class _Run:
    """Measures one thing after the other, and tells how far the whole is."""

    request: RewriteRequest
    advice: RewriteAdvice
    conninfo: str  # of the copy
    on_progress: OnProgress
    statistics: Statistics
    remarks: list[str] = field(default_factory=list)
    _done: int = 0

    def rewrite(self, rewrite: Rewrite) -> Rewrite:
        """Run the original and the replacement in turns."""
        self._step(rewrite.query.name)
        query = self._with_values(rewrite)
        if isinstance(query, str):
            return replace(rewrite, times=RunTimes(reason=query))
        return replace(rewrite, times=time_pair(self.conninfo, query, rewrite.sql, self.request.timeout_ms))

    def loop(self, loop: LoopAdvice) -> LoopAdvice:
        """Run the loop and what may take its place."""
        self._step(loop.loop.place)
        if not _can_be_run(loop):
            return loop
        try:
            with open_session(self.conninfo) as connection:
                work = loop_work(loop, read_catalog(connection, relations_of(loop)))
        except PgtuneError as error:
            self.remarks.append(f"{loop.loop.place}: not measured: {error}")
            return loop
        times = time_ways(self.conninfo, work.ways, work.source, self.request.timeout_ms)
        self.remarks += (f"{loop.loop.place}: not measured: {why}" for why in times.unmeasured)
        if times.remark:
            self.remarks.append(f"{loop.loop.place}: {times.remark}")
        return replace(loop, timings=times.timings)

    def _with_values(self, rewrite: Rewrite) -> Query | str:
        if rewrite.query.values is not None:
            return rewrite.query
        return with_typical_values(rewrite.query, rewrite.before.plan, self.statistics)

    def _step(self, what: str) -> None:
        steps = len(self.advice.rewrites) + len(self.advice.loops)
        self.on_progress(f"measuring {what}", self._done / steps)
        self._done += 1


def _can_be_run(loop: LoopAdvice) -> bool:
    return loop.batch is not None or bool(loop.others)
