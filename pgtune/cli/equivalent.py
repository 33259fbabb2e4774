"""The command `pgtune equivalent`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pgtune.cli.options import (
    Baseline,
    CompareData,
    Config,
    Debug,
    Dsn,
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
    from pgtune.model.equivalence_verdict import Verdict
    from pgtune.model.outcome import Outcomes

DATABASES = 1000  # chosen: some counterexamples come after 250 to 380, and 1,000 take a second


def equivalent(
    original: Annotated[
        str, typer.Argument(metavar="ORIGINAL", help="SQL file with a statement; - is standard input.")
    ],
    rewritten: Annotated[str, typer.Argument(metavar="REWRITTEN", help="SQL file with the other one.")],
    schema: Annotated[
        Path | None, typer.Option(metavar="FILE", help="SQL file with the CREATE TABLEs of what is named.")
    ] = None,
    dsn: Dsn = None,
    snapshot: SnapshotFile = None,
    databases: TestDatabases = DATABASES,
    seed: Seed = 0,
    time_limit: TestTime = None,
    data: CompareData = False,
    param: Params = None,
    postgres_bin: PostgresBin = None,
    baseline: Baseline = None,
    report: Reports = None,
    quiet: Quiet = False,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Do two statements mean the same? Try them on many small databases, and show one where they differ.

    The tables come from --schema, from --snapshot, or from the database, whose schema is read and whose rows
    are not; without one configured, from the embedded sample. The test databases are made to tell statements
    apart: empty tables, NULLs, duplicates, ties, and the constants of both statements. Both run in a
    throw-away PostgreSQL. Finding no difference is no proof.

    A file with several statements is run in their order. $1, :name and %(name)s are parameters; the same one
    means the same value in both files.

    Exit codes: 0 equal, 1 different, 2 wrong usage or input, 3 undecided, or could not check.
    """
    from pgtune.cli.acceptance import accept_known, read_known
    from pgtune.cli.default_place import default_place
    from pgtune.cli.equivalent_check import check_equivalence
    from pgtune.cli.equivalent_request import EquivalentRequest
    from pgtune.cli.output import parse_outputs, write_outputs
    from pgtune.cli.screen import be_quiet, show_tracebacks
    from pgtune.cli.target import choose_target
    from pgtune.cli.trial_limits import trial_limits
    from pgtune.errors import UsageError
    from pgtune.parse.parameters import parse_param_options
    from pgtune.report.outcomes_of_verdict import outcomes_of_verdict
    from pgtune.sources.project_file import read_project_settings

    if debug:
        show_tracebacks()
    outputs = parse_outputs(report or [])
    if dsn and (schema is not None or snapshot is not None):
        option = "--schema" if schema is not None else "--snapshot"
        raise UsageError(f"{option}: --dsn names tables, too; leave one of them out")
    settings = read_project_settings(Path(), config)
    known = read_known(baseline, settings.baseline, config)
    request = EquivalentRequest(
        original=original,
        rewritten=rewritten,
        target=choose_target(dsn, settings.dsn),
        schema=schema,
        snapshot=snapshot,
        postgres_bin=postgres_bin,
        limits=trial_limits(databases, time_limit, seed),
        data=data,
        params=parse_param_options(param or []),
        pool=settings.pool,
        timeout_ms=settings.timeout_ms,
        lock_timeout_ms=settings.lock_timeout_ms,
    )
    if quiet:
        be_quiet()
    verdict = check_equivalence(request)
    found = outcomes_of_verdict(verdict, default_place((rewritten, original), config))
    found = accept_known(found, known)
    write_outputs(_renderings(verdict, found), outputs)
    raise typer.Exit(0 if found.accepted_keys else verdict.exit_code)


def _renderings(verdict: Verdict, outcomes: Outcomes) -> Renderings:
    from pgtune.cli.output import Renderings

    def draw(console: Console) -> None:
        from pgtune.report.equivalence_terminal import render_terminal

        render_terminal(verdict, console)

    def json() -> str:
        from pgtune.report.equivalence_json import render_json

        return render_json(verdict)

    def markdown() -> str:
        from pgtune.report.equivalence_markdown import render_markdown

        return render_markdown(verdict)

    return Renderings(draw, json, markdown, outcomes)
