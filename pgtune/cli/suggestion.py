"""A SuggestRequest in, IndexAdvice out: snapshot, workload, shadow, search, and what --verify measures."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from pgtune import __version__
from pgtune.cli.database_snapshot import (
    counted_workload,
    require_counted_queries,
    server_label,
    snapshot_of,
)
from pgtune.cli.screen import bar_on_terminal
from pgtune.cli.suggest_request import SuggestRequest
from pgtune.cli.target import format_version
from pgtune.cli.workload_inputs import read_workload
from pgtune.errors import StatementRefused, UsageError
from pgtune.model.index_advice import Coverage, IndexAdvice, ShadowNote
from pgtune.model.workload import Workload

if TYPE_CHECKING:
    from pgtune.advice.suggestion.index_suggestion import Case
    from pgtune.advice.suggestion.runnable_queries import RunnableQueries
    from pgtune.model.catalog import Catalog
    from pgtune.model.finding import Finding
    from pgtune.model.planner import Planner
    from pgtune.model.snapshot import Snapshot
    from pgtune.shadow.database import Shadow

_SHOWN_REASONS = 3  # of those why nothing is planned; chosen
_REWRITES_S = 1.0  # for which rewrites are sought, beside the time limit of the search for indexes; chosen
MAX_WORKERS = 8  # planners at once; more would wait for one Python thread; chosen


def suggest(request: SuggestRequest) -> IndexAdvice:
    """Do what the request says.

    Raises:
        UsageError: the request contradicts itself, or an input cannot be used.
        ServerError: a server cannot be reached or does not answer.
    """
    _check(request)
    if request.verify_dsn is not None:
        from pgtune.cli.verification import check_disposable

        check_disposable(request.verify_dsn)
    with bar_on_terminal() as on_progress:
        workload = _given_workload(request, on_progress)
        snapshot = snapshot_of(request.target, request.snapshot, request.postgres_bin, request.pool)
        if workload is None:
            workload = counted_workload(snapshot)
            require_counted_queries(workload, snapshot)
    advice, runnable = _advise(request, snapshot, workload)
    _require_planned(advice.coverage)
    if runnable is not None:
        from pgtune.cli.verification import verified

        advice = verified(request, advice, runnable)
    return advice


def _check(request: SuggestRequest) -> None:
    if request.verify and request.verify_dsn is None and not request.target.embedded:
        raise UsageError("--verify builds indexes: name a database that you can spare with --verify-dsn")
    if request.verify and request.snapshot is not None and request.verify_dsn is None:
        raise UsageError("--verify: a snapshot has no rows; name a database that has them with --verify-dsn")


def _given_workload(request: SuggestRequest, on_progress: Callable[[str, float], None]) -> Workload | None:
    """The workload of files or logs; None when neither is given."""
    if not request.files and not request.logs:
        return None
    return read_workload(request.files, request.logs, request.params, on_progress)


def _require_planned(coverage: Coverage) -> None:
    """Raise StatementRefused when the planner took no statement: nothing was checked then."""
    if coverage.planned:
        return
    reasons = list(dict.fromkeys(skipped.reason for skipped in coverage.skipped))
    more = ", ..." if len(reasons) > _SHOWN_REASONS else ""
    raise StatementRefused(
        f"workload: no statement can be planned ({', '.join(reasons[:_SHOWN_REASONS])}{more}); "
        "check the database, and what the role may see"
    )


def _advise(
    request: SuggestRequest, snapshot: Snapshot, workload: Workload
) -> tuple[IndexAdvice, RunnableQueries | None]:
    """The advice, and what there is to run if it is to be verified."""
    from pgtune.advice.suggestion.index_suggestion import Watch, suggest_indexes
    from pgtune.advice.suggestion.runnable_queries import runnable_queries
    from pgtune.advice.suggestion.workload_share import heaviest
    from pgtune.shadow.server import open_shadow
    from pgtune.shadow.what_if.what_if import open_planner

    workers = min(os.cpu_count() or 1, MAX_WORKERS)
    with (
        bar_on_terminal() as on_progress,
        open_shadow(snapshot, request.postgres_bin, workers, on_progress) as shadow,
        open_planner(shadow, workload.queries) as planner,
    ):
        workload = heaviest(workload, planner.refused)
        case = _case(request, snapshot, workload, shadow)

        def tell(asked: int, saving_share: float) -> None:
            on_progress(f"{asked:,} plans asked, {saving_share:.1%} saved", saving_share)

        advice = suggest_indexes(case, planner, Watch(on_progress, tell, interruptible))
        on_progress("looking for rewrites", 1.0)
        advice = _with_rewrites(advice, case, planner, request)
        if not request.verify and request.verify_dsn is None:
            return advice, None
        return advice, runnable_queries(workload.queries, planner, snapshot.statistics)


def _with_rewrites(advice: IndexAdvice, case: Case, planner: Planner, request: SuggestRequest) -> IndexAdvice:
    """The advice with rewrites of its queries; as it is where Ctrl-C ended the search for indexes."""
    from pgtune.advice.rewrites.search import Rulings
    from pgtune.advice.selection.incumbent import INTERRUPT
    from pgtune.advice.suggestion.rewrites_instead import RewriteSearch, with_rewrites
    from pgtune.analysis.rule_book import sql_rule_book

    if advice.certificate is not None and advice.certificate.stopped_by == INTERRUPT:
        return advice
    rulings = Rulings(sql_rule_book(), request.policy, case.catalog)
    end_s = time.monotonic() + _REWRITES_S
    with interruptible() as interrupted:
        search = RewriteSearch(
            rulings, planner, request.drop, lambda: interrupted() or time.monotonic() > end_s
        )
        return with_rewrites(advice, search)


def _case(request: SuggestRequest, snapshot: Snapshot, workload: Workload, shadow: Shadow) -> Case:
    from pgtune.advice.suggestion.index_suggestion import Case
    from pgtune.analysis.review import review
    from pgtune.analysis.rule_book import index_rule_book
    from pgtune.model.evidence import Evidence
    from pgtune.model.existing_indexes import ExistingIndexes
    from pgtune.shadow.shadow_catalog import shadow_catalog
    from pgtune.shadow.shapes.fresh_sizes import fresh_sizes

    catalog = shadow_catalog(shadow, snapshot)
    fresh_bytes = fresh_sizes(shadow, catalog)

    def review_existing(remaining: Catalog) -> tuple[Finding, ...]:
        existing = ExistingIndexes.of(remaining, snapshot, fresh_bytes)
        return review(index_rule_book(), Evidence((existing,)), request.policy).findings

    return Case(
        version=__version__,
        workload=workload,
        catalog=catalog,
        snapshot=snapshot,
        shadow=_shadow_note(request, snapshot, shadow),
        limits=request.limits,
        review_existing=review_existing,
        drop=request.drop,
        workers=len(shadow.databases),
    )


def _shadow_note(request: SuggestRequest, snapshot: Snapshot, shadow: Shadow) -> ShadowNote:
    return ShadowNote(
        server=server_label(snapshot, request.target, request.snapshot),
        shadow=f"PostgreSQL {format_version(shadow.version_num)}",
        same_major=shadow.same_major,
        left_out=tuple(f"{each.object}: {each.reason}" for each in shadow.left_out),
        unseen=tuple(f"{each.object}: {each.reason}" for each in snapshot.unseen),
    )


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Yield what tells whether Ctrl-C was pressed: the search then ends with the best set so far.

    A second Ctrl-C ends pgtune as always.
    """
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return
    before = signal.getsignal(signal.SIGINT)

    def note(signum: int, frame: FrameType | None) -> None:
        pressed.set()
        signal.signal(signum, before)
        del frame

    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, note)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)
