"""The benchmarks of docs/benchmarks.md: ``nox -s bench`` prints them, ``nox -s bench -- --write`` keeps them.

Every figure is a median of whole runs, warm, as a user waits for them.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.cli.program import REPOSITORY, environment
from tests.postgres_server import embedded_binaries

PAGE = REPOSITORY / "docs" / "benchmarks.md"
RUNS = 9
LOG_BYTES = 100_000_000
NODES = 10_000
PGTUNE = [sys.executable, "-m", "pgtune"]
QUERY = REPOSITORY / "sample_queries" / "orders_by_id.sql"
SCAN_FIGURES = "(cost=0.00..35.50 rows=10 width=16) (actual time=0.010..0.200 rows=9 loops=1)"
MARK = "<!-- results -->\n"


@dataclass(frozen=True, slots=True)
class Figure:
    what: str
    result: str
    goal: str


def median_s(command: list[str], runs: int = RUNS, **more: str) -> float:
    """Wall time of a command in seconds, the median after one warm-up."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(command, env=environment(**more), capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def start_of_the_program() -> Iterator[Figure]:
    yield Figure("`pgtune --help`", f"{median_s([*PGTUNE, '--help']):.3f} s", "under 0.2 s")


def overhead_over_psql() -> Iterator[Figure]:
    """The same EXPLAIN by pgtune and by psql on the same running server."""
    subprocess.run([*PGTUNE, "sample", "start"], env=environment(), capture_output=True, check=True)
    dsn = subprocess.run(
        [*PGTUNE, "sample", "dsn"], env=environment(), capture_output=True, text=True, check=True
    ).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "explain.sql"
        script.write_text("EXPLAIN (ANALYZE, BUFFERS, VERBOSE, SETTINGS, FORMAT JSON)\n" + QUERY.read_text())
        psql_s = median_s([str(embedded_binaries() / "psql"), "-X", "-f", str(script), dsn])
    own_s = median_s([*PGTUNE, "explain", str(QUERY), "--dsn", dsn])
    subprocess.run([*PGTUNE, "sample", "stop"], env=environment(), capture_output=True, check=True)
    embedded_s = median_s([*PGTUNE, "explain", str(QUERY)])
    yield Figure("`psql -f` of an EXPLAIN of one order", f"{psql_s:.3f} s", "")
    yield Figure("pgtune explain of the same, same server", f"{own_s:.3f} s", "")
    yield Figure("overhead over psql", f"{own_s - psql_s:.3f} s", "under 0.35 s")
    yield Figure("pgtune explain, embedded server started and stopped", f"{embedded_s:.3f} s", "under 1.5 s")


