"""Pairs of queries: what is the same, what is not, and what nobody can tell."""

from __future__ import annotations

import pytest

from pgtune.errors import StatementError, StatementRefused
from pgtune.model.equivalence import Outcome, QueryPair, TestLimits
from pgtune.shadow.trial.trial import Trial
from tests.shadow.trial.judged import difference, judged

EQUAL = {
    "NOT IN over columns that are never NULL": (
        "SELECT k FROM kv WHERE k NOT IN (SELECT v FROM pairs)",
        "SELECT k FROM kv WHERE NOT EXISTS (SELECT FROM pairs WHERE pairs.v = kv.k)",
    ),
    "an average is a sum by a count": (
        "SELECT avg(v) FROM kv",
        "SELECT sum(v)::numeric / nullif(count(v), 0) FROM kv",
    ),
    "a view is its query": (
        "SELECT email FROM happy",
        "SELECT email FROM customers WHERE mood = 'happy'",
    ),
    "a domain keeps its promise": (
        "SELECT quantity FROM orders WHERE quantity > 0",
        "SELECT quantity FROM orders",
    ),
    "so does a check": ("SELECT id FROM customers WHERE length(email) < 9", "SELECT id FROM customers"),
    "so does a foreign key": (
        "SELECT o.id FROM orders AS o JOIN customers AS c ON c.id = o.customer_id",
        "SELECT id FROM orders WHERE customer_id IS NOT NULL",
    ),
    "a function reads the tables in its body": (
        "SELECT id, ordered(id) FROM customers",
        "SELECT id, (SELECT sum(quantity) FROM orders WHERE customer_id = customers.id) FROM customers",
    ),
    "an array is a parameter": (
        "SELECT email FROM customers WHERE id = ANY ($1::int[])",
        "SELECT email FROM customers AS c WHERE EXISTS (SELECT FROM unnest($1::int[]) AS x WHERE x = c.id)",
    ),
    "ties may come in any order": (
        "SELECT v, k FROM kv ORDER BY v",
        "SELECT v, k FROM kv ORDER BY v, k DESC",
    ),
    "a sequence begins anew": (
        "SELECT k, nextval('tickets') FROM kv ORDER BY k",
        "SELECT k, 100000 + row_number() OVER (ORDER BY k) FROM kv ORDER BY k",
    ),
    "now() stands still": ("SELECT k, now() FROM kv", "SELECT k, current_timestamp FROM kv"),
}

DIFFERENT = {
    "NOT IN and NULL": (
        "SELECT k FROM kv WHERE k NOT IN (SELECT v FROM kv)",
        "SELECT k FROM kv AS a WHERE NOT EXISTS (SELECT FROM kv AS b WHERE b.v = a.k)",
        "the original returns 0 rows, the other 1",
    ),
    "the count of an absent group": (
        "SELECT id, (SELECT count(*) FROM orders WHERE customer_id = c.id) FROM customers AS c",
        (
            "SELECT id, n FROM customers LEFT JOIN "
            "(SELECT customer_id, count(*) AS n FROM orders GROUP BY 1) AS g ON customer_id = id"
        ),
        ", 0), the other (",
    ),
    "duplicates": (
        "SELECT v FROM pairs WHERE k = 1 UNION SELECT v FROM pairs WHERE k = 2",
        "SELECT v FROM pairs WHERE k = 1 UNION ALL SELECT v FROM pairs WHERE k = 2",
        "the original returns 1 row, the other 2",
    ),
    "a lost order": (
        "SELECT k, v FROM kv ORDER BY v DESC, k DESC",
        "SELECT k, v FROM kv",
        "rows come in another order",
    ),
    "a lost order by an expression": (
        "SELECT k, v FROM kv ORDER BY v + k, k DESC",
        "SELECT k, v FROM kv ORDER BY k",
        "rows come in another order",
    ),
    "an error of the other alone": (
        "SELECT k FROM kv WHERE v <> 0 AND k / v > 0",
        "SELECT k FROM kv WHERE k / v > 0",
        "the other one fails: 22012 division by zero",
    ),
    "rows outside of all partitions count": (
        "SELECT count(*) FROM parts",
        "SELECT count(*) FROM parts WHERE d >= '2024-01-01' AND d < '2024-02-01'",
        "the original returns (1), the other (0)",
    ),
    "a partition by its own name": (
        "SELECT count(v) FROM parts_2024",
        "SELECT count(*) FROM parts_2024",
        "the original returns (0), the other (1)",
    ),
    "fewer columns": (
        "SELECT k, v FROM kv",
        "SELECT k FROM kv",
        "the original returns 2 columns, the other 1",
    ),
}

UNDECIDED = {
    "ties": (
        "SELECT k FROM kv ORDER BY v LIMIT 1",
        "SELECT k FROM kv ORDER BY v LIMIT 1",
        "depends on the plan",
    ),
    "a limit": ("SELECT k FROM kv LIMIT 2", "SELECT k FROM kv LIMIT 2", "LIMIT without ORDER BY"),
    "chance": ("SELECT random() FROM kv", "SELECT random() FROM kv", "random() gives another value"),
    "nothing to see": (
        "SELECT k FROM kv WHERE md5(k::text) = 'a'",
        "SELECT k FROM kv WHERE md5(k::text) = 'b'",
        "no database gave a row",
    ),
    "always an error": ("SELECT 1 / 0 FROM kv", "SELECT 1 / 0 FROM kv, kv AS b", ""),
}


