"""The order of rows: what ORDER BY promises counts, also by keys that are no output columns; ties do not."""

from __future__ import annotations

import pytest

from pgtune.model.equivalence import Outcome
from pgtune.shadow.trial.trial import Trial
from tests.shadow.trial.judged import difference, judged

EQUAL = {
    "ties on a hidden column": (
        "SELECT k FROM kv ORDER BY (kv.v)",
        "SELECT k FROM kv ORDER BY kv.v, k DESC",
    ),
    "ties on a hidden column by its bare name": (
        "SELECT k FROM kv ORDER BY v DESC",
        "SELECT k FROM kv ORDER BY v DESC, -k",
    ),
    "ties on a hidden expression": (
        "SELECT k, v FROM kv ORDER BY k % 3 DESC",
        "SELECT k, v FROM kv ORDER BY k % 3 DESC, v, k DESC",
    ),
    "ties on an aggregate of groups": (
        "SELECT a.k FROM pairs AS a GROUP BY a.k ORDER BY sum(a.v)",
        "SELECT s.k FROM (SELECT k, sum(v) AS n FROM pairs GROUP BY k) AS s ORDER BY s.n, s.k DESC",
    ),
    "ties in a query behind a CTE": (
        "WITH few AS (SELECT k, v FROM kv WHERE k < 5 ORDER BY k) SELECT few.k FROM few ORDER BY few.v",
        "SELECT k FROM kv WHERE k < 5 ORDER BY v, k DESC",
    ),
    "equal rows under different hidden keys": (
        "SELECT v FROM kv ORDER BY k / 2",
        "SELECT v FROM kv ORDER BY k / 2, v DESC",
    ),
    "ties on a visible key and a hidden one": (
        "SELECT k, v FROM pairs ORDER BY k, v % 2",
        "SELECT k, v FROM pairs ORDER BY k, v % 2, v DESC",
    ),
    "ties on a hidden key and a visible one": (
        "SELECT k, v FROM kv ORDER BY v % 2, 2",
        "SELECT k, v FROM kv ORDER BY v % 2, v, k DESC",
    ),
    "a column by its own name under an alias": (
        "SELECT p.k AS v, p.v AS w FROM pairs AS p ORDER BY p.v",
        "SELECT p.k AS v, p.v AS w FROM pairs AS p ORDER BY w, 1 DESC",
    ),
    "an output column between parentheses": (
        "SELECT -k AS k, v FROM kv ORDER BY (k)",
        "SELECT -k AS k, v FROM kv ORDER BY kv.k DESC",
    ),
    "DISTINCT under another name": (
        "SELECT DISTINCT p.k AS a, p.v AS b FROM pairs AS p ORDER BY p.k",
        "SELECT p.k, p.v FROM pairs AS p GROUP BY p.k, p.v ORDER BY p.k, p.v DESC",
    ),
    "a limit that cuts no ties": (
        "SELECT kv.v FROM kv ORDER BY kv.k LIMIT 3",
        "SELECT s.v FROM (SELECT k, v FROM kv ORDER BY k LIMIT 3) AS s ORDER BY s.k",
    ),
    "ties by a parameter": (
        "SELECT k FROM kv ORDER BY v % ($1::int * 0 + 3)",
        "SELECT k FROM kv ORDER BY v % ($1::int * 0 + 3), k DESC",
    ),
}

