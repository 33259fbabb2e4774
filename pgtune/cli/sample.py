"""The commands `pgtune sample start|stop|reset|dsn`: the embedded PostgreSQL, for psql and other tools."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="The embedded PostgreSQL with the sample schema, for psql and other tools.",
    short_help="The embedded PostgreSQL with the sample schema.",
    no_args_is_help=True,
)


@app.command(short_help="Start it and print its connection string.")
def start() -> None:
    """Start it, make it first where needed, and print its connection string; it runs until stopped."""
    from pgtune.cli.screen import progress_bar
    from pgtune.cli.standard_output import print_result
    from pgtune.embedded.sample import start_sample

    with progress_bar() as on_progress:
        dsn = start_sample(on_progress)
    print_result(f"{dsn}\n")


@app.command()
def stop() -> None:
    """Stop it, whoever uses it."""
    from pgtune.cli.screen import say
    from pgtune.embedded.sample import stop_sample

    say("stopped" if stop_sample() else "was not running")


@app.command(short_help="Make the sample data anew.")
def reset() -> None:
    """Make the sample data anew and print the connection string."""
    from pgtune.cli.screen import progress_bar
    from pgtune.cli.standard_output import print_result
    from pgtune.embedded.sample import reset_sample

    with progress_bar() as on_progress:
        dsn = reset_sample(on_progress)
    print_result(f"{dsn}\n")


@app.command(short_help="Print the connection string.")
def dsn() -> None:
    """Print the connection string of the running server: psql "$(pgtune sample dsn)"."""
    from pgtune.cli.standard_output import print_result
    from pgtune.embedded.sample import sample_dsn
    from pgtune.errors import EmbeddedError

    found = sample_dsn()
    if found is None:
        raise EmbeddedError("the sample server does not run; start it with pgtune sample start")
    print_result(f"{found}\n")
