"""The program: commands, and what becomes of errors and signals."""

from __future__ import annotations

import gc
import sys
from typing import Annotated

import typer

from pgtune import __version__
from pgtune.cli import baseline, sample
from pgtune.cli.equivalent import equivalent
from pgtune.cli.explain import explain
from pgtune.cli.options import Debug
from pgtune.cli.pool_check import pool_check
from pgtune.cli.rules import rules
from pgtune.cli.snapshot import snapshot
from pgtune.cli.suggest_indexes import suggest_indexes
from pgtune.cli.suggest_rewrites import suggest_rewrites
from pgtune.errors import PgtuneError

PROGRAM = "pgtune"
_GC_THRESHOLD = 200_000  # a plan is many objects that live to the end; measured: 10,000 nodes 8 % faster

app = typer.Typer(
    name=PROGRAM,
    help="Makes PostgreSQL queries fast and proves it.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,  # plain help needs no rich, which keeps --help fast
    pretty_exceptions_enable=False,
)
app.command(short_help="Say what costs a query its time, why, and what to do.")(explain)
app.command("suggest-indexes", short_help="Choose the indexes that pay best for a workload.")(suggest_indexes)
app.command("suggest-rewrites", short_help="Find slow ways to write or call statements, and better ones.")(
    suggest_rewrites
)
app.command(short_help="Say whether two statements mean the same, or show where they differ.")(equivalent)
app.command("pool-check", short_help="Say whether the fleet fits, and whether pools are healthy.")(pool_check)
app.command(short_help="Write schema, statistics and workload of a database to one file.")(snapshot)
app.command()(rules)
app.add_typer(sample.app, name="sample")
app.add_typer(baseline.app, name="baseline")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
    debug: Debug = False,
) -> None:
    del version  # its callback printed it
    if debug:
        from pgtune.cli.screen import show_tracebacks

        show_tracebacks()


def main() -> None:
    """Run the program; end with its exit code. No traceback reaches a user without --debug."""
    from pgtune.cli.standard_output import SIGPIPE_EXIT, take_any_text
    from pgtune.sources.interrupt import cancel_on_signal

    take_any_text()
    gc.set_threshold(_GC_THRESHOLD)
    try:
        with cancel_on_signal():
            app()
    except PgtuneError as error:
        _end(error, error.exit_code)
    except BrokenPipeError:  # of standard error: nobody is left to tell
        sys.exit(SIGPIPE_EXIT)
    except Exception as error:
        _end(error, 2, "internal error, please report it: ")


def _end(error: Exception, exit_code: int, prefix: str = "") -> None:
    from pgtune.cli.screen import say_error, say_traceback

    say_traceback(error)
    name = f"{type(error).__name__}: " if prefix else ""
    say_error(None, f"{prefix}{name}{error}", getattr(error, "context", ""))
    sys.exit(exit_code)