DIFFERENT = {
    "the wrong direction": (
        "SELECT k FROM kv ORDER BY (kv.v) DESC",
        "SELECT k FROM kv ORDER BY (kv.v)",
    ),
    "a dropped second hidden key": (
        "SELECT k FROM kv ORDER BY kv.v, kv.k + 0",
        "SELECT k FROM kv ORDER BY kv.v, kv.k % 2",
    ),
    "a dropped hidden key behind a visible one": (
        "SELECT k, v FROM pairs ORDER BY k, v % 2",
        "SELECT k, v FROM pairs ORDER BY k, v",
    ),
    "a dropped visible key behind a hidden one": (
        "SELECT k, v FROM kv ORDER BY v % 2, k",
        "SELECT k, v FROM kv ORDER BY v % 2, k DESC",
    ),
    "NULLS FIRST and LAST": (
        "SELECT k FROM kv ORDER BY kv.v NULLS FIRST, kv.k",
        "SELECT k FROM kv ORDER BY kv.v NULLS LAST, kv.k",
    ),
    "another hidden expression": (
        "SELECT k FROM kv ORDER BY kv.v % 3",
        "SELECT k FROM kv ORDER BY kv.v % 2",
    ),
    "another aggregate of groups": (
        "SELECT a.k FROM pairs AS a GROUP BY a.k ORDER BY sum(a.v)",
        "SELECT a.k FROM pairs AS a GROUP BY a.k ORDER BY count(a.v)",
    ),
    "no order behind a CTE": (
        "WITH few AS (SELECT k, v FROM kv) SELECT few.k FROM few ORDER BY few.v DESC",
        "WITH few AS (SELECT k, v FROM kv) SELECT few.k FROM few",
    ),
    "equal rows under different hidden keys": (
        "SELECT kv.v FROM kv ORDER BY kv.k",
        "SELECT kv.v FROM kv ORDER BY kv.k DESC",
    ),
    "another column that has the alias of the key": (
        "SELECT p.k AS v, p.v AS w FROM pairs AS p ORDER BY p.v",
        "SELECT p.k AS v, p.v AS w FROM pairs AS p ORDER BY v",
    ),
    "the input column for the output column of its name": (
        "SELECT -k AS k, v FROM kv ORDER BY (k)",
        "SELECT -k AS k, v FROM kv ORDER BY kv.k",
    ),
    "a script that ends in an ordered query": (
        ("SELECT count(*) FROM kv", "SELECT k FROM kv ORDER BY (v), k"),
        ("SELECT count(*) FROM kv", "SELECT k FROM kv ORDER BY k"),
    ),
    "a limit that cuts no ties": (
        "SELECT kv.v FROM kv ORDER BY kv.k LIMIT 3",
        "SELECT s.v FROM (SELECT k, v FROM kv ORDER BY k LIMIT 3) AS s ORDER BY s.k DESC",
    ),
}


@pytest.mark.parametrize("name", EQUAL)
def test_an_order_of_ties_is_no_difference(trial: Trial, name: str) -> None:
    report = judged(trial, *EQUAL[name])
    assert (report.outcome, report.databases) == (Outcome.EQUAL, 200), report


@pytest.mark.parametrize("name", DIFFERENT)
def test_an_order_that_is_not_the_promised_one_is(trial: Trial, name: str) -> None:
    report = judged(trial, *DIFFERENT[name])
    assert report.outcome is Outcome.DIFFERENT, report
    assert "rows come in another order" in difference(report)


@pytest.mark.parametrize("direction", ["", " DESC"])
def test_what_a_limit_cuts_from_hidden_ties_is_not_decided(trial: Trial, direction: str) -> None:
    report = judged(
        trial,
        f"SELECT k FROM kv ORDER BY kv.v{direction} LIMIT 1",
        f"SELECT k FROM kv ORDER BY kv.v{direction}, k DESC LIMIT 1",
    )
    assert report.outcome is Outcome.UNDECIDED
    assert "depends on the plan" in report.reason


def test_where_keys_cannot_be_seen_only_the_visible_ones_before_them_count(trial: Trial) -> None:
    """A list between parentheses that is ordered from outside has no SELECT list to add to."""
    ties = judged(
        trial,
        "(SELECT k, v FROM pairs) ORDER BY k, pairs.v % 2",
        "SELECT k, v FROM pairs ORDER BY k, v DESC",
    )
    assert ties.outcome is Outcome.EQUAL
    wrong = judged(
        trial, "(SELECT k, v FROM pairs) ORDER BY k, pairs.v % 2", "SELECT k, v FROM pairs ORDER BY k DESC"
    )
    assert "rows come in another order" in difference(wrong)
