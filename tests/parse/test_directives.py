"""``-- pgtune: ...`` comments are read where they stand, and a wrong one is named, not ignored."""

from __future__ import annotations

import pytest

from pgtune.errors import StatementError
from pgtune.model.allow import Allow
from pgtune.parse.directives import read_directives
from pgtune.parse.sql_split import Comment, read_script


@pytest.mark.parametrize(
    ("comment", "allows"),
    [
        ("-- pgtune: allow disk-sort", [Allow("disk-sort", "", 7)]),
        ("--pgtune:allow disk-sort nightly report", [Allow("disk-sort", "nightly report", 7)]),
        ("/* pgtune: allow disk-sort: it is small */", [Allow("disk-sort", "it is small", 7)]),
        (
            "-- pgtune: allow a-b, c-d both known",
            [Allow("a-b", "both known", 7), Allow("c-d", "both known", 7)],
        ),
        ("-- pgtune: allow a-b - why, not", [Allow("a-b", "why, not", 7)]),
        (
            "/*\n * pgtune: allow a-b one\n * pgtune: allow c-d\n */",
            [Allow("a-b", "one", 8), Allow("c-d", "", 9)],
        ),
        ("-- pgtune is good", []),
        ("-- see pgtune: allow disk-sort", []),
        ("-- allow disk-sort", []),
    ],
)
def test_an_allow_names_its_rules_reason_and_line(comment: str, allows: list[Allow]) -> None:
    assert list(read_directives([Comment(comment, 7)]).allows) == allows


@pytest.mark.parametrize("order", ["", "allow", "alow disk-sort", "allow , x", "ignore disk-sort", "allow 5"])
def test_an_order_that_says_nothing_is_an_error_with_its_line(order: str) -> None:
    with pytest.raises(StatementError, match="line 3: "):
        read_directives([Comment(f"-- pgtune: {order}", 3)])


def test_the_line_is_that_of_the_file() -> None:
    sql = "SELECT 1; -- pgtune: allow one\n\n-- pgtune: allow two\nSELECT '-- pgtune: allow none'\n"
    found = [read_directives(statement.comments).allows for statement in read_script(sql).statements]
    assert found == [(Allow("one", "", 1),), (Allow("two", "", 3),)]


@pytest.mark.parametrize(
    ("order", "name", "value"),
    [
        ("set work_mem = '64kB'", "work_mem", "64kB"),
        ("set enable_seqscan = off", "enable_seqscan", "off"),
        ("set enable_seqscan TO off;", "enable_seqscan", "off"),
        ("set search_path = 'a''b'", "search_path", "a'b"),
    ],
)
def test_a_planner_setting_holds_for_the_statement(order: str, name: str, value: str) -> None:
    assert read_directives([Comment(f"-- pgtune: {order}", 1)]).settings == {name: value}


@pytest.mark.parametrize(
    "name", ["transaction_read_only", "role", "session_authorization", "statement_timeout", "log_statement"]
)
def test_a_comment_cannot_lift_the_guards(name: str) -> None:
    with pytest.raises(StatementError, match=f"{name} cannot be set from a comment"):
        read_directives([Comment(f"-- pgtune: set {name} = off", 1)])


def test_parameters_and_examples() -> None:
    found = read_directives([Comment("-- pgtune: param 1=42", 1), Comment("-- pgtune: trips disk-sort", 2)])
    assert found.params == {"1": "42"}
    assert found.trips == ("disk-sort",)


@pytest.mark.parametrize(("order", "calls"), [("calls 5000", 5000.0), ("calls 0.5", 0.5)])
def test_a_statement_says_how_often_it_runs(order: str, calls: float) -> None:
    assert read_directives([Comment(f"-- pgtune: {order}", 1)]).calls == calls
    assert read_directives([Comment("-- pgtune: param 1=42", 1)]).calls is None


@pytest.mark.parametrize("order", ["calls", "calls 0", "calls -1", "calls often", "calls 1e3", "calls 5 000"])
def test_calls_that_are_no_number_above_0_are_refused(order: str) -> None:
    with pytest.raises(StatementError, match="line 4: calls takes a number above 0"):
        read_directives([Comment(f"-- pgtune: {order}", 4)])


def test_calls_are_given_once() -> None:
    with pytest.raises(StatementError, match="line 2: calls is given twice"):
        read_directives([Comment("-- pgtune: calls 5", 1), Comment("-- pgtune: calls 6", 2)])
