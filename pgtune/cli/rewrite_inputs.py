"""SQL files, logs or what the server counted in; queries to rewrite and loops to batch out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pgtune.cli.database_snapshot import counted_workload, require_counted_queries
from pgtune.cli.loop_inputs import FoundLoops, read_loops_of_files
from pgtune.cli.rewrite_request import RewriteRequest
from pgtune.cli.target import OnProgress
from pgtune.cli.workload_inputs import read_sql, require_queries
from pgtune.errors import InputError, StatementError, UsageError
from pgtune.model.allow import Allow
from pgtune.model.loop import Loop
from pgtune.model.workload import SkippedStatement, Workload
from pgtune.parse.directives import read_directives
from pgtune.parse.loops.counted_loops import counted_loops
from pgtune.parse.loops.file_loops import loops_of_script
from pgtune.parse.loops.turns import read_turn
from pgtune.parse.plannable_query import INSERT_OF_VALUES
from pgtune.parse.workload import FileStatement, workload_of_files
from pgtune.sources.files import STDIN, find_inputs, is_regular_file, open_lines

if TYPE_CHECKING:
    from pgtune.model.catalog import Catalog
    from pgtune.model.snapshot import Snapshot

MAX_FILE_BYTES = 16_000_000  # above which a file is searched for loops only: it is data; chosen


@dataclass(frozen=True, slots=True)
class RewriteInputs:
    """What there is to look at."""

    workload: Workload
    loops: tuple[Loop, ...] = ()
    allows: Mapping[str, tuple[Allow, ...]] = field(default_factory=dict)  # by Query.name
    lines: Mapping[str, int] = field(default_factory=dict)  # 1-based, in the file; by Query.name
    remarks: tuple[str, ...] = ()


def written_inputs(request: RewriteRequest, on_progress: OnProgress) -> RewriteInputs | None:
    """Return what the files of the request hold; None when it names none.

    Raises:
        UsageError: it names logs too.
        InputError: something that cannot be read, or that holds neither a query nor a loop.
    """
    if request.files and request.logs:
        raise UsageError("--logs: SQL files are given too; give one of the two")
    for log in request.logs:  # they are read when the catalog is there; what is missing is said now
        if log != STDIN and not os.path.exists(log):  # noqa: PTH110 - Path.exists raises where it may not look
            next(open_lines(log), None)
    return _of_files(request, on_progress) if request.files else None


def recorded_inputs(
    request: RewriteRequest, snapshot: Snapshot, catalog: Catalog, on_progress: OnProgress
) -> RewriteInputs:
    """Return what the logs of the request hold, or else what pg_stat_statements counted.

    The catalog tells which query the turns of an N+1 belong to.

    Raises:
        InputError: a log cannot be read, or nothing was recorded.
    """
    if request.logs:
        from pgtune.cli.rewrite_log_inputs import logged_inputs

        return logged_inputs(request.logs, catalog, on_progress)
    workload = counted_workload(snapshot)
    loops = counted_loops(snapshot.statements, snapshot.statements_since, snapshot.taken_at, catalog)
    if not loops:
        require_counted_queries(workload, snapshot)
    return RewriteInputs(without_turns(workload, loops), loops)


def without_turns(workload: Workload, loops: Sequence[Loop]) -> Workload:
    """Take the INSERTs that are turns of a loop out of what is skipped: they were looked at."""
    turns = {loop.fingerprint for loop in loops}

    def is_turn(one: SkippedStatement) -> bool:
        turn = read_turn(one.text, 1) if one.reason == INSERT_OF_VALUES else None
        return turn is not None and turn.shape.fingerprint in turns

    return replace(workload, skipped=tuple(one for one in workload.skipped if not is_turn(one)))


def _of_files(request: RewriteRequest, on_progress: OnProgress) -> RewriteInputs:
    paths = [path for given in request.files for path in find_inputs(given)]
    large = [path for path in paths if _is_large(path)]
    scripts = [tuple(read_sql(path)) for path in paths if path not in large]
    statements = [statement for script in scripts for statement in script]
    loops = [loop for script in scripts for loop in _loops(script)]
    streamed = read_loops_of_files(large, on_progress=on_progress) if large else FoundLoops((), 0)
    workload = workload_of_files(statements, request.params)
    inputs = RewriteInputs(
        workload=_without_scripts(workload, loops, streamed.statements),
        loops=(*loops, *streamed.loops),
        allows={one.name: read_directives(one.statement.comments).allows for one in statements},
        lines={one.name: one.statement.line for one in statements},
        remarks=tuple(_remarks(large)),
    )
    if not inputs.loops:
        require_queries(workload, ", ".join(request.files))
    return inputs


def _is_large(path: str) -> bool:
    return is_regular_file(path) and os.path.getsize(path) > MAX_FILE_BYTES  # noqa: PTH202 - a name, no Path


def _loops(script: Sequence[FileStatement]) -> tuple[Loop, ...]:
    name = script[0].file if script else ""
    try:
        return loops_of_script(name, (one.statement for one in script))
    except StatementError as error:
        raise InputError(f"{name}: {str(error).removeprefix(name + ': ')}") from error


def _without_scripts(workload: Workload, loops: Sequence[Loop], streamed: int) -> Workload:
    """Take the INSERTs of files that have loops out of what is skipped, without reading each again."""
    files = {loop.place.partition(":")[0] for loop in loops}
    skipped = tuple(
        one
        for one in workload.skipped
        if one.reason != INSERT_OF_VALUES or one.name.partition(":")[0] not in files
    )
    return replace(workload, skipped=skipped, seen=workload.seen + streamed)


def _remarks(large: Sequence[str]) -> Iterator[str]:
    for path in large:
        yield f"{path}: larger than {MAX_FILE_BYTES // 1_000_000} MB, so only loops were looked for"
