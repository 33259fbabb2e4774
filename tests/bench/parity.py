"""The shadow's plans against the real ones, on TPC-H of scale 1."""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.planner import Question
from pgtune.model.workload import Query
from pgtune.shadow.server import open_shadow
from pgtune.shadow.what_if.what_if import ShadowPlanner, open_planner
from tests.bench.section import Options, Row, figure
from tests.bench.tpch import QUERIES, Connection, built, connect, plan, tpch_database
from tests.bench.what_if_pairs import PAIRS, Pair
from tests.shadow.snapshots import quietly, snapshot_of

GOALS = {"GIN": "10 %", "BRIN": "10 %"}
B_TREE_GOAL = "1 %"


def parity_figures(options: Options) -> Iterator[Row]:
    with tpch_database(options) as conninfo:
        with connect(conninfo) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        yield equal_plans(conninfo)
        if options.elder is not None:
            yield equal_plans(options.elder)
        yield from cost_differences(conninfo)


def equal_plans(conninfo: str) -> Row:
    """How many queries the shadow plans to the last digit as the server does."""
    snapshot = snapshot_of(conninfo)
    with (
        open_shadow(snapshot, None, 1, quietly) as shadow,
        connect(conninfo) as real,
        connect(shadow.databases[0].planner_conninfo) as ours,
    ):
        texts = [query.read_text() for query in QUERIES]
        equal = sum(plan(real, text) == plan(ours, text) for text in texts)
        majors = f"{snapshot.version_num // 10000} on {shadow.version_num // 10000}"
    return figure(f"plans identical, PostgreSQL {majors}", f"{equal} of {len(texts)}", "all")


def cost_differences(conninfo: str) -> Iterator[Row]:
    """The largest difference between planned and real cost, of each kind of index."""
    queries = [
        Query(number, str(pair.index.relation), pair.query, str(number)) for number, pair in enumerate(PAIRS)
    ]
    with (
        open_shadow(snapshot_of(conninfo), None, 1, quietly) as shadow,
        open_planner(shadow, queries) as planner,
        connect(conninfo) as connection,
    ):
        found: dict[str, list[float]] = {}
        for number, pair in enumerate(PAIRS):
            planned = planned_cost(planner, number, pair)
            real = built_cost(connection, pair)
            found.setdefault(pair.kind, []).append(abs(planned / real - 1))
    for kind, differences in found.items():
        what = f"what-if cost against real cost, {kind}, {len(differences)} built"
        yield figure(what, f"{max(differences):.2%}", GOALS.get(kind, B_TREE_GOAL))


def planned_cost(planner: ShadowPlanner, number: int, pair: Pair) -> float:
    (made,) = planner.add([pair.index])
    assert made is not None
    (answer,) = planner.answer([Question(number, frozenset({made.number}))])
    assert answer.used, f"{pair.index} is not used"
    return answer.cost


def built_cost(connection: Connection, pair: Pair) -> float:
    action = pair.index.action("pgtune_bench_idx")
    with built(connection, [{"sql": action.sql, "undo": action.undo}]):
        return float(plan(connection, pair.query)["Total Cost"])
