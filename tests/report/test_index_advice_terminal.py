"""What people read about indexes on a terminal, and what a pipe gets."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from pgtune.model.index_advice import Certificate, Coverage, IndexAdvice, QueryEffect
from pgtune.model.workload import WorkloadOrigin
from pgtune.report.index_advice_phrases import format_change
from pgtune.report.index_advice_sql import render_sql
from tests.golden import Case, Golden, read_cases
from tests.report.index_advices import (
    BY_TITLE,
    BY_USER,
    BY_USER_INDEX,
    DROPS,
    HOSTILE,
    NOTHING,
    OTHER_MAJOR,
    OVER_BUDGET,
    TYPICAL,
    drawn,
)

_COLOURS = re.compile(r"\x1b\[[\d;]*m")
CASES = read_cases(Path(__file__).parent / "index_advice")


def test_each_advice_has_a_layout() -> None:
    assert [case.title for case in CASES] == list(BY_TITLE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_layout(case: Case, golden: Golden) -> None:
    made = BY_TITLE[case.title]
    golden.check(case, "terminal", drawn(made))
    if case.fence("script"):
        golden.check(case, "script", render_sql(made))
    if case.fence("everything-60"):
        golden.check(case, "everything-60", drawn(made, 60, everything=True))


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
@pytest.mark.parametrize("title", BY_TITLE)
@pytest.mark.parametrize("terminal", [False, True])
def test_all_but_what_is_copied_keeps_to_the_width(width: int, title: str, terminal: bool) -> None:
    copied = "CREATE INDEX", "DROP INDEX", "-- "
    lines = _COLOURS.sub("", drawn(BY_TITLE[title], width, everything=True, terminal=terminal)).splitlines()
    assert [line for line in lines if cell_len(line) > width and not line.startswith(copied)] == []


def test_a_pipe_gets_no_boxes_and_no_colours_and_a_terminal_does() -> None:
    assert not set("╭│\x1b") & set(drawn(DROPS))
    assert {"╭", "\x1b"} <= set(drawn(DROPS, terminal=True))


def test_each_number_leads_to_one_statement() -> None:
    lines = drawn(DROPS).splitlines()
    below = {line: lines[at + 1].split(" ON ")[0] for at, line in enumerate(lines) if line.startswith("-- [")}
    assert {line[:6]: statement for line, statement in below.items()} == {
        "-- [1]": "CREATE INDEX CONCURRENTLY orders_user_id_status_total_idx",
        "-- [2]": "DROP INDEX CONCURRENTLY public.orders_total_idx;",
        "-- [3]": "DROP INDEX CONCURRENTLY public.orders_note_idx;",
    }


@pytest.mark.parametrize(
    ("certificate", "end"),
    [
        (None, "(-35.5 %)"),
        (Certificate(9, 0.645, 0.645, complete=True), "(-35.5 %), the best possible set"),
        (Certificate(9, 0.6385, 0.645, complete=True), "gap to the best possible set at most 1.0 %"),
        (
            Certificate(9, 0.5, 0.645, complete=False, stopped_by="time limit"),
            "gap to the best possible set at most 22.5 % (search ended by time limit)",
        ),
    ],
)
def test_the_headline_says_how_good_the_set_is(certificate: Certificate | None, end: str) -> None:
    assert drawn(replace(TYPICAL, certificate=certificate), 140).splitlines()[0].endswith(end)


@pytest.mark.parametrize(
    ("planned_ms", "seen_ms", "said"),
    [
        (None, None, "5 of 412 statements (pg_stat_statements)"),
        (50.0, 100.0, "5 of 412 statements, 50 % of the time (pg_stat_statements)"),
        (99.9, 100.0, "5 of 412 statements, >99 % of the time (pg_stat_statements)"),
        (100.0, 100.0, "5 of 412 statements, 100 % of the time (pg_stat_statements)"),
    ],
)
def test_coverage_never_rounds_to_all(planned_ms: float | None, seen_ms: float | None, said: str) -> None:
    coverage = Coverage(WorkloadOrigin.STATEMENTS, 5, 412, planned_ms, seen_ms, ())
    assert said in drawn(replace(TYPICAL, coverage=coverage)).splitlines()


def test_another_major_is_told_in_the_first_lines_and_in_colour() -> None:
    lines = drawn(OTHER_MAJOR, terminal=True).splitlines()[:4]
    assert any("\x1b[1;33mMAJORS DIFFER" in line for line in lines)
    assert "MAJORS DIFFER" not in drawn(TYPICAL)


def test_nothing_to_suggest_says_whether_that_is_proven() -> None:
    assert "38 candidates were tried in 120 questions to the planner; no set" in drawn(NOTHING, 140)
    assert "pays, which is proven." in drawn(NOTHING, 140)
    stopped = Certificate(38, 0.9, 1.0, complete=False, stopped_by="time limit")
    out = drawn(replace(NOTHING, certificate=stopped), 140)
    assert "proven" not in out
    assert "The search was ended by time limit: at most 10 % of the cost may be left to save." in out


def test_a_workload_without_a_plan_is_the_reason_for_nothing() -> None:
    coverage = Coverage(WorkloadOrigin.FILES, 0, 3, None, None, ())
    out = drawn(replace(NOTHING, coverage=coverage, certificate=None))
    assert "No statement of the workload could be planned." in out
    assert "no candidate" not in out


def many() -> IndexAdvice:
    effects = tuple(
        QueryEffect(replace(BY_USER, name=f"query {number}"), 100.0, after)
        for number, after in enumerate([10.0] * 5 + [104.0] * 4)
    )
    return replace(
        TYPICAL, recommendations=(replace(BY_USER_INDEX, effects=effects),), rejections=(OVER_BUDGET,) * 7
    )


def test_few_queries_and_rejections_are_shown_and_the_rest_counted() -> None:
    out = drawn(many())
    assert out.count("budget: With it") == 5
    assert "2 more not taken: --all lists them" in out
    assert "2 more queries gain, 1 more query loses: --all lists them" in out
    assert "for SELECT status, total FROM orders WHERE… ÷10, SELECT" in out
    assert "3 more" in out


def test_all_shows_every_query_rejection_and_skipped_statement() -> None:
    out = drawn(many(), everything=True)
    assert out.count("budget: With it") == 7
    assert out.count("+4.0 %  query") == 4
    assert 'Left out: query 9: cannot be planned: relation "gone" does not exist' in out
    assert "--all" not in out


def test_the_text_of_a_query_stands_beside_a_name_that_does_not_tell_it() -> None:
    out = drawn(TYPICAL)
    assert "query 1000  SELECT status, total FROM orders WHERE user_id = $1" in out
    files = replace(TYPICAL, coverage=replace(TYPICAL.coverage, origin=WorkloadOrigin.FILES))
    assert "SELECT status" not in drawn(files)


@pytest.mark.parametrize("everything", [False, True])
def test_nothing_from_a_server_reaches_the_terminal_as_a_control(everything: bool) -> None:
    out = drawn(HOSTILE, everything=everything)
    assert not {"\x1b", "\x07", "\u202e", "\udcff", "\r"} & set(out)
    assert "\\x1b]0;owned\\x07" in out


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (12345.0, 102.9, "÷120"),
        (900.0, 281.25, "÷3.2"),
        (100.0, 88.0, "-12.0 %"),
        (100.0, 99.99, "same"),
        (100.0, 104.0, "+4.0 %"),
        (100.0, 250.0, "×2.5"),
        (0.0, 0.0, "same"),
        (5.0, 0.0, "÷500"),
    ],
)
def test_a_change_is_a_factor_from_two_on_and_a_percentage_below(
    before: float, after: float, said: str
) -> None:
    assert format_change(before, after) == said