def large_plan() -> Iterator[Figure]:
    """A plan of 10,000 nodes: a join of Appends over partitions, as JSON and as text."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("plan.json", json_plan(NODES)), ("plan.txt", text_plan(NODES))):
            path = Path(folder) / name
            path.write_text(text)
            seconds = median_s([*PGTUNE, "explain", str(path)])
            label = f"plan of {NODES:,} nodes, {path.suffix[1:]}, {path.stat().st_size / 1e6:.1f} MB"
            yield Figure(label, f"{seconds:.3f} s", "under 1 s")


def scan(number: int) -> dict[str, object]:
    return {
        "Node Type": "Seq Scan",
        "Parent Relationship": "Member",
        "Relation Name": f"events_{number}",
        "Schema": "public",
        "Alias": f"e_{number}",
        "Startup Cost": 0.0,
        "Total Cost": 35.5,
        "Plan Rows": 10,
        "Plan Width": 16,
        "Actual Startup Time": 0.01,
        "Actual Total Time": 0.2,
        "Actual Rows": 9.0,
        "Actual Loops": 1,
        "Output": [f"e_{number}.id", f"e_{number}.at"],
        "Filter": f"(e_{number}.id = {number})",
        "Rows Removed by Filter": 991,
        "Shared Hit Blocks": 10,
    }


def json_plan(nodes: int) -> str:
    root = scan(0) | {
        "Node Type": "Append",
        "Actual Total Time": 0.21 * nodes,
        "Actual Rows": 9.0 * nodes,
        "Shared Hit Blocks": 10 * (nodes - 1),
        "Plans": [scan(number) for number in range(1, nodes)],
    }
    for key in (
        "Relation Name",
        "Schema",
        "Alias",
        "Filter",
        "Rows Removed by Filter",
        "Parent Relationship",
    ):
        del root[key]
    return json.dumps([{"Plan": root, "Planning Time": 1.0, "Execution Time": 0.22 * nodes}])


def text_plan(nodes: int) -> str:
    lines = [
        f"Append  {SCAN_FIGURES}".replace("0.200", f"{0.21 * nodes:.3f}"),
        f"  Buffers: shared hit={10 * (nodes - 1)}",
    ]
    for number in range(1, nodes):
        lines += [
            f"  ->  Seq Scan on public.events_{number} e_{number}  {SCAN_FIGURES}",
            f"        Output: e_{number}.id, e_{number}.at",
            f"        Filter: (e_{number}.id = {number})",
            "        Rows Removed by Filter: 991",
            "        Buffers: shared hit=10",
        ]
    return "\n".join([*lines, "Planning Time: 1.000 ms", f"Execution Time: {0.22 * nodes:.3f} ms"])


def large_logs() -> Iterator[Figure]:
    """100 MB of real auto_explain entries, repeated."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("text.18.log", "json.18.log", "text.18.csv"):
            entries = (REPOSITORY / "tests" / "corpus" / "logs" / name).read_bytes()
            path = Path(folder) / name
            path.write_bytes(entries * (LOG_BYTES // len(entries) + 1))
            seconds = median_s([*PGTUNE, "explain", str(path)], runs=3)
            megabytes = path.stat().st_size / 1e6
            yield Figure(
                f"{megabytes:.0f} MB of auto_explain, `{name}`",
                f"{megabytes / seconds:.0f} MB/s",
                "at least 20 MB/s",
            )
            path.unlink()


def proposed_indexes() -> Iterator[Figure]:
    """Build every index that the sample queries are advised to have, run them again, drop it."""
    subprocess.run([*PGTUNE, "sample", "reset"], env=environment(), capture_output=True, check=True)
    dsn = subprocess.run(
        [*PGTUNE, "sample", "dsn"], env=environment(), capture_output=True, text=True, check=True
    ).stdout.strip()
    used, ratios = [], []
    for path in sorted((REPOSITORY / "sample_queries").glob("*.sql")):
        before = explained(path, dsn)
        for finding in before["findings"]:
            if finding["action"] is None or "CREATE INDEX" not in finding["action"]["sql"]:
                continue
            with psycopg.connect(dsn, autocommit=True) as connection:
                for sql in finding["action"]["sql"].splitlines():
                    connection.execute(sql.encode())
                after = explained(path, dsn)
                for sql in finding["action"]["undo"].splitlines():
                    connection.execute(sql.encode())
            used.append(bool(index_names(after) - index_names(before)))
            saved_ms = before["execution_ms"] - after["execution_ms"]
            if saved_ms > 0:
                ratios.append(finding["saving_ms"] / saved_ms)
    subprocess.run([*PGTUNE, "sample", "stop"], env=environment(), capture_output=True, check=True)
    yield Figure(
        "indexes proposed for the sample queries, built and used", f"{sum(used)} of {len(used)}", "all"
    )
    mean = statistics.geometric_mean(ratios)
    yield Figure("saving predicted over saving measured, geometric mean", f"{mean:.2f}", "near 1")


def explained(path: Path, dsn: str) -> dict[str, Any]:
    """The JSON report's statement, the median of five warm runs."""
    done = subprocess.run(
        [
            *PGTUNE,
            "explain",
            str(path),
            "--dsn",
            dsn,
            "--repeat",
            "6",
            "--fail-on",
            "never",
            "--report",
            "json",
        ],
        env=environment(),
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)["statements"][0]  # type: ignore[no-any-return]  # JSON


def index_names(statement: dict[str, Any]) -> set[str]:
    return {node["index_name"] for node in statement["nodes"] if node["index_name"] is not None}


GROUPS: tuple[Callable[[], Iterator[Figure]], ...] = (
    start_of_the_program,
    overhead_over_psql,
    large_plan,
    large_logs,
    proposed_indexes,
)


def machine() -> str:
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (
        f"{os.cpu_count()} cores, {memory_bytes / 2**30:.0f} GiB, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}, {time.strftime('%Y-%m-%d', time.gmtime())}"
    )


def main() -> None:
    lines = [f"On {machine()}:", "", "| what | median | goal |", "| --- | ---: | --- |"]
    for group in GROUPS:
        for figure in group():
            lines.append(f"| {figure.what} | {figure.result} | {figure.goal} |")
            sys.stdout.write(lines[-1] + "\n")
            sys.stdout.flush()
    if "--write" in sys.argv[1:]:
        before, _, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
        PAGE.write_text(before + MARK + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
