"""Values chosen for parameters are ones that the server accepts, and find about what a user looks for."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pgtune.advice.suggestion.runnable_queries import RunnableQueries, runnable_queries
from pgtune.model.snapshot import Snapshot
from pgtune.model.workload import Query
from pgtune.shadow.database import Shadow
from pgtune.shadow.server import open_shadow
from pgtune.shadow.what_if.what_if import open_planner
from tests.postgres_server import PostgresServer
from tests.shadow.snapshots import quietly, snapshot_of

_TABLES = """
CREATE TABLE visits (
    id int PRIMARY KEY, user_id int NOT NULL, state text NOT NULL, at timestamptz NOT NULL, email varchar(80),
    price numeric, data jsonb, tags text[], words tsvector, "Odd ""name" text, empty text
);
INSERT INTO visits
SELECT i, i % 1500, (ARRAY['sent', 'sent', 'sent', 'paid', 'new'])[1 + i % 5],
       '2024-01-01 UTC'::timestamptz + i * interval '1 minute',
       'User' || lpad((i * 7919 % 30000)::text, 5, '0') || '@x.com', i % 700 / 7.0,
       jsonb_build_object('k', i % 50), ARRAY['t' || i % 30, '{"'],
       to_tsvector('simple', 'it''s word' || i % 30), 'it''s "' || i % 4 || '"'
