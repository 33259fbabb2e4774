"""The command `pgtune snapshot`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pgtune.cli.options import Config, Debug, Dsn, Quiet

if TYPE_CHECKING:
    from pgtune.model.snapshot import Snapshot

_SHOWN_UNSEEN = 20  # chosen: a screenful; the file holds them all


def snapshot(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The file to write.")],
    dsn: Dsn = None,
    redact: Annotated[
        bool, typer.Option("--redact", help="Make up all texts among the statistics; keep their shape.")
    ] = False,
    postgres_bin: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="PostgreSQL programs whose pg_dump to use, else the embedded ones."),
    ] = None,
    quiet: Quiet = False,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Write schema, statistics, settings and workload of a database, without a row, to one file.

    What needs a database can then be asked anywhere: pgtune suggest-indexes --snapshot FILE. Nothing but a
    connection is needed: no superuser, no extension, and no table is read. Without a database configured, the
    embedded PostgreSQL with its sample schema is used.

    The file holds most common values and histogram bounds of columns; --redact makes up those that are text.
    Numbers and times stay, and so does the schema with its defaults and predicates.

    Exit codes: 0 written, 2 wrong usage, 3 could not check.
    """
    from pgtune.analysis.redact_snapshot import redact_snapshot
    from pgtune.cli.screen import be_quiet, progress_bar, say, show_tracebacks
    from pgtune.cli.standard_output import print_result
    from pgtune.cli.target import choose_target, open_target
    from pgtune.embedded.binaries import wheel_programs
    from pgtune.errors import UsageError
    from pgtune.sources.project_file import read_project_settings
    from pgtune.sources.snapshot_file import write_snapshot

    if debug:
        show_tracebacks()
    if str(out) == "-":
        raise UsageError("--out -: a snapshot is no text for standard output; name a file")
    settings = read_project_settings(Path(), config)
    if quiet:
        be_quiet()
    target = choose_target(dsn, settings.dsn)
    programs = postgres_bin or wheel_programs()
    with progress_bar() as on_progress, open_target(target, settings.pool, say, on_progress) as (server, _):
        taken = server.snapshot(programs)
    written = redact_snapshot(taken) if redact else taken
    size_bytes = write_snapshot(out, written)
    for line in _remarks(out, written):
        say(line)
    print_result(f"{_summary(out, size_bytes, written)}\n")


def _remarks(out: Path, snapshot: Snapshot) -> list[str]:
    """What the user must know about the file, one line each."""
    remarks = [f"not seen: {unseen.object}: {unseen.reason}" for unseen in snapshot.unseen[:_SHOWN_UNSEEN]]
    if len(snapshot.unseen) > _SHOWN_UNSEEN:
        remarks.append(f"not seen: {len(snapshot.unseen) - _SHOWN_UNSEEN} more, listed in the file")
    if snapshot.statements_missing is not None:
        remarks.append(f"no workload: {snapshot.statements_missing}")
    if not snapshot.redacted:
        remarks.append(f"{out} holds most common values of columns; --redact makes up those that are text")
    return remarks


def _summary(out: Path, size_bytes: int, snapshot: Snapshot) -> str:
    from pgtune.cli.target import format_version
    from pgtune.report.quantities import format_bytes
    from pgtune.report.visible import visible_line

    tables = sum(relation.kind in ("r", "p", "m", "f") for relation in snapshot.relations)
    columns = len({(column.relation, column.column) for column in snapshot.statistics})
    return visible_line(
        f"{out}: {format_bytes(size_bytes)}, PostgreSQL {format_version(snapshot.version_num)}, "
        f"database {snapshot.database}, {_number(tables, 'table')}, "
        f"{_number(columns, 'column')} with statistics, {_number(len(snapshot.statements), 'statement')}"
    )


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
