"""Server logs in, read once; queries to rewrite and loops to batch out."""

from __future__ import annotations

from collections.abc import Sequence

from pgtune.cli.log_progress import counted_lines
from pgtune.cli.rewrite_inputs import RewriteInputs, without_turns
from pgtune.cli.target import OnProgress
from pgtune.errors import InputError
from pgtune.model.catalog import Catalog
from pgtune.parse.log_entry import EntryKind, LogEntry, TruncatedEntry
from pgtune.parse.log_workload import LogTally
from pgtune.parse.loops.log_loops import LogLoops
from pgtune.parse.workload import workload_of_logs
from pgtune.sources.files import open_lines

LOG_SETTINGS = "set log_min_duration_statement = 0, or log_statement = 'all', on the server for a while"


def logged_inputs(logs: Sequence[str], catalog: Catalog, on_progress: OnProgress) -> RewriteInputs:
    """Return queries and loops of *logs*.

    Raises:
        InputError: a log that cannot be read, or none of them holds a statement.
    """
    tally, loops = LogTally(), LogLoops(catalog)
    for log in logs:

        def take(entry: LogEntry | TruncatedEntry, log: str = log) -> None:
            if isinstance(entry, TruncatedEntry) or entry.kind is EntryKind.STATEMENT:
                tally.add(log, entry)

        loops.read(log, counted_lines(open_lines(log), log, on_progress), take)
    found = loops.finish()
    if not found.statements:
        raise InputError(f"{', '.join(logs)}: no statements in this log; {LOG_SETTINGS}")
    workload = workload_of_logs(tally.queries())
    return RewriteInputs(without_turns(workload, found.loops), found.loops, remarks=found.remarks)
