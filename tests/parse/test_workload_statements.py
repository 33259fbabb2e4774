"""Texts as pg_stat_statements keeps them become statements that the server plans, or say why not."""

from __future__ import annotations

import pytest

from pgtune.model.names import RelationName
from pgtune.model.snapshot import StatementStatistics
from pgtune.model.workload import Workload, WorkloadOrigin, Write, WriteKind
from pgtune.parse.workload import workload_of_statements


def workload(*texts: str) -> Workload:
    counted = [StatementStatistics(100 + i, text, 10, 1000.0 - i, 30) for i, text in enumerate(texts)]
    return workload_of_statements(counted)


def planned(text: str) -> str:
    (query,) = workload(text).queries
    return query.text


def reason(text: str) -> str:
    (skipped,) = workload(text).skipped
    return skipped.reason


@pytest.mark.parametrize(
    ("counted", "plannable"),
    [
        ("SELECT * FROM t WHERE d > date $1", "SELECT * FROM t WHERE d > CAST($1 AS date)"),
        (
            "SELECT * FROM t WHERE d > now() - interval $1 AND e = $2",
            "SELECT * FROM t WHERE d > now() - CAST($1 AS interval) AND e = $2",
        ),
        ("SELECT interval $1 day FROM t", "SELECT CAST($1 AS interval day) FROM t"),
        ("SELECT interval $1 second(3) FROM t", "SELECT CAST($1 AS interval second(3)) FROM t"),
        (
            "SELECT interval $1 year to month, interval(3) $2 FROM t",
            "SELECT CAST($1 AS interval year to month), CAST($2 AS interval(3)) FROM t",
        ),
        (
            "SELECT timestamp with time zone $1, at at time zone $2 FROM t",
            "SELECT CAST($1 AS timestamp with time zone), at at time zone $2 FROM t",
        ),
        (
            "SELECT timestamp(0) without time zone $1 FROM t",
            "SELECT CAST($1 AS timestamp(0) without time zone) FROM t",
        ),
        (
            "SELECT double precision $1, varchar(3) $2, decimal(5,2) $3 FROM t",
            "SELECT CAST($1 AS double precision), CAST($2 AS varchar(3)), CAST($3 AS decimal(5,2)) FROM t",
        ),
        (
            'SELECT pg_catalog.int4 $1, "my type" $2 FROM t',
            'SELECT CAST($1 AS pg_catalog.int4), CAST($2 AS "my type") FROM t',
        ),
        ("SELECT extract($1 FROM at) FROM t", "SELECT pg_catalog.extract($1, at) FROM t"),
        (
            "SELECT 1 FROM t WHERE d > current_date - $1",
            "SELECT 1 FROM t WHERE d > current_date - CAST($1 AS integer)",
        ),
        (
            "SELECT 1 FROM t WHERE id IN ($1 /*, ... */) AND a = $2",
            f"SELECT 1 FROM t WHERE id IN ({', '.join(['$1'] * 10)}) AND a = $2",
        ),
        (
            "select date_trunc($1, at), b from t where b = $2 group by date_trunc('day', at) limit $3",
            "select date_trunc('day', at), b from t where b = $1 group by date_trunc('day', at) limit $2",
        ),
        (
            "SELECT a % $1 FROM t WHERE a % $2 = $3 GROUP BY A % 5 HAVING count(*) > $4 ORDER BY A % 5 DESC",
            "SELECT a % 5 FROM t WHERE a % $1 = $2 GROUP BY A % 5 HAVING count(*) > $3 ORDER BY A % 5 DESC",
        ),
        (
            "DECLARE c NO SCROLL CURSOR WITH HOLD FOR SELECT * FROM t WHERE a = $1",
            "SELECT * FROM t WHERE a = $1",
        ),
        ("PREPARE p AS SELECT * FROM t WHERE a = $1", "SELECT * FROM t WHERE a = $1"),
        (
            "PREPARE p(int, numeric(5,2)) AS SELECT * FROM t WHERE a = $1 AND b = $2 AND c = $3",
            "SELECT * FROM t WHERE a = CAST($1 AS int) AND b = CAST($2 AS numeric(5,2)) AND c = $3",
        ),
        (
            "CREATE TEMP TABLE n (a) WITH (fillfactor = 70) AS SELECT a FROM t WHERE b = $1",
            "SELECT a FROM t WHERE b = $1",
        ),
        ("CREATE MATERIALIZED VIEW v AS SELECT a FROM t", "SELECT a FROM t"),
        ("SELECT a INTO UNLOGGED TABLE s.n FROM t WHERE b = $1", "SELECT a FROM t WHERE b = $1"),
        ("COPY (SELECT a FROM t WHERE (b = 1)) TO STDOUT WITH (FORMAT csv)", "SELECT a FROM t WHERE (b = 1)"),
        ("/* app */ SELECT a FROM t; ", "SELECT a FROM t"),
        (
            "SELECT 1 FROM t WHERE a = ANY (ARRAY[$1 /*, ... */]) AND b && ARRAY[$2]",
            "SELECT 1 FROM t WHERE a = ANY ($1) AND b && ARRAY[$2]",
        ),
        (
            "SELECT sum(CASE WHEN a > $1 THEN $2 WHEN b THEN $3 ELSE $4 END), avg($5) FROM t",
            (
                "SELECT sum(CASE WHEN a > $1 THEN CAST($2 AS integer) WHEN b THEN CAST($3 AS integer) "
                "ELSE CAST($4 AS integer) END), avg(CAST($5 AS integer)) FROM t"
            ),
        ),
        (
            "SELECT 1 FROM t WHERE a BETWEEN $1 - $2 AND $3 * $4 + $5 AND b + $6 + $7 > $8",
            (
                "SELECT 1 FROM t WHERE a BETWEEN CAST($1 AS integer) - $2 AND CAST($3 AS integer) * $4 + $5"
                " AND b + $6 + $7 > $8"
            ),
        ),
        (
            "SELECT 1 FROM t, generate_series($1, $2) n WHERE a = n AND d < date $3 + $4",
            (
                "SELECT 1 FROM t, generate_series(CAST($1 AS integer), CAST($2 AS integer)) n"
                " WHERE a = n AND d < CAST($3 AS date) + CAST($4 AS integer)"
            ),
        ),
        (
            (
                "SELECT coalesce(a, $1), extract($2 from at) FROM t GROUP BY ROLLUP (coalesce(a, 'x')), "
                "extract(year from at)"
            ),
            (
                "SELECT coalesce(a, 'x'), extract(year from at) FROM t GROUP BY ROLLUP (coalesce(a, 'x')), "
                "extract(year from at)"
            ),
        ),
    ],
)
def test_the_text_becomes_one_that_the_server_takes(counted: str, plannable: str) -> None:
    assert planned(counted) == plannable


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM t WHERE b BETWEEN $1 AND $2 ORDER BY a DESC FETCH FIRST $3 ROWS ONLY",
        "SELECT DISTINCT ON (a) $1 FROM t LIMIT $2 OFFSET $3",
        "SELECT sum(a) OVER (ORDER BY b ROWS BETWEEN $1 PRECEDING AND $2 FOLLOWING) FROM t",
        "SELECT substring(a FROM $1 FOR $2), position($3 IN a), CAST($4 AS date), $5::interval FROM t",
        "SELECT a FROM t WHERE b NOT LIKE $1 ESCAPE $2 OR c SIMILAR TO $3 OR d = ANY ($4)",
        "SELECT a FROM t WHERE date > $1 AND name = $2 AND at AT TIME ZONE $3 > $4",
        "SELECT a FROM t GROUP BY a, $1 ORDER BY 1",
        "INSERT INTO t SELECT * FROM u WHERE a = $1 ON CONFLICT (a) DO UPDATE SET b = $2",
        "SELECT a FROM t WHERE b = $1 FOR UPDATE SKIP LOCKED",
        "SELECT sum(CASE WHEN a THEN b ELSE $1 END), max($2) FROM t, generate_series($3, at, $4)",
        "SELECT a + $1 * $2 FROM t WHERE b = $3 || $4",
    ],
)
def test_what_the_server_takes_as_it_is_stays_as_it_is(text: str) -> None:
    assert planned(text) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("BEGIN", "transaction control"),
        ("SET work_mem = $1", "session setting"),
        ("VACUUM t", "utility statement"),
        ("REFRESH MATERIALIZED VIEW v", "utility statement"),
        ("CREATE TABLE t (a int GENERATED ALWAYS AS (1) STORED)", "utility statement"),
        ("EXPLAIN SELECT * FROM t", "EXPLAIN"),
        ("EXECUTE p($1)", "EXECUTE: the prepared statement is counted by itself"),
        ("PREPARE TRANSACTION $1", "utility statement"),
        ("FETCH 5 FROM c", "cursor command: its DECLARE is planned"),
        ("INSERT INTO t (a) VALUES ($1)", "INSERT of values: a write that looks nothing up"),
        ("COPY t FROM STDIN", "COPY FROM: a write that looks nothing up"),
        ("SELECT $1", "reads no table"),
        ("SELECT now(), pg_sleep($1)", "reads no table"),
        ("SELECT * FROM generate_series($1, $2)", "reads no table"),
        ("WITH r(n) AS (VALUES ($1)) SELECT extract(year FROM n) FROM r", "reads no table"),
        ("SELECT c.relname FROM pg_class c, pg_namespace n", "system catalog"),
        ("SELECT * FROM information_schema.tables", "system catalog"),
        ("SELECT * FROM public.pg_stat_statements", "system catalog"),
        ("<insufficient privilege>", "text hidden from this role; grant pg_read_all_stats"),
        ("", "text is not kept by the server"),
    ],
)
def test_a_statement_without_use_is_named_with_its_reason(text: str, why: str) -> None:
    assert reason(text) == why


