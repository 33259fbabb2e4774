"""A shadow plans as the database that its snapshot was taken of: EXPLAIN is the same to the last digit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgtune.embedded.sample import running_sample
from pgtune.model.snapshot import Snapshot
from pgtune.parse.sql_split import read_script
from pgtune.shadow.database import Shadow
from pgtune.shadow.server import open_shadow
from tests.postgres_server import PostgresServer, embedded_binaries, running_server
from tests.shadow.snapshots import quietly, snapshot_of
from tests.tpch.load import GENERATOR, find_generator, generate, load

HERE = Path(__file__).parent
TPCH_QUERIES = sorted((HERE.parent / "tpch" / "queries").glob("q*.sql"))
SAMPLE_QUERIES = [
    statement.text
    for file in sorted((HERE.parents[1] / "sample_queries").glob("*.sql"))
    for statement in read_script(file.read_text()).statements
]
MAJORS = {"18": embedded_binaries(), "15": Path("/usr/lib/postgresql/15/bin")}
# The metapage of a GIN index, which says how its pages divide, is in no snapshot.
GIN_TOLERANCE = 0.2
# Fresh statistics in both, and what was left out compared by name, not by the number of its column.
STATISTICS = """
SELECT s.starelid::regclass::text, a.attname, s.stainherit, to_jsonb(s) - 'starelid' - 'staattnum'
FROM pg_statistic AS s
JOIN pg_attribute AS a ON a.attrelid = s.starelid AND a.attnum = s.staattnum
JOIN pg_class AS c ON c.oid = s.starelid
WHERE c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
"""
RELATIONS = """
SELECT oid::regclass::text, relpages, reltuples, relallvisible, pg_relation_size(oid)
FROM pg_class
WHERE relkind IN ('r', 'p', 'm', 'i', 'I') AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
"""

Explain = Callable[[str], Any]


@contextmanager
def explaining(conninfo: str) -> Iterator[Explain]:
    with psycopg.connect(conninfo, autocommit=True) as connection:

        def explain(query: str) -> Any:
            # Not VERBOSE: a scan of a table that once lost a column shows another output.
            options = "FORMAT JSON, GENERIC_PLAN" if "$1" in query else "FORMAT JSON"
            row = connection.execute(f"EXPLAIN ({options}) {query}".encode()).fetchone()
            assert row is not None
            return row[0][0]["Plan"]

        yield explain


@pytest.fixture(scope="module", params=sorted(MAJORS))
def major(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """A server of each major, to take snapshots of."""
    programs = MAJORS[request.param]
    if not (programs / "postgres").exists():
        pytest.skip(f"no PostgreSQL {request.param} in {programs}")
    settings = {"max_parallel_workers_per_gather": "2", "work_mem": "8MB"}
    with running_server(settings, programs) as server:
        yield server


@pytest.fixture(scope="module")
def zoo(major: PostgresServer) -> str:
    """Connection string of a database with one of everything."""
    with psycopg.connect(major.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE zoo")
    with psycopg.connect(major.conninfo("zoo"), autocommit=True) as connection:
        for statement in read_script((HERE / "zoo.sql").read_text()).statements:
            connection.execute(statement.text.encode())
    return major.conninfo("zoo")


@pytest.fixture(scope="module")
def zoo_snapshot(zoo: str) -> Snapshot:
    return snapshot_of(zoo)


@pytest.fixture(scope="module")
def zoo_shadow(zoo_snapshot: Snapshot, shadow_cache: None) -> Iterator[Shadow]:
    with open_shadow(zoo_snapshot, None, 2, quietly) as shadow:
        yield shadow


@pytest.fixture(scope="module")
def tpch(major: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    if find_generator() is None:
        pytest.skip(f"{GENERATOR} is not installed")
    folder = tmp_path_factory.mktemp("tpch")
    generate(folder, 0.01)
    with psycopg.connect(major.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE tpch")
    load(major.conninfo("tpch"), folder)
    return major.conninfo("tpch")


def queries_in(name: str) -> list[str]:
    return [statement.text for statement in read_script((HERE / name).read_text()).statements]


def test_all_of_tpch_is_planned_alike(tpch: str, shadow_cache: None) -> None:
    queries = [file.read_text() for file in TPCH_QUERIES]
    with (
        open_shadow(snapshot_of(tpch), None, 2, quietly) as shadow,
        explaining(tpch) as real,
        explaining(shadow.databases[0].planner_conninfo) as first,
        explaining(shadow.databases[1].planner_conninfo) as second,
    ):
        assert shadow.same_major
        assert shadow.left_out == ()
        assert len(queries) == 22
        for query in queries:
            plan = real(query)
            assert first(query) == plan
            assert second(query) == plan


@pytest.mark.parametrize("query", queries_in("zoo_queries.sql"))
def test_every_kind_of_object_and_type_is_planned_alike(zoo: str, zoo_shadow: Shadow, query: str) -> None:
    with explaining(zoo) as real, explaining(zoo_shadow.databases[1].planner_conninfo) as ours:
        assert ours(query) == real(query)


@pytest.mark.parametrize("query", queries_in("zoo_gin_queries.sql"))
def test_a_gin_index_costs_about_the_same(zoo: str, zoo_shadow: Shadow, query: str) -> None:
    with explaining(zoo) as real, explaining(zoo_shadow.databases[0].planner_conninfo) as ours:
        assert ours(query)["Total Cost"] == pytest.approx(real(query)["Total Cost"], rel=GIN_TOLERANCE)


@pytest.mark.parametrize("query", queries_in("zoo_range_queries.sql"))
def test_ranges_are_planned_alike_where_their_statistics_can_be_read(
    zoo: str, zoo_shadow: Shadow, zoo_snapshot: Snapshot, query: str
) -> None:
    if zoo_snapshot.version_num < 170000:
        pytest.skip("pg_stats shows no statistics of ranges before PostgreSQL 17")
    with explaining(zoo) as real, explaining(zoo_shadow.databases[0].planner_conninfo) as ours:
        assert ours(query) == real(query)


def test_what_cannot_be_restored_is_named(zoo_shadow: Shadow) -> None:
    assert {left_out.object for left_out in zoo_shadow.left_out} == {
        "row-level security",
        'statistics of "Sales 2024"."Order Lines".spot',
        'statistics of "Sales 2024"."Order Lines".amounts',
    }


def test_statistics_are_those_of_analyze(zoo: str, zoo_shadow: Shadow, zoo_snapshot: Snapshot) -> None:
    missing = {"spot", "amounts"} | ({"span", "spans"} if zoo_snapshot.version_num < 170000 else set())
    with (
        psycopg.connect(zoo, options="-c search_path=pg_catalog") as real,
        psycopg.connect(zoo_shadow.databases[1].conninfo) as ours,
    ):
        expected = {row[:3]: row for row in real.execute(STATISTICS) if row[1] not in missing}
        restored = {row[:3]: row for row in ours.execute(STATISTICS) if row[1] not in missing}
        assert len(expected) > 50
        assert restored == expected


def test_relations_have_the_sizes_of_the_snapshot(zoo: str, zoo_shadow: Shadow) -> None:
    with (
        psycopg.connect(zoo, options="-c search_path=pg_catalog") as real,
        psycopg.connect(zoo_shadow.databases[1].conninfo) as ours,
    ):
        expected = set(real.execute(RELATIONS))
        assert len(expected) > 30
        restored = set(ours.execute(RELATIONS))
        assert expected <= restored
        assert [row[0] for row in restored - expected] == ["public.remote"]  # a foreign table there


def test_the_files_use_no_disk(zoo_shadow: Shadow) -> None:
    with psycopg.connect(zoo_shadow.databases[0].conninfo) as ours:
        row = ours.execute(
            """SELECT pg_relation_filepath('"Sales 2024"."Order Lines"'),
                      pg_relation_size('"Sales 2024"."Order Lines"')"""
        ).fetchone()
    assert row is not None
    status = (zoo_shadow.databases[0].data / row[0]).stat()
    assert status.st_size == row[1] > 1_000_000
    assert status.st_blocks == 0


def test_the_sample_is_planned_alike_but_for_the_ends_of_indexes(own_cache: Path) -> None:
    """The planner looks up the first and last entry of an index; those of the shadow have none.

    The sample is this test's own: others write to the shared one, and what they roll back moves its plans.
    """
    with (
        running_sample(quietly) as conninfo,
        open_shadow(snapshot_of(conninfo), None, 1, quietly) as shadow,
        explaining(conninfo) as real,
        explaining(shadow.databases[0].planner_conninfo) as ours,
    ):
        assert shadow.left_out == ()
        plans = [(real(query), ours(query)) for query in SAMPLE_QUERIES]
    assert sum(expected == found for expected, found in plans) >= 0.9 * len(plans)
    for expected, found in plans:
        assert found["Total Cost"] == pytest.approx(expected["Total Cost"], rel=0.05)


def test_another_major_says_so(zoo: str, zoo_snapshot: Snapshot, shadow_cache: None) -> None:
    if zoo_snapshot.version_num >= 180000:
        pytest.skip("the embedded PostgreSQL is of this major")
    query = 'SELECT * FROM "Sales 2024"."Order Lines" WHERE "select" = 7'
    with (
        open_shadow(zoo_snapshot, embedded_binaries(), 1, quietly) as shadow,
        explaining(shadow.databases[0].planner_conninfo) as ours,
        explaining(zoo) as real,
    ):
        assert not shadow.same_major
        assert shadow.version_num >= 180000
        assert ours(query)["Plan Rows"] == real(query)["Plan Rows"]
