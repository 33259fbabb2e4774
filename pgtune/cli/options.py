"""Options that several commands share, spelled once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Dsn = Annotated[
    str | None,
    typer.Option(
        metavar="DSN",
        help="Connection string or URL; else PGTUNE_DSN, DATABASE_URL, the settings, libpq's PG*.",
    ),
]
Reports = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FORMAT[=FILE]",
        help="terminal, json, markdown, sarif, junit, github or gitlab; repeatable.",
    ),
]
FailOn = Annotated[
    str | None,
    typer.Option(
        metavar="SEVERITY", help="Exit with 1 at findings of this severity: info, warning, error or never."
    ),
]
Baseline = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Findings that do not fail the run; pgtune baseline update writes it."),
]
AllFindings = Annotated[bool, typer.Option("--all", help="Show every finding, also those that save little.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on standard error but errors.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of each error.")]
Config = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Settings file, else the nearest pgtune.toml or pyproject.toml."),
]
Params = Annotated[
    list[str] | None,
    typer.Option(
        "--param", "-p", metavar="NAME=VALUE", help="Value of $1, :name or %(name)s; NAME alone is NULL."
    ),
]
SnapshotFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Ask a shadow of the database that this file of pgtune snapshot describes."
    ),
]
PostgresBin = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="PostgreSQL programs for pg_dump and the shadow, else those of the same major."
    ),
]
TestDatabases = Annotated[
    int,
    typer.Option(metavar="N", min=1, max=100_000, help="Test databases of each pair."),
]
Seed = Annotated[
    int, typer.Option(metavar="N", min=0, help="Of the test databases: the same ones each time.")
]
TestTime = Annotated[
    str | None, typer.Option("--time-limit", metavar="TIME", help="Of each test; default 10s.")
]
CompareData = Annotated[
    bool, typer.Option("--data", help="Also compare both on the rows of the database, read only.")
]