def test_a_text_that_is_cut_is_named_not_planned() -> None:
    assert reason("SELECT 'open").startswith("cannot be read: line 1: string has no closing quote")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT c.relname FROM pg_class c JOIN t ON t.oid = c.oid",
        "SELECT * FROM pg_class WHERE EXISTS (SELECT FROM t)",
        "SELECT (SELECT count(*) FROM t)",
        "SELECT * FROM my_function($1)",
        "INSERT INTO t VALUES ((SELECT max(a) FROM u))",
        "TABLE t",
    ],
)
def test_a_statement_that_may_read_a_table_is_planned(text: str) -> None:
    assert planned(text) == text


def test_weights_identity_and_order() -> None:
    counted = [
        StatementStatistics(7, "SELECT a FROM t WHERE b = $1", 5, 20.0, 5),
        StatementStatistics(-8, "SELECT a FROM t", 2, 80.0, 900),
        StatementStatistics(9, "COMMIT", 100, 3.0, 0),
    ]
    found = workload_of_statements(counted)
    assert [(query.number, query.fingerprint, query.name) for query in found.queries] == [
        (0, "-8", "query -8"),
        (1, "7", "query 7"),
    ]
    assert [(query.calls, query.total_ms, query.values) for query in found.queries] == [
        (2.0, 80.0, ()),
        (5.0, 20.0, None),
    ]
    assert (found.origin, found.seen, found.seen_ms) == (WorkloadOrigin.STATEMENTS, 3, 103.0)
    assert found.is_timed


def test_writes_count_their_rows_also_where_nothing_is_planned() -> None:
    found = workload(
        "UPDATE s.t SET a = $1 WHERE id = $2",
        "INSERT INTO u VALUES ($1) ON CONFLICT (id) DO UPDATE SET n = u.n + $2",
        "DELETE FROM t WHERE a = $1",
    )
    assert found.writes == (
        Write(RelationName("s", "t"), WriteKind.UPDATE, frozenset({"a"}), 30.0),
        Write(RelationName(None, "u"), WriteKind.INSERT, frozenset({"n"}), 30.0),
        Write(RelationName(None, "t"), WriteKind.DELETE, frozenset(), 30.0),
    )


def test_a_view_that_nobody_used_is_an_empty_workload() -> None:
    assert workload_of_statements([]) == Workload(WorkloadOrigin.STATEMENTS, (), seen_ms=0)
