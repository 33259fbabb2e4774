"""The command `pgtune suggest-indexes`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pgtune.cli.options import (
    AllFindings,
    Baseline,
    Config,
    Debug,
    Dsn,
    FailOn,
    Params,
    PostgresBin,
    Quiet,
    Reports,
    SnapshotFile,
)

if TYPE_CHECKING:
    from rich.console import Console

    from pgtune.cli.output import Renderings
    from pgtune.model.index_advice import IndexAdvice
    from pgtune.model.index_limits import IndexLimits
    from pgtune.model.outcome import Outcomes


def suggest_indexes(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="SQL files or directories of them as workload, else pg_stat_statements of the database.",
        ),
    ] = None,
    dsn: Dsn = None,
    logs: Annotated[
        list[str] | None,
        typer.Option("--logs", metavar="FILE", help="Server log as workload, with durations; repeatable."),
    ] = None,
    snapshot: SnapshotFile = None,
    budget: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE", help="Of all new indexes together: 500MB; default a quarter of the tables."
        ),
    ] = None,
    max_indexes: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="At most so many new indexes.")
    ] = None,
    max_regression: Annotated[
        str | None,
        typer.Option(metavar="SHARE", help="By which any one query may get dearer; default 10%."),
    ] = None,
    drop: Annotated[bool, typer.Option("--drop", help="Also drop existing indexes where that pays.")] = False,
    time_limit: Annotated[str | None, typer.Option(metavar="TIME", help="Of the search; default 7s.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write the statements as a script.")
    ] = None,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Build the indexes on the embedded sample, measure, drop them again."),
    ] = False,
    verify_dsn: Annotated[
        str | None,
        typer.Option(metavar="DSN", help="The same on this database, which you call disposable."),
    ] = None,
    param: Params = None,
    postgres_bin: PostgresBin = None,
    baseline: Baseline = None,
    report: Reports = None,
    fail_on: FailOn = None,
    everything: AllFindings = False,
    quiet: Quiet = False,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Choose the indexes that make a whole workload cheapest within a budget, without touching production.

    Schema and statistics are copied into a throw-away PostgreSQL, whose planner is asked what each query
    would cost with which indexes; no table is read, and nothing is created on your server. Without a database
    configured, the embedded PostgreSQL with its sample workload is used.

    Exit codes: 0 done, 1 advice at or above --fail-on, 2 wrong usage or input, 3 could not check.
    """
    from pgtune.analysis.rule_book import check_policy
    from pgtune.cli.acceptance import accept_known, read_known
    from pgtune.cli.default_place import default_place
    from pgtune.cli.output import parse_outputs, write_file, write_outputs
    from pgtune.cli.screen import be_quiet, show_tracebacks
    from pgtune.cli.suggest_request import SuggestRequest
    from pgtune.cli.suggestion import suggest
    from pgtune.cli.target import choose_target
    from pgtune.parse.parameters import parse_param_options
    from pgtune.report.outcomes_of_index_advice import outcomes_of_index_advice
    from pgtune.sources.project_file import parse_severity, read_project_settings

    if debug:
        show_tracebacks()
    outputs = parse_outputs(report or [])
    _check_options(dsn, snapshot, out)
    settings = read_project_settings(Path(), config)
    known = read_known(baseline, settings.baseline, config)
    check_policy(settings.policy)
    threshold = settings.fail_on if fail_on is None else parse_severity(fail_on)
    request = SuggestRequest(
        target=choose_target(dsn, settings.dsn),
        files=tuple(files or ()),
        logs=tuple(logs or ()),
        params=parse_param_options(param or []),
        snapshot=snapshot,
        postgres_bin=postgres_bin,
        limits=_limits(settings.indexes, budget, max_indexes, max_regression, time_limit),
        drop=drop,
        verify=verify,
        verify_dsn=verify_dsn,
        policy=settings.policy,
        pool=settings.pool,
        timeout_ms=settings.timeout_ms,
    )
    if quiet:
        be_quiet()
    advice = suggest(request)
    if out is not None:
        from pgtune.report.index_advice_sql import render_sql

        write_file(out, render_sql(advice))
    found = outcomes_of_index_advice(advice, default_place(files or (), config), threshold)
    found = accept_known(found, known)
    write_outputs(_renderings(advice, found, everything=everything), outputs)
    raise typer.Exit(int(found.fails))


def _check_options(dsn: str | None, snapshot: Path | None, out: Path | None) -> None:
    """Refuse what would be noticed only after the search, or not at all."""
    from pgtune.errors import UsageError

    if dsn and snapshot is not None:
        raise UsageError("--snapshot: --dsn names another database; leave one of them out")
    if out is None:
        return
    if str(out) == "-":
        raise UsageError("--out -: standard output is the report's; name a file")
    if not os.path.isdir(out.parent):  # noqa: PTH112 Path.is_dir() raises where a parent is closed
        raise UsageError(f"--out {out}: no such directory; name a file in a directory that can be written")


def _limits(
    defaults: IndexLimits,
    budget: str | None,
    max_indexes: int | None,
    max_regression: str | None,
    time_limit: str | None,
) -> IndexLimits:
    """The project's limits with the flags put over them."""
    from pgtune.model.index_limits import IndexLimits
    from pgtune.parse.quantities import parse_share, parse_size_bytes
    from pgtune.sources.project_file import parse_duration_ms

    return IndexLimits(
        budget_bytes=defaults.budget_bytes if budget is None else parse_size_bytes(budget),
        max_indexes=defaults.max_indexes if max_indexes is None else max_indexes,
        max_regression=defaults.max_regression if max_regression is None else parse_share(max_regression),
        time_limit_ms=defaults.time_limit_ms if time_limit is None else parse_duration_ms(time_limit),
    )


def _renderings(advice: IndexAdvice, outcomes: Outcomes, *, everything: bool) -> Renderings:
    from pgtune.cli.output import Renderings

    def draw(console: Console) -> None:
        from pgtune.report.index_advice_terminal import render_terminal

        render_terminal(advice, console, everything=everything)

    def json() -> str:
        from pgtune.report.index_advice_json import render_json

        return render_json(advice)

    def markdown() -> str:
        from pgtune.report.index_advice_markdown import render_markdown

        return render_markdown(advice)

    return Renderings(draw, json, markdown, outcomes)
