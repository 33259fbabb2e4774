"""The command `pgtune pool-check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pgtune.cli.options import AllFindings, Baseline, Config, Debug, Dsn, FailOn, Quiet, Reports

if TYPE_CHECKING:
    from rich.console import Console

    from pgtune.cli.output import Renderings
    from pgtune.model.outcome import Outcomes
    from pgtune.model.pools.pool_check import PoolCheck

MAX_EXERCISE_S = 10.0  # chosen: real connections of a real server are taken
MAX_WATCH_S = 3600.0  # chosen


def pool_check(
    dsn: Dsn = None,
    no_database: Annotated[
        bool, typer.Option("--no-database", help="Check what is declared alone; ask no server.")
    ] = False,
    values: Annotated[
        list[str] | None,
        typer.Option("--values", metavar="FILE", help="Helm values that declare services; repeatable."),
    ] = None,
    hpa: Annotated[
        list[str] | None,
        typer.Option("--hpa", metavar="FILE", help="HorizontalPodAutoscaler manifest; repeatable."),
    ] = None,
    manifests: Annotated[
        list[str] | None,
        typer.Option("--manifests", metavar="FILE", help="Kubernetes manifests, or a directory; repeatable."),
    ] = None,
    compose: Annotated[
        list[str] | None,
        typer.Option("--compose", metavar="FILE", help="docker-compose file; repeatable."),
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option("--env", metavar="FILE", help="Environment file of a service; repeatable."),
    ] = None,
    exercise: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Open the configured pool for real and load it; at most 10s."),
    ] = None,
    watch: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Look at the server twice, this far apart: rates, demand, peaks."),
    ] = None,
    pgbouncer: Annotated[
        list[str] | None,
        typer.Option("--pgbouncer", metavar="DSN", help="Admin console of a PgBouncer; repeatable."),
    ] = None,
    pool_stats: Annotated[
        list[str] | None,
        typer.Option(
            "--pool-stats", metavar="FILE", help="get_stats() of live psycopg pools as JSON; repeatable."
        ),
    ] = None,
    history: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Add this run to the file, and compare with earlier ones."),
    ] = None,
    baseline: Baseline = None,
    report: Reports = None,
    fail_on: FailOn = None,
    everything: AllFindings = False,
    quiet: Quiet = False,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Say whether the fleet fits into the server's connections, and whether pools and sessions are healthy.

    The fleet is declared in the settings under [fleet], or read from Kubernetes, Helm and docker-compose
    files. Without a database configured, the embedded PostgreSQL is asked. One connection is used, two at
    most, and nothing is changed; --exercise opens a pool within a third of the free slots.

    Exit codes: 0 passed, 1 findings at or above --fail-on, 2 wrong usage or input, 3 could not check.
    """
    from dataclasses import replace

    from pgtune.analysis.rule_book import check_policy
    from pgtune.cli.acceptance import accept_known, read_known
    from pgtune.cli.default_place import default_place
    from pgtune.cli.output import parse_outputs, write_outputs
    from pgtune.cli.pool_check_request import PoolCheckRequest
    from pgtune.cli.pool_checking import check_pools
    from pgtune.cli.screen import be_quiet, show_tracebacks
    from pgtune.cli.target import choose_target
    from pgtune.report.outcomes_of_pool_check import outcomes_of_pool_check
    from pgtune.sources.fleet_files import FleetFiles
    from pgtune.sources.project_file import parse_severity, read_project_settings

    if debug:
        show_tracebacks()
    outputs = parse_outputs(report or [])
    _check_no_database(
        no_database,
        {"--dsn": dsn, "--exercise": exercise, "--watch": watch, "--history": history},
    )
    settings = read_project_settings(Path(), config)
    check_policy(settings.policy)
    known = read_known(baseline, settings.baseline, config)
    request = PoolCheckRequest(
        config=config,
        files=FleetFiles(
            values=tuple(values or ()),
            hpa=tuple(hpa or ()),
            manifests=tuple(manifests or ()),
            compose=tuple(compose or ()),
            env=tuple(env or ()),
        ),
        target=None if no_database else choose_target(dsn, settings.dsn),
        exercise_s=None if exercise is None else _seconds("--exercise", exercise, MAX_EXERCISE_S),
        watch_s=0.0 if watch is None else _seconds("--watch", watch, MAX_WATCH_S),
        pgbouncers=tuple(pgbouncer or ()),
        pool_stats=tuple(pool_stats or ()),
        history=history,
        policy=settings.policy,
        pool=settings.pool,
        fail_on=settings.fail_on if fail_on is None else parse_severity(fail_on),
        timeout_ms=settings.timeout_ms,
        lock_timeout_ms=settings.lock_timeout_ms,
    )
    if quiet:
        be_quiet()
    check = check_pools(request)
    place = default_place(request.files.all, config)
    found = accept_known(outcomes_of_pool_check(check, place), known)
    check = replace(check, accepted=found.accepted_keys)
    write_outputs(_renderings(check, found, everything=everything), outputs)
    raise typer.Exit(int(found.fails))


def _check_no_database(no_database: bool, given: dict[str, object]) -> None:
    from pgtune.errors import UsageError

    for option, value in given.items():
        if no_database and value is not None:
            raise UsageError(f"--no-database: {option} needs a server; leave one of them out")


def _seconds(option: str, text: str, most_s: float) -> float:
    from pgtune.errors import UsageError
    from pgtune.sources.project_file import parse_duration_ms

    seconds = parse_duration_ms(text) / 1000
    if not 1 <= seconds <= most_s:
        raise UsageError(f"{option} {text}: out of range; give 1s to {most_s:g}s")
    return seconds


def _renderings(check: PoolCheck, outcomes: Outcomes, *, everything: bool) -> Renderings:
    from pgtune.cli.output import Renderings

    def draw(console: Console) -> None:
        from pgtune.report.pool_check_terminal import render_terminal

        render_terminal(check, console, everything=everything)

    def json() -> str:
        from pgtune.report.pool_check_json import render_json

        return render_json(check)

    def markdown() -> str:
        from pgtune.report.pool_check_markdown import render_markdown

        return render_markdown(check)

    return Renderings(draw, json, markdown, outcomes)
