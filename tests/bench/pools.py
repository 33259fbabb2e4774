"""How long `pgtune pool-check` takes, and what its `--exercise` measures of a pool."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.command import PGTUNE, fresh_sample, median_s, run_json
from tests.bench.section import Options, Row, figure
from tests.cli.program import REPOSITORY

FLEET = REPOSITORY / "sample_queries" / "fleet.toml"
SERVICES = 200
EXERCISE_RUNS = 3
CHECK = [*PGTUNE, "pool-check", "--fail-on", "never"]


def pool_figures(_options: Options) -> Iterator[Row]:
    yield from without_a_server()
    yield from with_a_server()


def without_a_server() -> Iterator[Row]:
    """The arithmetic alone: the example fleet, and one of many services."""
    alone = [*CHECK, "--no-database", "--config"]
    yield figure("pool-check --no-database", f"{median_s([*alone, str(FLEET)]):.3f} s", "under 0.4 s")
    with tempfile.TemporaryDirectory() as folder:
        many = Path(folder) / "pgtune.toml"
        many.write_text(
            "".join(
                f"[fleet.services.s{n}]\nreplicas = 3\npool = {{ max_size = 5 }}\n" for n in range(SERVICES)
            )
        )
        yield figure(f"the same for {SERVICES} services", f"{median_s([*alone, str(many)]):.3f} s")


def with_a_server() -> Iterator[Row]:
    with fresh_sample() as dsn:
        asked = [*CHECK, "--config", str(FLEET), "--dsn", dsn]
        yield figure("pool-check on a running server", f"{median_s(asked):.3f} s")
        exercise = ("pool-check", "--config", str(FLEET), "--dsn", dsn, "--exercise", "5s")
        runs = [run_json(*exercise).output["exercise"] for _ in range(EXERCISE_RUNS)]
    for name, load in (("max_size", 0), ("twice max_size", 1)):
        p99_ms = sorted(run["loads"][load]["p99_ms"] for run in runs)
        spread = f"{p99_ms[len(p99_ms) // 2]:.2f} ms ({p99_ms[0]:.2f} to {p99_ms[-1]:.2f})"
        yield figure(f"exercise, p99 of waiting for a connection, {name} workers", spread)
