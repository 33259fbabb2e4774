"""The benchmarks of docs/benchmarks.md: ``nox -s bench`` prints them, ``nox -s bench -- --write`` keeps them.

``nox -s bench -- explain sizes`` runs these two sections alone.
"""

from __future__ import annotations

import argparse

from tests.bench.batches import BATCH_COLUMNS, batch_rows
from tests.bench.explain import explain_figures
from tests.bench.index_sets import SET_COLUMNS, TIME_COLUMNS, index_sets, run_times
from tests.bench.logs import LOG_COLUMNS, log_rows
from tests.bench.oltp import OLTP_COLUMNS, oltp_rows
from tests.bench.parity import parity_figures
from tests.bench.pools import pool_figures
from tests.bench.section import FIGURE_COLUMNS, Options, Section, markdown, write_results
from tests.bench.sizes import size_rows
from tests.bench.snapshot import snapshot_figures
from tests.cli.program import REPOSITORY

PAGE = REPOSITORY / "docs" / "benchmarks.md"
SECTIONS = (
    Section("explain", FIGURE_COLUMNS, explain_figures),
    Section("index-sets", SET_COLUMNS, index_sets),
    Section("run-times", TIME_COLUMNS, run_times),
    Section("parity", FIGURE_COLUMNS, parity_figures),
    Section("sizes", FIGURE_COLUMNS, size_rows),
    Section("oltp", OLTP_COLUMNS, oltp_rows),
    Section("batches", BATCH_COLUMNS, batch_rows),
    Section("logs", LOG_COLUMNS, log_rows),
    Section("pools", FIGURE_COLUMNS, pool_figures),
    Section("snapshot", FIGURE_COLUMNS, snapshot_figures),
)


def main() -> None:
    arguments = parse_arguments()
    options = Options(arguments.tpch, arguments.elder)
    for section in SECTIONS:
        if arguments.sections and section.name not in arguments.sections:
            continue
        lines = []
        for line in markdown(section, section.measure(options)):
            print(line, flush=True)
            lines.append(line)
        if arguments.write:
            write_results(PAGE, section, lines)


def parse_arguments() -> argparse.Namespace:
    names = [section.name for section in SECTIONS]
    parser = argparse.ArgumentParser(description="Run the benchmarks.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(names)}; default all")
    parser.add_argument(
        "--tpch", metavar="DSN", help="TPC-H of scale 1, to build indexes in; default a new one"
    )
    parser.add_argument("--elder", metavar="DSN", help="the same on an older major, which is only read")
    parser.add_argument("--write", action="store_true", help="keep the results in docs/benchmarks.md")
    arguments = parser.parse_args()
    if unknown := set(arguments.sections) - set(names):
        parser.error(f"no section {', '.join(sorted(unknown))}")
    return arguments


if __name__ == "__main__":
    main()
