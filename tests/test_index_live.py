"""The proposed index, built for real: PostgreSQL uses it, and would have named it so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from pgtune.advice.hints.index_hints import advise
from pgtune.analysis.attribution import attribute
from pgtune.analysis.review import review
from pgtune.analysis.rule_book import find_rule
from pgtune.model.catalog import Catalog
from pgtune.model.charge import ChargedPlan
from pgtune.model.evidence import Evidence
from pgtune.model.finding import Finding, Severity
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.plan import Plan
from pgtune.model.policy import Policy
from pgtune.parse.plans import parse_plans
from pgtune.sources.catalog import read_catalog
from tests.conftest import Database

_TABLES = '''
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE visits (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id int NOT NULL, site text NOT NULL, "Größe ""x""" int NOT NULL, at timestamp NOT NULL,
    at_zone timestamptz NOT NULL, closed boolean NOT NULL, ended_at timestamp, code varchar(20) NOT NULL,
    data jsonb NOT NULL, tags text[] NOT NULL, note text NOT NULL
);
INSERT INTO visits (user_id, site, "Größe ""x""", at, at_zone, closed, ended_at, code, data, tags, note)
SELECT i % 2000, 'site ' || i % 50, i % 3000, timestamp '2024-01-01' + i * interval '1 minute',
       timestamptz '2024-01-01' + i * interval '1 minute', i % 500 <> 0,
       CASE WHEN i % 300 <> 0 THEN timestamp '2024-02-01' END, 'code ' || i % 5000,
       jsonb_build_object('k', i % 4000, 'n', i), ARRAY['t' || i % 3000, 'u'], md5(i::text)
