"""Candidates on a real server: it accepts their SQL, uses them, and finds rows without the table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgtune.advice.accesses.accesses import accesses
from pgtune.advice.candidates.candidate_indexes import candidates
from pgtune.advice.candidates.candidate_merging import merged, more_general, narrower
from pgtune.model.index import Index
from pgtune.model.plan import Plan
from pgtune.parse.plans import parse_plans
from pgtune.sources.catalog import read_catalog
from tests.conftest import Database
from tests.tpch.load import GENERATOR, find_generator, generate, load

QUERIES = sorted((Path(__file__).parents[1] / "tpch" / "queries").glob("q*.sql"))
_TABLES = '''
CREATE TABLE visits (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id int NOT NULL, "From ""x""" text NOT NULL, at timestamp NOT NULL, closed boolean NOT NULL,
    ended_at timestamp, coupon_id int, state text NOT NULL, data jsonb NOT NULL, tags text[] NOT NULL
);
INSERT INTO visits (user_id, "From ""x""", at, closed, ended_at, coupon_id, state, data, tags)
SELECT i % 1500, 'site ' || i % 40, timestamp '2024-01-01' + i * 7919 % 30000 * interval '1 minute',
       i % 500 <> 0, CASE WHEN i % 300 <> 0 THEN timestamp '2024-02-01' END,
       CASE WHEN i % 4 = 0 THEN i % 700 END,
       (ARRAY['new', 'paid', 'sent'])[1 + i % 3], jsonb_build_object('k', i % 3000), ARRAY['t' || i % 2000]
