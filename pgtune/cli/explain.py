"""The command `pgtune explain`."""

from __future__ import annotations

from collections.abc import Mapping
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
    from pgtune.model.diagnosis import Report
    from pgtune.model.outcome import Outcomes


def explain(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            help="SQL files, directories of them, plans in any format, server logs; - is standard input.",
        ),
    ],
    dsn: Dsn = None,
    snapshot: SnapshotFile = None,
    param: Params = None,
    analyze: Annotated[
        bool | None,
        typer.Option("--analyze/--no-analyze", help="Run the statements (rolled back), or only plan them."),
    ] = None,
    serialize: Annotated[
        bool, typer.Option("--serialize", help="Also measure writing the result (17 and later).")
    ] = False,
    allow_writes: Annotated[
        bool, typer.Option("--allow-writes", help="Run statements that write; they are rolled back.")
    ] = False,
    timeout: Annotated[
        str | None, typer.Option(metavar="TIME", help="statement_timeout: 500ms, 30s, 2min; 0 is none.")
    ] = None,
    lock_timeout: Annotated[
        str | None, typer.Option(metavar="TIME", help="lock_timeout, in the same units.")
    ] = None,
    repeat: Annotated[
        int, typer.Option(metavar="N", min=1, max=1000, help="Run N times; report the median and the spread.")
    ] = 1,
    no_what_if: Annotated[
        bool,
        typer.Option(
            "--no-what-if", help="Do not try proposed indexes on a shadow, and look for no rewrites."
        ),
    ] = False,
    postgres_bin: PostgresBin = None,
    baseline: Baseline = None,
    report: Reports = None,
    fail_on: FailOn = None,
    everything: AllFindings = False,
    quiet: Quiet = False,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Run queries through EXPLAIN (ANALYZE, BUFFERS) and say what costs the time, why, and what to do.

    Without a database configured, the embedded PostgreSQL with its sample schema is used. Statements run in a
    READ ONLY transaction with timeouts and are rolled back. Plans and logs that exist already need no server.

    Proposed indexes are tried on the planner of a throw-away PostgreSQL that has a copy of schema and
    statistics. With --snapshot the statements are planned there, too, and nothing is run. Where a statement
    is planned cheaper when it is written otherwise, that is said; suggest-rewrites writes and tests it.

    Exit codes: 0 clean, 1 findings at or above --fail-on, 2 wrong usage or input, 3 could not check.
    """
    from pgtune.analysis.rule_book import check_policy
    from pgtune.cli.acceptance import accept_known, read_known
    from pgtune.cli.default_place import default_place
    from pgtune.cli.explain_inputs import explain_inputs
    from pgtune.cli.explain_request import ExplainRequest
    from pgtune.cli.output import parse_outputs, write_outputs
    from pgtune.cli.screen import be_quiet, say_error, show_tracebacks
    from pgtune.cli.target import choose_target
    from pgtune.parse.parameters import parse_param_options
    from pgtune.report.outcomes_of_explain import outcomes_of_explain
    from pgtune.sources.project_file import parse_duration_ms, parse_severity, read_project_settings

    if debug:
        show_tracebacks()
    outputs = parse_outputs(report or [])
    if snapshot is not None:
        _check_snapshot_options(
            {"--dsn": dsn, "--analyze": analyze, "--serialize": serialize, "--allow-writes": allow_writes}
        )
    settings = read_project_settings(Path(), config)
    known = read_known(baseline, settings.baseline, config)
    check_policy(settings.policy)
    request = ExplainRequest(
        target=choose_target(dsn, settings.dsn),
        policy=settings.policy,
        pool=settings.pool,
        params=parse_param_options(param or []),
        analyze=snapshot is None if analyze is None else analyze,
        serialize=serialize,
        allow_writes=allow_writes,
        timeout_ms=settings.timeout_ms if timeout is None else parse_duration_ms(timeout),
        lock_timeout_ms=settings.lock_timeout_ms if lock_timeout is None else parse_duration_ms(lock_timeout),
        repeat=repeat,
        snapshot=snapshot,
        postgres_bin=postgres_bin,
        try_cures=not no_what_if,
    )
    threshold = settings.fail_on if fail_on is None else parse_severity(fail_on)
    if quiet:
        be_quiet()
    result = explain_inputs(files, request, everything=everything)
    found = outcomes_of_explain(result, default_place(files, config), threshold, files)
    found = accept_known(found, known)
    write_outputs(_renderings(result, found, everything=everything), outputs)
    for failure in result.failures:
        say_error(str(failure.source), failure.message, failure.context)
    raise typer.Exit(result.exit_code(fails=found.fails))


def _check_snapshot_options(given: Mapping[str, object]) -> None:
    from pgtune.errors import UsageError

    for option, value in given.items():
        if value:
            reason = "names another database" if option == "--dsn" else "needs rows, and a snapshot has none"
            raise UsageError(f"--snapshot: {option} {reason}; leave one of them out")


def _renderings(report: Report, outcomes: Outcomes, *, everything: bool) -> Renderings:
    from pgtune.cli.output import Renderings

    def draw(console: Console) -> None:
        from pgtune.report.terminal import Detail, render_terminal

        render_terminal(report, console, Detail(findings=None) if everything else Detail())

    def json() -> str:
        from pgtune.report.json_report import render_json

        return render_json(report)

    def markdown() -> str:
        from pgtune.report.markdown import render_markdown

        return render_markdown(report)

    return Renderings(draw, json, markdown, outcomes)
