"""What a snapshot weighs, how fast its shadow answers, and what a workload of 5,000 statements takes."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, permutations
from pathlib import Path

from pgtune.model.planner import Question
from pgtune.model.snapshot import Snapshot, StatementStatistics
from pgtune.parse.workload import workload_of_statements
from pgtune.shadow.server import open_shadow
from pgtune.shadow.what_if.what_if import open_planner
from pgtune.sources.snapshot_file import read_snapshot, write_snapshot
from tests.bench.command import PGTUNE, fresh_sample, median_s, run_json
from tests.bench.section import MIB, Options, Row, figure
from tests.shadow.snapshots import quietly

WORKERS = 2
QUESTIONS = 20_000
STATEMENTS = 5_000
PATIENCE_S = 300
TABLES = ("orders", "users", "order_items", "products", "sessions", "logs", "events", "carts")


def snapshot_figures(_options: Options) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="pgtune-bench-") as folder:
        path = Path(folder) / "sample.pgtune"
        with fresh_sample() as dsn:
            seconds = median_s([*PGTUNE, "snapshot", "--out", str(path), "--dsn", dsn])
        yield figure("snapshot of the sample", f"{path.stat().st_size / 1e3:.0f} kB", "under 1 MB")
        yield figure("pgtune snapshot of the sample, running", f"{seconds:.2f} s")
        # From here on the server is stopped.
        snapshot = read_snapshot(path)
        yield from shadow_figures(snapshot)
        run = run_json("suggest-indexes", "--snapshot", str(path))
        yield figure("pgtune suggest-indexes --snapshot of it, server stopped", f"{run.wall_s:.1f} s")
        yield from many_statements(snapshot, Path(folder) / "large.pgtune")


def shadow_figures(snapshot: Snapshot) -> Iterator[Row]:
    queries = workload_of_statements(snapshot.statements).queries
    start_s = time.perf_counter()
    with open_shadow(snapshot, None, WORKERS, quietly) as shadow, open_planner(shadow, queries) as planner:
        yield figure(f"start of its shadow, {WORKERS} databases", f"{time.perf_counter() - start_s:.2f} s")
        rounds = QUESTIONS // len(queries)
        questions = [Question(query.number, frozenset()) for _ in range(rounds) for query in queries]
        start_s = time.perf_counter()
        planner.answer(questions)
        rate = len(questions) / (time.perf_counter() - start_s)
    yield figure("questions to the planner, statements of the sample", f"{rate:,.0f} per second")


def many_statements(snapshot: Snapshot, path: Path) -> Iterator[Row]:
    """The advice for different statements, as pg_stat_statements would have counted them."""
    statements = tuple(made_up_statements(snapshot, STATEMENTS))
    write_snapshot(path, replace(snapshot, statements=statements))
    what = f"advice for {len(statements):,} different statements"
    try:
        run = run_json("suggest-indexes", "--snapshot", str(path), timeout_s=PATIENCE_S)
    except subprocess.CalledProcessError as error:
        if error.returncode != -signal.SIGKILL:
            raise
        yield figure(what, f"not done after {PATIENCE_S} s")
        return
    coverage = run.output["coverage"]
    yield figure(what, f"{run.wall_s:.0f} s, {len(run.output['indexes'])} indexes")
    yield figure("statements of these that were planned", f"{coverage['planned_statements']:,}")
    yield figure("memory of pgtune for it, peak", f"{run.peak_bytes / MIB:.0f} MB")


def made_up_statements(snapshot: Snapshot, count: int) -> Iterator[StatementStatistics]:
    """Look-ups by one column and a range of another in the order of a third, of all tables in turn."""
    texts = _in_turn([list(_texts(table, _columns(snapshot, table))) for table in TABLES])
    for number, text in enumerate(islice(texts, count)):
        yield StatementStatistics(number, text, calls=1 + number % 50, total_ms=1000 / (1 + number), rows=10)


def _columns(snapshot: Snapshot, table: str) -> Sequence[str]:
    return sorted({each.column for each in snapshot.statistics if each.relation.name == table})


def _texts(table: str, columns: Sequence[str]) -> Iterator[str]:
    for equal, ranged, ordered in permutations(columns, 3):
        for limit in (10, 20, 50, 100):
            yield (
                f"SELECT {ordered}, {equal} FROM {table} WHERE {equal} = $1 AND {ranged} > $2"
                f" ORDER BY {ordered} LIMIT {limit}"
            )


def _in_turn(lists: Sequence[Sequence[str]]) -> Iterator[str]:
    for place in range(max(map(len, lists))):
        yield from (each[place] for each in lists if place < len(each))
