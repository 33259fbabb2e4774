"""What a statement leaves in its session is told from what ends with its transaction."""

from __future__ import annotations

import psycopg
import pytest

from pgtune.model.pools.server_facts import SessionBoundStatements, SessionFeature
from pgtune.sources.pools.session_features import session_feature
from tests.postgres_server import PostgresServer
from tests.sources.pools.seen import execute, observation, one


@pytest.mark.parametrize(
    ("statement", "feature"),
    [
        ("SET statement_timeout = $1", SessionFeature.SET),
        ("set session search_path to app", SessionFeature.SET),
        ("SET ROLE app", SessionFeature.SET),
        ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", SessionFeature.SET),
        ("/* app */ LISTEN jobs", SessionFeature.LISTEN),
        ("CREATE TEMP TABLE t (i int)", SessionFeature.TEMPORARY_TABLE),
        ("CREATE LOCAL TEMPORARY TABLE t AS SELECT 1", SessionFeature.TEMPORARY_TABLE),
        ("CREATE OR REPLACE TEMP VIEW v AS SELECT 1", SessionFeature.TEMPORARY_TABLE),
        ("SELECT * INTO TEMP t FROM orders", SessionFeature.TEMPORARY_TABLE),
        ("SELECT pg_try_advisory_lock($1)", SessionFeature.ADVISORY_LOCK),
        ("SELECT pg_catalog.pg_advisory_lock_shared ($1, $2)", SessionFeature.ADVISORY_LOCK),
        ("DECLARE c CURSOR WITH HOLD FOR SELECT 1", SessionFeature.HELD_CURSOR),
        ("PREPARE q AS SELECT $1", SessionFeature.PREPARE),
        ("SELECT currval($1)", SessionFeature.CURRVAL),
        ("INSERT INTO lines SELECT lastval(), i FROM t WHERE note = 'cut of", SessionFeature.CURRVAL),
    ],
)
def test_bound_to_the_session(statement: str, feature: SessionFeature) -> None:
    assert session_feature(statement) is feature


@pytest.mark.parametrize(
    "statement",
    [
        "SET LOCAL statement_timeout = 5",
        "SET TRANSACTION READ ONLY",
        "SET CONSTRAINTS ALL DEFERRED",
        "SET application_name = 'api'",
        "SET SESSION TIME ZONE 'UTC'",
        "SET DateStyle = ISO",
        "SELECT pg_advisory_xact_lock($1)",
        "CREATE TEMP TABLE t (i int) ON COMMIT DROP",
        "CREATE TABLE temp (i int)",
        "SELECT temp FROM weather",
        "SELECT pg_advisory_lock FROM settings",
        "SELECT 'LISTEN', 'currval(1)' -- pg_advisory_lock(1)",
        "DECLARE c CURSOR FOR SELECT 1",
        "PREPARE TRANSACTION 'x'",
        "UPDATE orders SET status = $1",
        "UNLISTEN *",
        "",
        "/* cut",
    ],
)
def test_at_home_in_any_session(statement: str) -> None:
    assert session_feature(statement) is None


def test_counted_statements_of_all_databases_come_with_role_and_calls(
    small_server: PostgresServer, role: str
) -> None:
    execute(small_server, "SELECT pg_stat_statements_reset()")
    with psycopg.connect(small_server.conninfo(dbname="template1", user=role), autocommit=True) as other:
        for _ in range(3):
            other.execute("SELECT pg_advisory_lock_shared(7)")
        other.execute("SET app.token = 'secret'")
        other.execute("SELECT set_config('lock_timeout', '1s', true)")
    (lock, setting) = one(observation(small_server.conninfo()), SessionBoundStatements).all
    assert (lock.feature, lock.calls, lock.role) == (SessionFeature.ADVISORY_LOCK, 3, role)
    assert setting.feature is SessionFeature.SET
    assert setting.query.startswith("SET app.token = ")
    assert "secret" not in setting.query


def test_a_database_without_the_extension_is_told(small_server: PostgresServer) -> None:
    seen = observation(small_server.conninfo(dbname="template1"))
    assert seen.missing[SessionBoundStatements] == "needs pg_stat_statements in the database template1"


def test_an_extension_that_is_not_loaded_is_told(other_major: PostgresServer) -> None:
    execute(other_major, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    try:
        assert (
            "shared_preload_libraries" in observation(other_major.conninfo()).missing[SessionBoundStatements]
        )
    finally:
        execute(other_major, "DROP EXTENSION pg_stat_statements")
