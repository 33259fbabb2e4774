"""The work_mem that a finding proposes is enough: the statement runs again with it, on a real PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import dataclass

import psycopg
import pytest

from pgtune.analysis.attribution import attribute
from pgtune.analysis.review import review
from pgtune.analysis.rule_book import find_rule
from pgtune.model.action import Action
from pgtune.model.evidence import Evidence
from pgtune.model.memory import (
    MemorySettings,
    format_kb,
    memory_settings,
    parse_kb,
    suggest_hash_mem,
    suggest_work_mem,
)
from pgtune.model.plan import Plan
from pgtune.model.policy import Policy
from pgtune.parse.plans import parse_plans
from tests.conftest import Database
from tests.postgres_server import PostgresServer

_ROWS = """
CREATE TEMP TABLE narrow AS SELECT hashint4(i) AS k, i FROM generate_series(1, 30000) AS i;
CREATE TEMP TABLE texts AS SELECT md5(i::text) AS k, i FROM generate_series(1, 30000) AS i;
CREATE TEMP TABLE wide AS SELECT hashint4(i) AS k, repeat('x', 400) AS p FROM generate_series(1, 30000) AS i;
CREATE TEMP TABLE twice AS SELECT k, k + 1 AS other, i FROM narrow UNION ALL SELECT k, k + 1, i FROM narrow;
CREATE TABLE shared AS SELECT i AS k, i + 1 AS other FROM generate_series(1, 30000) AS i;
ALTER TABLE shared SET (parallel_workers = 2);
ANALYZE;
SET work_mem = '64kB';
SET jit = off;
SET enable_mergejoin = off;
SET enable_nestloop = off;
"""
_SERIAL = "SET max_parallel_workers_per_gather = 0;"
_PARALLEL = "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;"


@dataclass(frozen=True)
class Spill:
    rule: str
    settings: str
    query: str


SPILLS = [
    Spill("disk-sort", _SERIAL, "SELECT * FROM narrow ORDER BY k"),
    Spill("disk-sort", _SERIAL, "SELECT k FROM narrow ORDER BY k"),
    Spill("disk-sort", _SERIAL, "SELECT * FROM texts ORDER BY k"),
    Spill("disk-sort", _SERIAL, "SELECT * FROM wide ORDER BY k"),
    Spill("disk-sort", _SERIAL, "SELECT * FROM texts ORDER BY k LIMIT 20000"),
    Spill("disk-sort", _PARALLEL, "SELECT * FROM shared ORDER BY other"),
    Spill(
        "disk-hash-aggregate", _SERIAL + "SET enable_sort = off;", "SELECT k, count(*) FROM twice GROUP BY k"
    ),
    Spill("disk-hash-aggregate", _SERIAL + "SET enable_sort = off;", "SELECT DISTINCT * FROM wide"),
    Spill(
        "disk-hash-aggregate",
        _SERIAL + "SET enable_sort = off;",
        "SELECT k, sum(i::numeric) FROM twice GROUP BY k",
    ),
    Spill("hash-batches", _SERIAL, "SELECT * FROM twice LEFT JOIN narrow USING (k)"),
    Spill("hash-batches", _SERIAL, "SELECT * FROM twice t LEFT JOIN texts x ON x.i = t.i"),
    Spill("hash-batches", _SERIAL, "SELECT * FROM twice t LEFT JOIN wide w ON w.k = t.k"),
    Spill("hash-batches", _PARALLEL, "SELECT * FROM shared a JOIN shared b ON a.other = b.k"),
]
TUPLE_STORES = [  # PostgreSQL prints them from 18 on
    Spill("window-storage-on-disk", _SERIAL, "SELECT k, count(*) OVER () FROM narrow"),
    Spill("window-storage-on-disk", _SERIAL, "SELECT *, count(*) OVER () FROM wide"),
    Spill(
        "window-storage-on-disk",
        _SERIAL,
        "WITH q AS MATERIALIZED (SELECT * FROM texts) SELECT count(*) FROM q",
    ),
]


def explain(connection: psycopg.Connection, query: str) -> Plan:
    row = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, VERBOSE, SETTINGS, FORMAT JSON) {query}").fetchone()
    assert row is not None
    (plan,) = parse_plans(json.dumps(row[0]))
    return plan


def actions(connection: psycopg.Connection, spill: Spill) -> list[Action | None]:
    evidence = Evidence((attribute(explain(connection, spill.query)),))
    return [f.action for f in review([find_rule(spill.rule)], evidence, Policy(min_share=0.0)).findings]


def check_that_advice_suffices(connection: psycopg.Connection, spill: Spill) -> None:
    connection.execute(_ROWS + spill.settings)
    (action,) = actions(connection, spill)
    assert action is not None
    connection.execute(action.sql)
    assert actions(connection, spill) == []


@pytest.mark.parametrize("spill", SPILLS, ids=lambda spill: f"{spill.rule}: {spill.query}")
def test_the_proposed_work_mem_keeps_the_rows_in_memory(spill: Spill, database: Database) -> None:
    with database.connect() as connection:
        check_that_advice_suffices(connection, spill)


@pytest.mark.parametrize("spill", TUPLE_STORES, ids=lambda spill: spill.query)
def test_the_proposed_work_mem_keeps_a_tuple_store_in_memory(spill: Spill, database: Database) -> None:
    with database.connect() as connection:
        if connection.info.server_version < 180000:
            pytest.skip("needs PostgreSQL 18 or later")
        check_that_advice_suffices(connection, spill)


@pytest.mark.other_major
@pytest.mark.parametrize("spill", SPILLS, ids=lambda spill: f"{spill.rule}: {spill.query}")
def test_the_proposed_work_mem_suffices_on_another_major(spill: Spill, other_major: PostgresServer) -> None:
    with psycopg.connect(other_major.conninfo(), autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS shared")
        check_that_advice_suffices(connection, spill)


@pytest.mark.parametrize(
    ("kb", "text"), [(0, "0 kB"), (999, "999 kB"), (1000, "1.0 MB"), (24224, "24 MB"), (1572864, "1.5 GB")]
)
def test_sizes_are_written_for_people(kb: float, text: str) -> None:
    assert format_kb(kb) == text


@pytest.mark.parametrize(
    ("setting", "kb"),
    [("4MB", 4096), ("64kB", 64), ("1GB", 1048576), ("8192", 8192), ("16384B", 16), ("", None), ("on", None)],
)
def test_memory_settings_are_read_as_the_server_prints_them(setting: str, kb: int | None) -> None:
    assert parse_kb(setting) == kb


@pytest.mark.parametrize(
    ("needed_kb", "sql"),
    [
        (50, "SET work_mem = '64kB';"),
        (900, "SET work_mem = '960kB';"),
        (2100, "SET work_mem = '3MB';"),
        (41 * 1024, "SET work_mem = '41MB';"),
        (231 * 1024, "SET work_mem = '240MB';"),
    ],
)
def test_the_setting_is_rounded_up_to_two_digits(needed_kb: float, sql: str) -> None:
    action = suggest_work_mem(needed_kb, MemorySettings(None, 2.0)).action
    assert action is not None
    assert action.sql == sql


def test_a_hash_needs_less_work_mem_by_its_multiplier() -> None:
    assert suggest_hash_mem(20 * 1024, MemorySettings(None, 2.0)).work_mem_kb == 10 * 1024
    assert suggest_hash_mem(20 * 1024, MemorySettings(None, 1.0)).work_mem_kb == 20 * 1024


def test_what_is_set_did_not_suffice_so_more_is_proposed() -> None:
    assert suggest_work_mem(3000, MemorySettings(4096, 2.0)).work_mem_kb == 8192


def test_more_than_a_server_should_spare_is_not_proposed_as_sql() -> None:
    advice = suggest_work_mem(3 * 1024**2, MemorySettings(None, 2.0))
    assert advice.action is None
    assert advice.hint.startswith("Read fewer rows")


def test_the_plan_says_what_was_set(database: Database) -> None:
    with database.connect() as connection:
        connection.execute("SET work_mem = '12MB'; SET hash_mem_multiplier = 3")
        settings = memory_settings(explain(connection, "SELECT 1"), None)
    assert settings == MemorySettings(work_mem_kb=12 * 1024, hash_mem_multiplier=3.0)