FROM generate_series(1, 30000) AS i;
VACUUM ANALYZE visits;
SET max_parallel_workers_per_gather = 0
'''
Connection = psycopg.Connection[Any]


def explained(connection: Connection, query: str, *, indexes: bool = True) -> Plan:
    """The plan without execution, with index scans or with none."""
    with connection.transaction(force_rollback=True):
        for kind in ("indexscan", "indexonlyscan", "bitmapscan") if not indexes else ():
            connection.execute(f"SET LOCAL enable_{kind} = off".encode())
        row = connection.execute(f"EXPLAIN (VERBOSE, FORMAT JSON) {query}".encode()).fetchone()
    assert row is not None
    (plan,) = parse_plans(json.dumps(row[0]))
    return plan


def candidates_for(connection: Connection, queries: Sequence[str]) -> list[Index]:
    """The candidates of all queries, each once."""
    plans = [explained(connection, query, indexes=False) for query in queries]
    names = {node.relation for plan in plans for node in plan.nodes() if node.relation is not None}
    catalog = read_catalog(connection, sorted(names, key=str))
    found = (index for plan in plans for access in accesses(plan, catalog) for index in candidates(access))
    return list(dict.fromkeys(found))


def create(connection: Connection, indexes: Sequence[Index]) -> None:
    for number, index in enumerate(indexes):
        connection.execute(index.create_sql(f"candidate_{number}").replace(" CONCURRENTLY", "").encode())


def derived(indexes: Sequence[Index]) -> Iterator[Index]:
    """What the search makes of candidates, some of each."""
    yield from islice(merged(indexes), 0, None, 40)
    for index in indexes[::10]:
        yield from narrower(index)
        yield from more_general(index)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if find_generator() is None:
        pytest.skip(f"{GENERATOR} is not installed")
    folder = tmp_path_factory.mktemp("tpch")
    generate(folder, 0.01)
    return folder


def test_the_server_accepts_every_candidate_of_tpch_and_what_is_made_of_them(
    database: Database, files: Path
) -> None:
    database.execute("DROP TABLE orders, users")
    load(database.conninfo, files)
    database.execute("CREATE EXTENSION pg_trgm")
    with database.connect() as connection:
        found = candidates_for(connection, [query.read_text() for query in QUERIES])
        assert len(found) > 200
        connection.execute("TRUNCATE region, nation, part, supplier, partsupp, customer, orders, lineitem")
        create(connection, list(dict.fromkeys((*found, *derived(found)))))


@pytest.fixture
def visits(database: Database) -> Iterator[Connection]:
    with database.connect() as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        for statement in _TABLES.split(";\n"):
            connection.execute(statement.encode())
        yield connection


@pytest.mark.parametrize(
    ("query", "node_type"),
    [
        ("SELECT * FROM visits WHERE user_id = 42 ORDER BY at DESC LIMIT 10", "Index Scan"),
        ('SELECT * FROM visits WHERE user_id = 42 ORDER BY "From ""x""" DESC, at LIMIT 3', "Index Scan"),
        ("SELECT user_id, at FROM visits WHERE user_id = 42", "Index Only Scan"),
        ("SELECT id FROM visits WHERE NOT closed AND ended_at IS NULL", "Index Only Scan"),
        ("SELECT * FROM visits WHERE coupon_id = 8 AND state <> 'sent'", "Bitmap Heap Scan"),
        ("SELECT sum(user_id) FROM visits WHERE date_trunc('day', at) = '2024-01-05'", "Index Only Scan"),
        ("SELECT * FROM visits WHERE data @> '{\"k\": 7}'", "Bitmap Heap Scan"),
        ("SELECT * FROM visits WHERE tags && '{t7}'", "Bitmap Heap Scan"),
        ("SELECT * FROM visits WHERE user_id = 7 OR coupon_id = 8", "Bitmap Heap Scan"),
        ("SELECT max(at) FROM visits", "Index Only Scan"),
        ("SELECT user_id, count(*) FROM visits GROUP BY user_id", "Index Only Scan"),
        ('SELECT DISTINCT state, "From ""x""" FROM visits', "Index Only Scan"),
        ("SELECT *, rank() OVER (PARTITION BY user_id ORDER BY at) FROM visits LIMIT 5", "Index Scan"),
        ("UPDATE visits SET closed = true WHERE user_id = 7 AND at < '2024-01-10'", "Bitmap Heap Scan"),
    ],
)
def test_the_planner_takes_a_candidate_and_the_cost_falls(
    visits: Connection, query: str, node_type: str
) -> None:
    before = explained(visits, query).root.estimate
    create(visits, candidates_for(visits, [query]))
    visits.execute("VACUUM visits")
    after = explained(visits, query)
    used = {node.node_type for node in after.nodes() if (node.index_name or "").startswith("candidate_")}
    used |= {node.node_type for node in after.nodes() if node.node_type == "Bitmap Heap Scan"}
    assert node_type in used
    assert before is not None
    assert after.root.estimate is not None
    assert after.root.estimate.total_cost < 0.9 * before.total_cost


def test_once_created_no_candidate_is_proposed_again(visits: Connection) -> None:
    queries = ["SELECT user_id, at FROM visits WHERE user_id = 42 AND NOT closed ORDER BY at"]
    create(visits, candidates_for(visits, queries))
    assert candidates_for(visits, queries) == []


def test_queries_that_want_the_same_get_equal_indexes(visits: Connection) -> None:
    one = "SELECT at, id FROM visits v WHERE ended_at > at AND user_id = 1"
    other = "SELECT id, at FROM visits WHERE user_id = 2 AND at < ended_at"
    assert candidates_for(visits, [one]) == candidates_for(visits, [other])


def test_a_join_is_seen_through_another_join(visits: Connection) -> None:
    visits.execute("CREATE TABLE coupons AS SELECT id, id AS user_id FROM users; ANALYZE coupons")
    query = (
        "SELECT v.at FROM users u JOIN coupons c ON c.user_id = u.id JOIN visits v ON v.user_id = c.user_id"
        " WHERE u.email = 'user7@example.com'"
    )
    plan = explained(visits, query, indexes=False)
    catalog = read_catalog(visits, [node.relation for node in plan.nodes() if node.relation is not None])
    users, visited = (
        next(access for access in accesses(plan, catalog) if access.relation.name == name)
        for name in ("users", "visits")
    )
    assert {clause.operand for clause in visited.joins} == {"c.user_id", "u.id"}
    assert {clause.operand for clause in users.joins} == {"c.user_id", "v.user_id"}
