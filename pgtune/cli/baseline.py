"""The command `pgtune baseline update`: accept today's findings of a command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pgtune.cli.options import Baseline, Config

if TYPE_CHECKING:
    from datetime import date

    from pgtune.model.baseline import BaselineEntry, BaselineUpdate

DEFAULT_FILE = ".pgtune-baseline.json"
DEFAULT_EXPIRY = "90d"  # chosen: a quarter

app = typer.Typer(
    help="Findings that are accepted: they are shown, and do not fail the run.",
    short_help="Accept today's findings; new ones fail.",
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """With a callback, one command is a group of one."""


@app.command(
    short_help="Run a command and accept what it finds.",
    context_settings={"allow_interspersed_args": False, "ignore_unknown_options": True},
)
def update(
    command: Annotated[
        list[str], typer.Argument(metavar="COMMAND...", help="A command of pgtune with its arguments.")
    ],
    baseline: Baseline = None,
    expires: Annotated[
        str, typer.Option(metavar="WHEN", help="Of new entries: 90d, 2027-02-19 or never.")
    ] = DEFAULT_EXPIRY,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Of new entries, for who reads the file.")] = "",
    config: Config = None,
) -> None:
    """Run a command of pgtune and write what it finds to the baseline; options go before the command.

    New findings are added with today's date, accepted ones keep theirs, and those that are gone are dropped,
    so that they fail when they come back. The file is that of --baseline, else of the setting "baseline",
    else .pgtune-baseline.json.

    Exit codes: 0 written, 2 wrong usage or input, 3 could not check.
    """
    from datetime import UTC, datetime

    from pgtune.cli.acceptance import baseline_file
    from pgtune.cli.baseline_run import run_for_baseline
    from pgtune.cli.standard_output import print_result
    from pgtune.model.baseline import Baseline as Accepted
    from pgtune.model.baseline import update as updated
    from pgtune.sources.baseline_file import read_baseline, write_baseline
    from pgtune.sources.project_file import read_project_settings

    today = datetime.now(UTC).date()
    expiry = _expiry(expires, today)
    setting = read_project_settings(Path(), config).baseline
    path = baseline_file(baseline, setting, config) or Path(DEFAULT_FILE)
    known = read_baseline(path) if path.exists() else Accepted()
    result = updated(known, run_for_baseline(command, config), today, expiry, reason)
    write_baseline(path, result.baseline)
    print_result(_summary(path, result))


def _expiry(text: str, today: date) -> date | None:
    from datetime import date, timedelta

    from pgtune.errors import UsageError

    if text == "never":
        return None
    try:
        days = int(text.removesuffix("d")) if text.endswith("d") else None
        expiry = date.fromisoformat(text) if days is None else today + timedelta(days=days)
    except (ValueError, OverflowError):
        raise UsageError(f"--expires {text}: no date; write 90d, 2027-02-19 or never") from None
    if expiry <= today:
        raise UsageError(f"--expires {text}: {expiry} is not after today; give a later day")
    return expiry


def _summary(path: Path, result: BaselineUpdate) -> str:
    parts = (("+", result.added), ("*", result.renewed), ("-", result.dropped))
    lines = [_line(sign, entry) for sign, entries in parts for entry in entries]
    counts = f"{len(result.added)} added, {len(result.renewed)} renewed, {len(result.kept)} kept"
    return "".join(f"{line}\n" for line in (*lines, f"{path}: {counts}, {len(result.dropped)} dropped"))


def _line(sign: str, entry: BaselineEntry) -> str:
    from pgtune.report.visible import visible_line

    return visible_line(f"{sign} {entry.key}: {entry.message}")