FROM generate_series(1, 60000) AS i;
CREATE TABLE measures (sensor int NOT NULL, at date NOT NULL, value int NOT NULL, pad text NOT NULL)
PARTITION BY RANGE (at);
CREATE TABLE measures_1 PARTITION OF measures FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
CREATE TABLE measures_2 PARTITION OF measures FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');
INSERT INTO measures
SELECT i % 1000, date '2024-01-01' + i % 360, i, repeat('x', 50) FROM generate_series(1, 40000) AS i;
VACUUM ANALYZE;
SET max_parallel_workers_per_gather = 0;
'''


def explained(connection: psycopg.Connection[Any], query: str) -> Plan:
    row = connection.execute(f"EXPLAIN (ANALYZE, VERBOSE, BUFFERS, FORMAT JSON) {query}".encode()).fetchone()
    assert row is not None
    (plan,) = parse_plans(json.dumps(row[0]))
    return plan


def catalog_of(connection: psycopg.Connection[Any], plan: Plan) -> Catalog:
    names = {node.relation for node in plan.nodes() if node.relation is not None}
    return read_catalog(connection, sorted(names, key=str))


def wanting(plan: ChargedPlan, purpose: Purpose, node_type: str) -> Finding:
    """A finding of the first node of that type."""
    node = next(node for node in plan.nodes if node.node_type == node_type)
    return Finding(
        rule="some-rule",
        severity=Severity.WARNING,
        at=f"node {node.number}",
        node=node.number,
        message="",
        detail="",
        hint="",
        action=None,
        saving_ms=None,
        share=0.5,
        key="some-rule:x",
        index_need=IndexNeed(purpose, node.number),
    )


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with database.connect() as opened:
        for statement in _TABLES.split(";\n"):
            opened.execute(statement.encode())
        yield opened


def build(connection: psycopg.Connection[Any], finding: Finding) -> list[str]:
    """Run the proposed SQL and return the names of the new indexes; unnamed twins must be named alike."""
    assert finding.action is not None, finding.hint
    names = []
    for statement in finding.action.sql.split("\n"):
        created = re.match(r'CREATE INDEX (?:CONCURRENTLY )?("(?:[^"]|"")+"|\S+) (ON .*)', statement)
        if created is not None:
            connection.execute(f"CREATE INDEX {created[2]}".encode())
            names.append(created[1].strip('"').replace('""', '"'))
            assert own_name(connection) == names[-1]
            connection.execute(f"DROP INDEX {created[1]}".encode())
        connection.execute(statement.encode())
    connection.execute("VACUUM ANALYZE")
    return names


def own_name(connection: psycopg.Connection[Any]) -> str:
    """The name of the newest index that belongs to no partition."""
    row = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('i', 'I') AND NOT relispartition"
        " ORDER BY oid DESC LIMIT 1"
    ).fetchone()
    assert row is not None
    return str(row[0])


FILTERS = [
    ("SELECT * FROM visits WHERE user_id = 42", "(user_id)", "Index Scan|Bitmap Heap Scan"),
    ("SELECT user_id, at FROM visits WHERE user_id = 42", "(user_id) INCLUDE (at)", "Index Only Scan"),
    ("SELECT count(*) FROM visits WHERE user_id = 42", "(user_id)", "Index Only Scan"),
    (
        "SELECT id FROM visits WHERE user_id = 42 AND at > '2024-01-10'",
        "(user_id, at) INCLUDE (id)",
        "Index Only Scan",
    ),
    ("SELECT id FROM visits WHERE user_id = 42 AND at > '2024-02-08'", "(user_id, at)", "Bitmap Heap Scan"),
    ("SELECT * FROM visits WHERE user_id = 42 ORDER BY at DESC LIMIT 5", "(user_id, at)", "Index Scan"),
    (
        "SELECT * FROM visits WHERE user_id = 42 ORDER BY site, at DESC LIMIT 5",
        "(user_id, site, at DESC)",
        "Index Scan",
    ),
    ("SELECT * FROM visits WHERE user_id IN (1, 2, 3)", "(user_id)", "Index Scan|Bitmap Heap Scan"),
    (
        "SELECT user_id FROM visits WHERE user_id < 9 AND NOT closed",
        "(user_id) WHERE NOT closed",
        "Index Only Scan",
    ),
    (
        "SELECT id, user_id FROM visits WHERE NOT closed",
        "(id) INCLUDE (user_id) WHERE NOT closed",
        "Index Only Scan",
    ),
    (
        "SELECT * FROM visits WHERE ended_at IS NULL AND user_id = 300",
        "(user_id) WHERE ended_at IS NULL",
        "Index Scan",
    ),
    ("SELECT * FROM visits WHERE lower(note) = 'x'", "((lower(note)))", "Index Scan|Bitmap Heap Scan"),
    (
        "SELECT * FROM visits WHERE data ->> 'k' = '77'",
        "((data ->> 'k'::text))",
        "Index Scan|Bitmap Heap Scan",
    ),
    ("SELECT * FROM visits WHERE at::date = '2024-01-05'", "(((at)::date))", "Index Scan|Bitmap Heap Scan"),
    (
        "SELECT * FROM visits WHERE at_zone AT TIME ZONE 'UTC' < '2024-01-02'",
        "((at_zone AT TIME ZONE 'UTC'::text))",
        "Index Scan|Bitmap Heap Scan",
    ),
    ("SELECT * FROM visits WHERE code = 'code 77'", "(code)", "Index Scan|Bitmap Heap Scan"),
    ("SELECT * FROM visits WHERE id::text = '77'", "(((id)::text))", "Index Scan|Bitmap Heap Scan"),
    (
        "SELECT * FROM visits WHERE code LIKE 'code 77%'",
        "(code text_pattern_ops)",
        "Index Scan|Bitmap Heap Scan",
    ),
    ("SELECT * FROM visits WHERE note LIKE '%abcde%'", "USING gin (note gin_trgm_ops)", "Bitmap Heap Scan"),
    (
        """SELECT * FROM visits WHERE data @> '{"k": 7}'""",
        "USING gin (data jsonb_path_ops)",
        "Bitmap Heap Scan",
    ),
    ("SELECT * FROM visits WHERE tags @> '{t7}'", "USING gin (tags)", "Bitmap Heap Scan"),
    ('SELECT * FROM visits WHERE "Größe ""x""" = 7', '("Größe ""x""")', "Index Scan|Bitmap Heap Scan"),
    ("SELECT * FROM visits WHERE user_id = 42 OR code = 'code 7'", "(user_id)", "Bitmap Heap Scan"),
    (
        "SELECT * FROM visits WHERE (at, id) < ('2024-01-01 08:00', 100)",
        "(at, id)",
        "Index Scan|Bitmap Heap Scan",
    ),
    ("SELECT value FROM measures WHERE sensor = 7", "(sensor) INCLUDE (value)", "Index Only Scan"),
    (
        "SELECT * FROM visits WHERE extract(hour FROM at) = 99",
        "((EXTRACT(hour FROM at)))",
        "Index Scan|Bitmap Heap Scan",
    ),
    (
        "SELECT * FROM visits WHERE coalesce(ended_at, at) < '2024-01-01 03:00'",
        "((COALESCE(ended_at, at)))",
        "Index Scan|Bitmap Heap Scan",
    ),
]


@pytest.mark.parametrize(("query", "definition", "scans"), FILTERS, ids=[query for query, _, _ in FILTERS])
def test_seq_scan_becomes_a_scan_of_the_proposed_index(
    connection: psycopg.Connection[Any], query: str, definition: str, scans: str
) -> None:
    plan = attribute(explained(connection, query))
    catalog = catalog_of(connection, plan.plan)
    seen = review([find_rule("seq-scan-discards")], Evidence((plan,)), Policy(min_share=0.0))
    advised = advise(seen.findings, plan, catalog)
    assert len(advised) >= 1
    finding = advised[0]
    assert finding.action is not None, finding.hint
    assert definition in finding.action.sql
    names = build(connection, finding)
    after = [node for node in explained(connection, query).nodes() if node.index_name is not None]
    used = {node.index_name for node in after}
    parents = connection.execute(
        "SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid"
        " JOIN pg_class AS p ON p.oid = i.inhparent WHERE p.relname = %s",
        [names[0]],
    ).fetchall()
    assert used & {*names, *(name for (name,) in parents)}
    types = {node.node_type for node in explained(connection, query).nodes()}
    assert types & set(scans.split("|"))
    if "Index Only Scan" in scans:
        assert all(node.heap_fetches == 0 for node in after if node.node_type == "Index Only Scan")


@pytest.mark.parametrize(
    ("query", "purpose", "node_type", "definition", "gone"),
    [
        (
            "SELECT note FROM users JOIN visits ON user_id = users.id WHERE email = 'user7@example.com'",
            Purpose.JOIN,
            "Seq Scan",
            "(user_id)",
            "Seq Scan",
        ),
        (
            "SELECT user_id, at FROM visits ORDER BY user_id, at DESC",
            Purpose.ORDER,
            "Sort",
            "(user_id, at DESC)",
            "Sort",
        ),
        ("SELECT * FROM visits ORDER BY at DESC LIMIT 3", Purpose.ORDER, "Sort", "(at)", "Sort"),
        (
            "SELECT * FROM visits WHERE site = 'site 3' ORDER BY at LIMIT 3",
            Purpose.ORDER,
            "Sort",
            "(site, at)",
            "Sort",
        ),
    ],
)
def test_needs_of_joins_and_sorts(
    connection: psycopg.Connection[Any],
    query: str,
    purpose: Purpose,
    node_type: str,
    definition: str,
    gone: str | None,
) -> None:
    plan = attribute(explained(connection, query))
    catalog = catalog_of(connection, plan.plan)
    (finding,) = advise([wanting(plan, purpose, node_type)], plan, catalog)
    assert finding.action is not None, finding.hint
    names = build(connection, finding)
    assert definition in finding.action.sql
    after = list(explained(connection, query).nodes())
    assert {node.index_name for node in after} & set(names)
    assert gone not in {node.node_type for node in after}


def test_index_in_use_is_widened_to_cover(connection: psycopg.Connection[Any]) -> None:
    connection.execute("CREATE INDEX visits_user_id_idx ON visits (user_id)")
    connection.execute("SET enable_bitmapscan = off")
    query = "SELECT at, site FROM visits WHERE user_id = 42"
    plan = attribute(explained(connection, query))
    (finding,) = advise([wanting(plan, Purpose.COVER, "Index Scan")], plan, catalog_of(connection, plan.plan))
    assert finding.action is not None, finding.hint
    assert "takes the place of visits_user_id_idx" in finding.hint
    build(connection, finding)
    assert {node.node_type for node in explained(connection, query).nodes()} == {"Index Only Scan"}


def test_nothing_is_proposed_where_the_index_exists(connection: psycopg.Connection[Any]) -> None:
    query = "SELECT * FROM visits WHERE user_id = 42"
    plan = attribute(explained(connection, query))
    connection.execute("CREATE INDEX mine ON visits (user_id, at)")
    (finding,) = advise([wanting(plan, Purpose.FILTER, "Seq Scan")], plan, catalog_of(connection, plan.plan))
    assert finding.action is None
    assert "mine serves this query" in finding.hint


def test_undo_removes_the_index(connection: psycopg.Connection[Any]) -> None:
    plan = attribute(explained(connection, "SELECT * FROM visits WHERE user_id = 42"))
    (finding,) = advise([wanting(plan, Purpose.FILTER, "Seq Scan")], plan, catalog_of(connection, plan.plan))
    (name,) = build(connection, finding)
    assert finding.action is not None
    connection.execute((finding.action.undo or "").encode())
    row = connection.execute("SELECT to_regclass(%s)", [name]).fetchone()
    assert row == (None,)


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("t", ["a", "b"]),
        ("t" * 60, ["a" * 20, "b" * 20]),
        ("t" * 20, [f"column_number_{i}" for i in range(8)]),
        ("ü" * 30, ["ö" * 25, "ä" * 10]),
        ("a" * 63, ["b" * 63]),
    ],
)
def test_default_name_is_the_servers_own(database: Database, table: str, columns: list[str]) -> None:
    from pgtune.model.index import Index, IndexPart
    from pgtune.model.names import RelationName

    index = Index(
        RelationName("public", table), tuple(map(IndexPart, columns[:1])), include=tuple(columns[1:])
    )
    with database.connect() as connection:
        connection.execute(
            f'CREATE TABLE "{table}" ({", ".join(f"{quoted(c)} int" for c in columns)})'.encode()
        )
        included = f"INCLUDE ({', '.join(map(quoted, columns[1:]))})" if columns[1:] else ""
        taken: set[str] = set()
        for _ in range(3):
            connection.execute(f'CREATE INDEX ON "{table}" ({quoted(columns[0])}) {included}'.encode())
            assert own_name(connection) == index.default_name(taken)
            taken.add(own_name(connection))


def quoted(name: str) -> str:
    return f'"{name}"'
