"""Where schema and statistics come from in, the Snapshot, and the workload that the server counted, out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pgtune.cli.screen import progress_bar, say
from pgtune.cli.target import Target, format_version, open_target
from pgtune.cli.workload_inputs import require_queries
from pgtune.errors import InputError, UsageError
from pgtune.model.pool_settings import PoolSettings
from pgtune.model.snapshot import STATEMENTS_VIEW
from pgtune.model.workload import Workload
from pgtune.parse.workload import workload_of_statements

if TYPE_CHECKING:
    from pgtune.model.snapshot import Snapshot


def snapshot_of(target: Target, file: Path | None, postgres_bin: Path | None, pool: PoolSettings) -> Snapshot:
    """Read the snapshot *file*, or take one of the database.

    Raises:
        InputError: the file, or the directory of PostgreSQL's programs, cannot be used.
        ServerError: the server cannot be reached, or refuses.
    """
    if file is not None:
        from pgtune.sources.snapshot_file import read_snapshot

        return read_snapshot(file)
    from pgtune.embedded.binaries import dump_programs

    programs = dump_programs(postgres_bin)
    with progress_bar() as on_progress, open_target(target, pool, say, on_progress) as (server, _):
        return server.snapshot(programs)


def counted_workload(snapshot: Snapshot) -> Workload:
    """Return what pg_stat_statements counted; nothing of it need have a plan.

    Raises:
        UsageError: it is missing.
    """
    if snapshot.statements_missing is not None:
        raise UsageError(f"no workload: {snapshot.statements_missing}; or give SQL files, or --logs")
    return workload_of_statements(snapshot.statements, snapshot.statements_since)


def require_counted_queries(workload: Workload, snapshot: Snapshot) -> None:
    """Raise an InputError if nothing that pg_stat_statements counted can be planned."""
    source = f'pg_stat_statements of database "{snapshot.database}"'
    hidden = [each.reason for each in snapshot.unseen if each.object == STATEMENTS_VIEW]
    if hidden and not workload.queries:
        raise InputError(f"{source}: {hidden[0]}")
    require_queries(workload, source)


def server_label(snapshot: Snapshot, target: Target, file: Path | None) -> str:
    """What to call the server: "PostgreSQL 18.6 (embedded)", "PostgreSQL 15.4 (prod.pgtune)"."""
    place = f" ({file.name})" if file is not None else " (embedded)" if target.embedded else ""
    return f"PostgreSQL {format_version(snapshot.version_num)}{place}"
