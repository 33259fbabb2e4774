"""What EXPLAIN can do with a statement is told by its keywords."""

from __future__ import annotations

import pytest

from pgtune.errors import StatementError
from pgtune.parse.statement_kind import StatementKind, explained_statement, statement_kind

READ = [
    "SELECT 1",
    "select * from t where note = 'for update'",
    "  -- a comment\n (SELECT 1) UNION (SELECT 2)",
    "VALUES (1), (2)",
    "TABLE t",
    "WITH a AS (SELECT 1) SELECT * FROM a",
    "WITH RECURSIVE a(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM a) SELECT n FROM a",
    "WITH a AS NOT MATERIALIZED (SELECT 1), b AS (SELECT 2) (SELECT * FROM a)",
    'SELECT "into", "delete" FROM "update"',
    "SELECT max(update) FROM t",
    "SELECT substring(a FOR 3) FROM t",
    "SELECT (SELECT count(*) FROM u) FROM t",
]
WRITE = [
    "INSERT INTO t VALUES (1)",
    "/* c */ update t set a = 1",
    "DELETE FROM t",
    "MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DO NOTHING",
    "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone",
    "WITH gone AS MATERIALIZED (DELETE FROM t RETURNING *) SELECT * FROM gone",
    "WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a",
    "WITH a AS (SELECT 1) UPDATE t SET x = 1",
    "SELECT * FROM t FOR UPDATE",
    "SELECT * FROM t FOR NO KEY UPDATE SKIP LOCKED",
    "SELECT * FROM (SELECT * FROM t FOR KEY SHARE) s",
    "SELECT 1 INTO n",
    "SELECT a INTO TEMP n FROM t",
    "CREATE TABLE n AS SELECT 1",
    "CREATE TEMP TABLE IF NOT EXISTS n (a, b) WITH (fillfactor = 70) AS VALUES (1, 2)",
    "CREATE UNLOGGED TABLE n AS (SELECT 1)",
    "CREATE MATERIALIZED VIEW v AS SELECT 1",
    "DECLARE c CURSOR FOR SELECT 1",
    "EXECUTE q(1)",
]
UTILITY = [
    "REFRESH MATERIALIZED VIEW CONCURRENTLY v",  # EXPLAIN takes it, and has no plan to show
    "SET work_mem = '64MB'",
    "BEGIN",
    "CREATE INDEX ON t (a)",
    "CREATE TABLE t (a int GENERATED ALWAYS AS (1) STORED)",
    "CREATE VIEW v AS SELECT 1",
    "COPY t FROM stdin",
    "CALL p()",
    "DO $$ SELECT 1 $$",
    "VACUUM t",
    "",
    "-- nothing",
]


@pytest.mark.parametrize("statement", READ)
def test_a_query_that_only_reads(statement: str) -> None:
    assert statement_kind(statement) is StatementKind.READ


@pytest.mark.parametrize("statement", WRITE)
def test_what_explain_accepts_and_a_read_only_transaction_may_refuse(statement: str) -> None:
    assert statement_kind(statement) is StatementKind.WRITE


@pytest.mark.parametrize("statement", UTILITY)
def test_what_has_no_plan(statement: str) -> None:
    assert statement_kind(statement) is StatementKind.UTILITY


@pytest.mark.parametrize(
    "explain",
    [
        "EXPLAIN ",
        "explain analyze verbose\n",
        "EXPLAIN ANALYSE ",
        "EXPLAIN (ANALYZE, BUFFERS off, FORMAT JSON) ",
        "/* a */ EXPLAIN /* b */ (SETTINGS) -- c\n",
    ],
)
@pytest.mark.parametrize("inner", ["SELECT ')' FROM t", "(SELECT 1)", "DELETE FROM t WHERE a IN (1)"])
def test_the_statement_inside_an_explain_is_given_as_written(explain: str, inner: str) -> None:
    assert statement_kind(explain + inner) is StatementKind.EXPLAIN
    assert explained_statement(explain + inner) == inner


@pytest.mark.parametrize(
    "statement", ["EXPLAIN", "EXPLAIN (ANALYZE)", "EXPLAIN (ANALYZE", "EXPLAIN VERBOSE", "SELECT 1", ""]
)
def test_an_explain_of_nothing_is_refused(statement: str) -> None:
    with pytest.raises(StatementError, match="line 1: "):
        explained_statement(statement)
