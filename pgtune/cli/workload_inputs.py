"""SQL files and server logs in, the workload in them out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from pgtune.cli.log_progress import counted_lines
from pgtune.errors import InputError, StatementError, UsageError
from pgtune.model.workload import SkippedStatement, Workload, WorkloadOrigin
from pgtune.parse.input_kind import HEAD_CHARS, InputKind, classify
from pgtune.parse.log_workload import LogTally
from pgtune.parse.server_log import PLANS_AND_STATEMENTS, read_log
from pgtune.parse.workload import FileStatement, file_statements, workload_of_files, workload_of_logs
from pgtune.sources.files import find_inputs, open_lines, read_input

_CUT = "the log does not hold it whole"
_SOURCES = "give SQL files, server logs with --logs, or a database with pg_stat_statements"
_LOG_SETTINGS = "set log_min_duration_statement, or auto_explain.log_min_duration, on the server"


def read_workload(
    files: Sequence[str],
    logs: Sequence[str],
    params: Mapping[str, str | None],
    on_progress: Callable[[str, float], None] = lambda _doing, _fraction: None,
) -> Workload:
    """Return the statements of *files* (SQL files and directories) or of *logs*.

    *params* are values of parameters in the files. *on_progress* gets what is read and the fraction of it.

    Raises:
        UsageError: both, files and logs.
        InputError: something that cannot be read, or that holds no statement to plan.
    """
    if files and logs:
        raise UsageError("--logs: SQL files are given too, which hold no times; give one of the two")
    workload = _of_logs(logs, on_progress) if logs else _of_files(files, params)
    require_queries(workload, ", ".join(logs or files))
    return workload


def require_queries(workload: Workload, source: str) -> None:
    """Raise an InputError that names *source* if nothing of the workload can be planned."""
    if workload.queries:
        return
    if not workload.seen and workload.origin is WorkloadOrigin.LOGS:
        raise InputError(f"{source}: no statement with its duration; {_LOG_SETTINGS}")
    if not workload.seen:
        raise InputError(f"{source}: no statements; {_SOURCES}")
    reasons = dict.fromkeys(skipped.reason for skipped in workload.skipped)
    raise InputError(f"{source}: nothing to plan ({', '.join(reasons)}); {_SOURCES}")


def _of_files(files: Sequence[str], params: Mapping[str, str | None]) -> Workload:
    statements = [statement for given in files for path in find_inputs(given) for statement in read_sql(path)]
    return workload_of_files(statements, params)


def read_sql(path: str) -> Iterator[FileStatement]:
    """Yield the statements of one SQL file.

    Raises:
        InputError: it cannot be read, or is no SQL.
    """
    file = read_input(path)
    kind = classify(file.name, file.text[:HEAD_CHARS])
    if kind is InputKind.LOG:
        raise InputError(f"{file.name}: a server log; give it with --logs")
    if kind is InputKind.PLAN:
        raise InputError(f"{file.name}: a plan, or no SQL; give the statements themselves")
    try:
        yield from file_statements(file.name, file.text)
    except StatementError as error:
        raise InputError(f"{file.name}: {error}") from error


def _of_logs(logs: Sequence[str], on_progress: Callable[[str, float], None]) -> Workload:
    tally = LogTally()
    for log in logs:
        for entry in read_log(counted_lines(open_lines(log), log, on_progress), PLANS_AND_STATEMENTS):
            tally.add(log, entry)
    workload = workload_of_logs(tally.queries())
    if not tally.truncated:
        return workload
    cut = tuple(SkippedStatement(", ".join(logs), _CUT) for _ in range(tally.truncated))
    return replace(workload, skipped=workload.skipped + cut, seen=workload.seen + len(cut))