@pytest.mark.parametrize("name", EQUAL)
def test_what_is_the_same_is_never_called_different(trial: Trial, name: str) -> None:
    report = judged(trial, *EQUAL[name])
    assert (report.outcome, report.databases) == (Outcome.EQUAL, 200), report
    assert report.is_tested
    assert report.not_empty > 10


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_differs_is_shown(trial: Trial, name: str) -> None:
    original, rewritten, words = DIFFERENT[name]
    report = judged(trial, original, rewritten)
    assert report.outcome is Outcome.DIFFERENT
    assert words in difference(report)


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_nobody_can_tell_is_not_called_equal(trial: Trial, name: str) -> None:
    original, rewritten, reason = UNDECIDED[name]
    report = judged(trial, original, rewritten)
    assert report.outcome is Outcome.UNDECIDED
    assert reason in report.reason
    assert report.reason


@pytest.mark.parametrize("condition", ["false", "v > 5 AND v < 5", "v IS NULL AND v = 1"])
def test_two_that_never_read_a_table_are_the_same(trial: Trial, condition: str) -> None:
    report = judged(trial, f"SELECT k FROM kv WHERE {condition}", "SELECT k FROM kv WHERE 1 = 0")
    assert (report.outcome, report.not_empty) == (Outcome.EQUAL, 0), report
    assert "neither plan reads a table: what the two return does not depend on any row" in report.remarks


def test_arithmetic_out_of_range_at_the_ends_of_a_type_is_a_remark(trial: Trial) -> None:
    pair = QueryPair(("SELECT k FROM kv WHERE k - 1 = v",), ("SELECT k FROM kv WHERE k = v + 1",))
    report = trial.test(pair, TestLimits(databases=400))
    assert report.outcome is Outcome.EQUAL, report
    (remark,) = (each for each in report.remarks if "the least and greatest values" in each)
    assert remark.endswith("the other one alone fails: 22003 integer out of range")


def test_out_of_range_elsewhere_is_a_difference(trial: Trial) -> None:
    report = judged(trial, "SELECT v FROM kv WHERE v > 40000", "SELECT v::int2 FROM kv WHERE v > 40000")
    assert difference(report) == "the other one fails: 22003 smallint out of range"


def test_an_error_that_goes_away_is_no_difference(trial: Trial) -> None:
    report = judged(
        trial,
        "SELECT id, (SELECT quantity FROM orders WHERE customer_id = c.id) FROM customers AS c",
        "SELECT c.id, quantity FROM customers AS c LEFT JOIN orders AS o ON o.customer_id = c.id",
    )
    assert report.outcome is not Outcome.DIFFERENT
    assert report.original_failed > 0
    assert any("21000" in remark for remark in report.remarks)


def test_ties_that_only_the_other_depends_on_refute_it(trial: Trial) -> None:
    report = judged(
        trial,
        "SELECT v FROM pairs AS p WHERE v = (SELECT max(v) FROM pairs WHERE k = p.k)",
        "SELECT DISTINCT ON (k) v FROM pairs ORDER BY k",
    )
    assert report.outcome is Outcome.DIFFERENT


def test_another_type_is_a_remark(trial: Trial) -> None:
    report = judged(trial, "SELECT sum(k) FROM kv", "SELECT sum(k::numeric) FROM kv")
    assert report.outcome is Outcome.EQUAL
    assert report.remarks == ("column 1 is numeric, was bigint",)


def test_the_same_seed_finds_the_same_counterexample(trial: Trial) -> None:
    sides = DIFFERENT["NOT IN and NULL"][:2]
    first, second = judged(trial, *sides), judged(trial, *sides)
    assert first.counterexample == second.counterexample
    assert first.databases == second.databases


def test_a_statement_that_never_ends_is_given_up(trial: Trial) -> None:
    endless = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i FROM n) SELECT count(*) FROM n"
    report = trial.test(QueryPair((endless,), ("SELECT 1",)), TestLimits(time_limit_ms=500))
    assert report.outcome is Outcome.UNDECIDED
    assert report.reason == "time was up after 0 databases"


@pytest.mark.parametrize(
    ("statement", "error", "words"),
    [
        ("SELEC 1", StatementError, 'syntax error at or near "SELEC"'),
        ("SELECT * FROM nowhere", StatementRefused, 'relation "nowhere" does not exist'),
        ("SELECT nothing FROM kv", StatementRefused, 'column "nothing" does not exist'),
        ("SELECT 1; DROP TABLE kv", StatementError, "several statements"),
        ("DROP TABLE kv", StatementRefused, "no statement that can be compared"),
        ("-- nothing", StatementError, "empty statement"),
    ],
)
def test_a_statement_that_cannot_be_tried_is_refused(
    trial: Trial, statement: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words.replace("(", r"\(")):
        trial.check(statement)
    trial.check("SELECT k FROM kv")


def test_columns_have_the_names_and_types_of_the_result(trial: Trial) -> None:
    found = trial.columns('SELECT k, v::numeric(5,2) AS x, mood AS "Y" FROM kv, customers')
    assert [(column.name, column.type) for column in found] == [
        ("k", "integer"),
        ("x", "numeric(5,2)"),
        ("Y", "public.mood"),
    ]
