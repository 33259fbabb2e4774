"""The command `pgtune suggest-rewrites`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pgtune.cli.options import (
    AllFindings,
    Baseline,
    CompareData,
    Config,
    Debug,
    Dsn,
    FailOn,
    Params,
    PostgresBin,
    Quiet,
    Reports,
    Seed,
    SnapshotFile,
    TestDatabases,
    TestTime,
)

if TYPE_CHECKING:
    from rich.console import Console

    from pgtune.cli.output import Renderings
    from pgtune.model.outcome import Outcomes
    from pgtune.model.rewrite_advice import RewriteAdvice

DATABASES = 400  # chosen: 9 of 10 counterexamples are found within 24 (research on published pairs)


def suggest_rewrites(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="SQL files or directories: queries, migrations, seed scripts; else pg_stat_statements.",
        ),
    ] = None,
    dsn: Dsn = None,
    logs: Annotated[
        list[str] | None,
        typer.Option(
            "--logs", metavar="FILE", help="Server log: also shows loops and N+1 queries; repeatable."
        ),
    ] = None,
    snapshot: SnapshotFile = None,
    data: CompareData = False,
    measure: Annotated[
        bool, typer.Option("--measure", help="Run both on a copy of the embedded sample and show the times.")
    ] = False,
    measure_dsn: Annotated[
        str | None,
        typer.Option(metavar="DSN", help="The same on a copy of this database, which you call disposable."),
    ] = None,
    databases: TestDatabases = DATABASES,
    seed: Seed = 0,
    time_limit: TestTime = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="DIR", help="Write each replacement to a file in this directory."
        ),
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
    """Find statements that are slow because of how they are written or called, and write what to use instead.

    Each replacement is planned on a shadow of the database and tested for equivalence on hundreds of small
    generated databases; the label beside it says how sure it is: proven, tested or unverified. Loops of like
    statements become one, with the code that calls it. Without a database configured, the embedded PostgreSQL
    is used.

    Exit codes: 0 done, 1 advice at or above --fail-on, 2 wrong usage or input, 3 could not check.
    """
    from pgtune.analysis.rule_book import check_policy
    from pgtune.cli.acceptance import accept_known, read_known
    from pgtune.cli.default_place import default_place
    from pgtune.cli.output import parse_outputs, write_outputs
    from pgtune.cli.rewrite_request import RewriteRequest
    from pgtune.cli.rewriting import suggest_rewrites as suggest
    from pgtune.cli.screen import be_quiet, show_tracebacks
    from pgtune.cli.target import choose_target
    from pgtune.cli.trial_limits import trial_limits
    from pgtune.parse.parameters import parse_param_options
    from pgtune.report.outcomes_of_rewrite_advice import outcomes_of_rewrite_advice
    from pgtune.sources.project_file import parse_severity, read_project_settings

    if debug:
        show_tracebacks()
    outputs = parse_outputs(report or [])
    _check_options(dsn, snapshot, out)
    settings = read_project_settings(Path(), config)
    known = read_known(baseline, settings.baseline, config)
    check_policy(settings.policy)
    threshold = settings.fail_on if fail_on is None else parse_severity(fail_on)
    request = RewriteRequest(
        target=choose_target(dsn, settings.dsn),
        files=tuple(files or ()),
        logs=tuple(logs or ()),
        params=parse_param_options(param or []),
        snapshot=snapshot,
        postgres_bin=postgres_bin,
        limits=trial_limits(databases, time_limit, seed),
        data=data,
        measure=measure,
        measure_dsn=measure_dsn,
        policy=settings.policy,
        pool=settings.pool,
        timeout_ms=settings.timeout_ms,
        lock_timeout_ms=settings.lock_timeout_ms,
    )
    if quiet:
        be_quiet()
    advice = suggest(request)
    if out is not None:
        from pgtune.cli.rewrite_files import write_rewrites

        write_rewrites(out, advice)
    inputs = (*request.files, *request.logs)
    found = outcomes_of_rewrite_advice(advice, default_place(inputs, config), threshold, inputs)
    found = accept_known(found, known)
    write_outputs(_renderings(advice, found, everything=everything), outputs)
    raise typer.Exit(int(found.fails))


def _check_options(dsn: str | None, snapshot: Path | None, out: Path | None) -> None:
    """Refuse what would be noticed only after the search, or not at all."""
    from pgtune.errors import UsageError

    if dsn and snapshot is not None:
        raise UsageError("--snapshot: --dsn names another database; leave one of them out")
    if out is not None and out.exists() and not out.is_dir():
        raise UsageError(f"--out {out}: not a directory; name one, it is made if it does not exist")


def _renderings(advice: RewriteAdvice, outcomes: Outcomes, *, everything: bool) -> Renderings:
    from pgtune.cli.output import Renderings

    def draw(console: Console) -> None:
        from pgtune.report.rewrite_advice_terminal import render_terminal

        render_terminal(advice, console, everything=everything)

    def json() -> str:
        from pgtune.report.rewrite_advice_json import render_json

        return render_json(advice)

    def markdown() -> str:
        from pgtune.report.rewrite_advice_markdown import render_markdown

        return render_markdown(advice)

    return Renderings(draw, json, markdown, outcomes)
