"""A SuggestRequest in, IndexAdvice out: snapshot, workload, shadow, search, and what --verify measures."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from pgtune import __version__
from pgtune.cli.screen import bar_on_terminal, progress_bar, say
from pgtune.cli.suggest_request import SuggestRequest
from pgtune.cli.target import format_version, open_target
from pgtune.cli.workload_inputs import read_workload, require_queries
from pgtune.errors import InputError, StatementRefused, UsageError
from pgtune.model.index_advice import Coverage, IndexAdvice, ShadowNote
from pgtune.model.snapshot import STATEMENTS_VIEW
from pgtune.model.workload import Workload
from pgtune.parse.workload import workload_of_statements

if TYPE_CHECKING:
    from pgtune.advice.suggestion.index_suggestion import Case
    from pgtune.advice.suggestion.runnable_queries import RunnableQueries
    from pgtune.model.catalog import Catalog
    from pgtune.model.finding import Finding
    from pgtune.model.snapshot import Snapshot
    from pgtune.shadow.database import Shadow

_SHOWN_REASONS = 3  # of those why nothing is planned; chosen
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
        snapshot = _snapshot(request)
        if workload is None:
            workload = _counted_workload(snapshot)
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


def _snapshot(request: SuggestRequest) -> Snapshot:
    if request.snapshot is not None:
        from pgtune.sources.snapshot_file import read_snapshot

        return read_snapshot(request.snapshot)
    from pgtune.embedded.binaries import dump_programs

    programs = dump_programs(request.postgres_bin)
    with (
        progress_bar() as on_progress,
        open_target(request.target, request.pool, say, on_progress) as (server, _),
    ):
        return server.snapshot(programs)


def _counted_workload(snapshot: Snapshot) -> Workload:
    """What pg_stat_statements counted.

    Raises:
        InputError: it is missing, or counted nothing that has a plan.
    """
    if snapshot.statements_missing is not None:
        raise UsageError(f"no workload: {snapshot.statements_missing}; or give SQL files, or --logs")
    workload = workload_of_statements(snapshot.statements, snapshot.statements_since)
    source = f'pg_stat_statements of database "{snapshot.database}"'
    hidden = [each.reason for each in snapshot.unseen if each.object == STATEMENTS_VIEW]
    if hidden and not workload.queries:
        raise InputError(f"{source}: {hidden[0]}")
    require_queries(workload, source)
    return workload


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
        if not request.verify and request.verify_dsn is None:
            return advice, None
        return advice, runnable_queries(workload.queries, planner, snapshot.statistics)


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
    place = f" ({request.snapshot.name})" if request.snapshot is not None else ""
    embedded = " (embedded)" if request.target.embedded and request.snapshot is None else ""
    return ShadowNote(
        server=f"PostgreSQL {format_version(snapshot.version_num)}{place or embedded}",
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
