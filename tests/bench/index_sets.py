"""Sets of indexes that pgtune chooses for TPC-H within budgets, really built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pgtune.cli.workload_inputs import read_workload
from pgtune.shadow.server import open_shadow
from pgtune.shadow.what_if.what_if import open_planner
from tests.bench.command import Run, run_json
from tests.bench.extend import Extend, named_columns
from tests.bench.section import MIB, Options, Row
from tests.bench.tpch import (
    NINETEEN,
    QUERIES,
    Connection,
    built,
    connect,
    total_cost,
    total_run_s,
    tpch_database,
)
from tests.shadow.snapshots import quietly, snapshot_of

WORKERS = 2


class Goal(NamedTuple):
    cost_share: float
    peer: str  # on another instance of TPC-H, scale 1: shadow-planner.md, section 5


GOALS: Mapping[int, Goal] = {  # by budget in MB
    85: Goal(0.77, "DTA 0.793"),
    210: Goal(0.65, "DTA 0.684"),
    390: Goal(0.58, "Extend 0.637"),
    590: Goal(0.54, "Extend 0.619"),
    810: Goal(0.49, "DTA 0.596"),
}
ALL_QUERIES_MB = 390
TIMED_MB = (85, 390, 810)

SET_COLUMNS = (
    "queries, budget",
    "wall s",
    "planned MB",
    "real MB",
    "of the budget",
    "planned cost",
    "real cost",
    "goal",
    "gap",
    "Extend here",
    "peers elsewhere",
)
TIME_COLUMNS = ("indexes", "planned cost", "run time s", "of the time before")


def index_sets(options: Options) -> Iterator[Row]:
    """Choose, build, weigh and drop one set for each budget."""
    with tpch_database(options) as conninfo:
        extend = extend_shares(conninfo, [budget * MIB for budget in GOALS])
        with connect(conninfo) as connection:
            connection.execute("VACUUM")
            for (budget, goal), baseline in zip(GOALS.items(), extend, strict=True):
                row = set_figures(connection, conninfo, NINETEEN, budget)
                yield (*row[:-1], f"{goal.cost_share:.2f}", row[-1], f"{baseline:.3f}", goal.peer)
            row = set_figures(connection, conninfo, QUERIES, ALL_QUERIES_MB)
            yield (*row[:-1], "", row[-1], "", "")


def set_figures(connection: Connection, conninfo: str, queries: Sequence[Path], budget_mb: int) -> Row:
    base_cost = total_cost(connection, queries)
    run = advice(conninfo, queries, budget_mb)
    report = run.output
    with built(connection, actions(report)) as real_bytes:
        real_cost = total_cost(connection, queries)
    return (
        f"{len(queries)}, {budget_mb} MB",
        f"{run.wall_s:.1f}",
        f"{report['size_bytes'] / MIB:.0f}",
        f"{real_bytes / MIB:.0f}",
        f"{real_bytes / MIB / budget_mb:.1%}",
        f"{report['workload']['cost_share']:.4f}",
        f"{real_cost / base_cost:.4f}",
        f"{report['certificate']['gap_share']:.1%}",
    )


def advice(conninfo: str, queries: Sequence[Path], budget_mb: int) -> Run:
    """Ask for a set as a user does."""
    files = map(str, queries)
    return run_json("suggest-indexes", *files, "--dsn", conninfo, "--budget", f"{budget_mb}MB")


def extend_shares(conninfo: str, budgets_bytes: Sequence[int]) -> Sequence[float]:
    """Relative costs that the published baseline reaches, by the planner that pgtune asks."""
    queries = read_workload([str(query) for query in NINETEEN], [], {}).queries
    with (
        open_shadow(snapshot_of(conninfo), None, WORKERS, quietly) as shadow,
        open_planner(shadow, queries) as planner,
    ):
        extend = Extend(planner, queries, named_columns(conninfo, queries))
        return [extend.cost_share(budget) for budget in budgets_bytes]


def run_times(options: Options) -> Iterator[Row]:
    """Run the queries as things are, and with each set really built."""
    with tpch_database(options) as conninfo, connect(conninfo) as connection:
        connection.execute("VACUUM")
        before_s = total_run_s(connection, NINETEEN)
        yield ("none", "1", f"{before_s:.1f}", "")
        for budget in TIMED_MB:
            report = advice(conninfo, NINETEEN, budget).output
            with built(connection, actions(report)):
                after_s = total_run_s(connection, NINETEEN)
            share = f"{report['workload']['cost_share']:.3f}"
            yield (f"budget {budget} MB", share, f"{after_s:.1f}", f"{after_s / before_s:.3f}")


def actions(report: Any) -> Sequence[Mapping[str, str]]:
    return [index["action"] for index in report["indexes"]]