FROM generate_series(1, 30000) AS i;
CREATE TABLE parts (n int NOT NULL, m int) PARTITION BY RANGE (n);
CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (0) TO (5000);
CREATE TABLE part_2 PARTITION OF parts FOR VALUES FROM (5000) TO (30000);
CREATE TABLE part_3 PARTITION OF parts FOR VALUES FROM (30000) TO (40000);
INSERT INTO parts SELECT i, i % 1000 FROM generate_series(0, 29999) AS i;
CREATE TABLE fresh (id int);
ANALYZE visits; ANALYZE parts
"""
ROWS = 30_000


@dataclass(frozen=True, slots=True)
class World:
    conninfo: str
    snapshot: Snapshot
    shadow: Shadow

    def filled(self, *texts: str, values: tuple[str | None, ...] | None = None) -> RunnableQueries:
        queries = [Query(n, f"query {n}", text, str(n), values) for n, text in enumerate(texts)]
        with open_planner(self.shadow, queries) as planner:
            return runnable_queries(queries, planner, self.snapshot.statistics)

    def rows(self, query: Query) -> int:
        with psycopg.connect(self.conninfo) as connection:
            cursor = psycopg.RawCursor(connection)
            return len(cursor.execute(query.text.encode(), list(query.values or ())).fetchall())


@contextmanager
def _world(server: str) -> Iterator[World]:
    name = f"pgtune_values_{uuid.uuid4().hex[:12]}"
    conninfo = make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            with psycopg.connect(conninfo, autocommit=True) as filling:
                filling.execute(_TABLES.encode())
            snapshot = snapshot_of(conninfo)
            with open_shadow(snapshot, None, 1, quietly) as shadow:
                yield World(conninfo, snapshot, shadow)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def world(server: str) -> Iterator[World]:
    with _world(server) as loaded:
        yield loaded


# What is asked, and how many of the 30,000 rows it should find with values that a user would give.
FINDS = {
    "SELECT id FROM visits WHERE user_id = $1": range(20, 21),
    "SELECT id FROM visits WHERE $1 = user_id": range(20, 21),
    "SELECT id FROM visits WHERE state = $1": range(6000, 6001),  # not the most frequent of three
    "SELECT id FROM visits WHERE state <> $1": range(24_000, 24_001),
    'SELECT id FROM visits WHERE "Odd ""name" = $1': range(7500, 7501),
    "SELECT id FROM visits WHERE user_id IN ($1, $2, $3)": range(60, 61),
    "SELECT id FROM visits WHERE user_id = ANY ($1)": range(60, 61),
    "SELECT id FROM visits WHERE user_id NOT IN ($1, $2)": range(29_960, 29_961),
    "SELECT id FROM visits WHERE at >= $1 AND at < $2": range(150, 600),
    "SELECT id FROM visits WHERE at BETWEEN $1::timestamptz AND $2::timestamptz": range(150, 600),
    "SELECT id FROM visits WHERE at > $1": range(1500, 4500),
    "SELECT id FROM visits WHERE at < $1": range(1500, 4500),
    "SELECT id FROM visits WHERE $1 > at": range(1500, 4500),
    "SELECT id FROM visits WHERE (at, id) > ($1, $2) ORDER BY at, id LIMIT $3": range(10, 11),
    "SELECT id FROM visits ORDER BY id LIMIT $1 OFFSET $2": range(10, 11),
    "SELECT id FROM visits ORDER BY id FETCH FIRST $1 ROWS ONLY": range(10, 11),
    "SELECT id FROM visits WHERE email = $1": range(1, 2),
    "SELECT id FROM visits WHERE lower(email) = $1": range(1, 2),
    "SELECT id FROM visits WHERE upper(email) = $1": range(1, 2),
    "SELECT id FROM visits WHERE email LIKE $1": range(1, 3000),
    "SELECT id FROM visits WHERE email ILIKE $1": range(1, 3000),
    "SELECT id FROM visits WHERE email ^@ $1": range(1, 3000),
    "SELECT id FROM visits WHERE at::date = $1": range(1440, 1441),
    "SELECT id FROM visits WHERE date(at) = $1": range(1440, 1441),
    "SELECT id FROM visits WHERE data @> $1": range(600, 601),
    "SELECT id FROM visits WHERE tags @> $1": range(1000, ROWS + 1),
    "SELECT id FROM visits WHERE words @@ $1": range(1000, ROWS + 1),
    "SELECT id FROM visits WHERE user_id = $1 OR user_id = $2": range(20, 41),
    "SELECT id FROM visits v JOIN parts p ON p.n = v.id WHERE p.m = $1 AND v.state = $2": range(31),
    "SELECT id FROM visits WHERE user_id = (SELECT max(m) FROM parts WHERE n < $1)": range(20, 21),
    "SELECT id FROM visits WHERE id IN (SELECT n FROM parts WHERE m = $1)": range(30, 31),
    "SELECT m FROM parts WHERE n >= $1 AND n < $2": range(20, 600),
    "SELECT date_trunc($1, at), count(*) FROM visits GROUP BY 1": range(21, 22),
    "SELECT id FROM visits WHERE at > now() - $1::interval": range(1),
    "SELECT id FROM visits WHERE price > $1 AND price <= $2 AND price > 1": range(1, 2000),
}


@pytest.fixture(scope="module")
def filled(world: World) -> RunnableQueries:
    return world.filled(*FINDS)


@pytest.mark.parametrize("text", FINDS)
def test_values_find_what_a_user_would_look_for(world: World, filled: RunnableQueries, text: str) -> None:
    (query,) = (query for query in filled.queries if query.text == text)
    assert query.number in filled.with_typical_values
    assert world.rows(query) in FINDS[text]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("SELECT id FROM visits WHERE empty = $1", "$1"),  # all NULL
        ("SELECT id FROM fresh WHERE id = $1", "$1"),  # never analyzed
        ("SELECT id FROM visits WHERE id + user_id = $1 AND state = $2 AND data ->> $3 = $4", "$1, $3, $4"),
        ("SELECT id FROM visits WHERE email ~ $1", "$1"),
        ("SELECT id FROM visits WHERE tags <@ $1", "$1"),
        ("SELECT $1::int FROM visits", "$1"),
    ],
)
def test_a_parameter_without_a_value_is_named(world: World, text: str, missing: str) -> None:
    filled = world.filled(text)
    assert filled.queries == ()
    assert filled.unmeasured == (f"query 0: the statistics suggest no value for {missing}",)


def test_what_writes_is_not_run_and_what_the_planner_refuses_is_told_elsewhere(world: World) -> None:
    filled = world.filled("DELETE FROM visits WHERE id = $1", "SELECT 1 FROM nowhere WHERE id = $1")
    assert (filled.queries, filled.unmeasured) == ((), ("query 0: it writes",))


def test_a_statement_without_parameters_needs_no_values(world: World) -> None:
    filled = world.filled("SELECT id FROM visits")
    assert [query.values for query in filled.queries] == [()]
    assert not filled.with_typical_values


def test_values_of_the_workload_stay(world: World) -> None:
    given = world.filled("SELECT id FROM visits WHERE user_id = $1", values=("7",))
    assert [query.values for query in given.queries] == [("7",)]
    assert not given.with_typical_values


def test_what_may_be_the_result_of_an_init_plan_is_not_told(other_major: PostgresServer) -> None:
    """Up to 16 both are spelled $1: beside price stands what the second InitPlan returns."""
    both = (
        "SELECT id FROM visits WHERE user_id = (SELECT min(m) FROM parts)"
        " AND price = (SELECT max(n) FROM parts) AND id = $1"
    )
    alone = "SELECT id FROM visits WHERE price < (SELECT max(n) FROM parts) AND id = $1"
    with _world(other_major.conninfo()) as elder:
        filled = elder.filled(both, alone)
        assert [elder.rows(query) for query in filled.queries if query.text == alone] == [1]
        if elder.shadow.version_num < 170000:
            assert filled.unmeasured == ("query 0: the statistics suggest no value for $1",)
