"""How long `pgtune explain` takes, and how far its proposed indexes do what it says."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg

from tests.bench.command import PGTUNE, SAMPLE_QUERIES, fresh_sample, median_s, run_json
from tests.bench.made_up_plans import json_plan, text_plan
from tests.bench.section import Options, Row, figure
from tests.cli.program import REPOSITORY
from tests.postgres_server import embedded_binaries

LOG_BYTES = 100_000_000
LOG_RUNS = 3
NODES = 10_000
QUERY = SAMPLE_QUERIES / "orders_by_id.sql"


def explain_figures(_options: Options) -> Iterator[Row]:
    for measure in MEASURES:
        yield from measure()


def start_of_the_program() -> Iterator[Row]:
    yield figure("`pgtune --help`", f"{median_s([*PGTUNE, '--help']):.3f} s", "under 0.2 s")


def overhead_over_psql() -> Iterator[Row]:
    """The same EXPLAIN by pgtune and by psql on the same running server."""
    with fresh_sample() as dsn, tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "explain.sql"
        script.write_text("EXPLAIN (ANALYZE, BUFFERS, VERBOSE, SETTINGS, FORMAT JSON)\n" + QUERY.read_text())
        psql_s = median_s([str(embedded_binaries() / "psql"), "-X", "-f", str(script), dsn])
        own_s = median_s([*PGTUNE, "explain", str(QUERY), "--dsn", dsn])
    embedded_s = median_s([*PGTUNE, "explain", str(QUERY)])
    yield figure("`psql -f` of an EXPLAIN of one order", f"{psql_s:.3f} s")
    yield figure("pgtune explain of the same, same server", f"{own_s:.3f} s")
    yield figure("overhead over psql", f"{own_s - psql_s:.3f} s", "under 0.35 s")
    yield figure("pgtune explain, embedded server started and stopped", f"{embedded_s:.3f} s", "under 1.5 s")


def large_plan() -> Iterator[Row]:
    """A plan of 10,000 nodes: an Append over partitions, as JSON and as text."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("plan.json", json_plan(NODES)), ("plan.txt", text_plan(NODES))):
            path = Path(folder) / name
            path.write_text(text)
            seconds = median_s([*PGTUNE, "explain", str(path)])
            label = f"plan of {NODES:,} nodes, {path.suffix[1:]}, {path.stat().st_size / 1e6:.1f} MB"
            yield figure(label, f"{seconds:.3f} s", "under 1 s")


def large_logs() -> Iterator[Row]:
    """100 MB of real auto_explain entries, repeated."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("text.18.log", "json.18.log", "text.18.csv"):
            entries = (REPOSITORY / "tests" / "corpus" / "logs" / name).read_bytes()
            path = Path(folder) / name
            path.write_bytes(entries * (LOG_BYTES // len(entries) + 1))
            seconds = median_s([*PGTUNE, "explain", str(path)], runs=LOG_RUNS)
            megabytes = path.stat().st_size / 1e6
            what = f"{megabytes:.0f} MB of auto_explain, `{name}`"
            yield figure(what, f"{megabytes / seconds:.0f} MB/s", "at least 20 MB/s")
            path.unlink()


def proposed_indexes() -> Iterator[Row]:
    """Build every index that the sample queries are advised to have, run them again, drop it."""
    used, ratios = [], []
    with fresh_sample() as dsn:
        for path in sorted(SAMPLE_QUERIES.glob("*.sql")):
            before = explained(path, dsn)
            for finding in before["findings"]:
                if finding["action"] is None or "CREATE INDEX" not in finding["action"]["sql"]:
                    continue
                after = explained_with(finding["action"], path, dsn)
                used.append(bool(index_names(after) - index_names(before)))
                saved_ms = before["execution_ms"] - after["execution_ms"]
                if saved_ms > 0:
                    ratios.append(finding["saving_ms"] / saved_ms)
    what = "indexes proposed for the sample queries, built and used"
    yield figure(what, f"{sum(used)} of {len(used)}", "all")
    mean = statistics.geometric_mean(ratios)
    yield figure("saving predicted over saving measured, geometric mean", f"{mean:.2f}", "near 1")


def explained_with(action: dict[str, str], path: Path, dsn: str) -> dict[str, Any]:
    """The statement's JSON with the action done; it is undone afterwards."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for sql in action["sql"].splitlines():
            connection.execute(sql.encode())
        after = explained(path, dsn)
        for sql in action["undo"].splitlines():
            connection.execute(sql.encode())
    return after


def explained(path: Path, dsn: str) -> dict[str, Any]:
    """The JSON report's statement, the median of five warm runs."""
    return run_json("explain", str(path), "--dsn", dsn, "--repeat", "6").output["statements"][0]  # type: ignore[no-any-return]  # JSON


def index_names(statement: dict[str, Any]) -> set[str]:
    return {node["index_name"] for node in statement["nodes"] if node["index_name"] is not None}


MEASURES: tuple[Callable[[], Iterator[Row]], ...] = (
    start_of_the_program,
    overhead_over_psql,
    large_plan,
    large_logs,
    proposed_indexes,
)
